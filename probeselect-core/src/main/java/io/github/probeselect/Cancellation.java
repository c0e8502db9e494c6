package io.github.probeselect;

import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A wish to stop, set by any thread, or a deadline; obeyed by the generation before its next
 * denoiser call. It also knows on which thread the generation runs, and whether that thread runs
 * code of the caller, so that no thread waits for a callback that waits for it.
 */
final class Cancellation {

  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

  private final Optional<Instant> deadline;
  private volatile @Nullable Thread thread;
  private int callbacks;
  private long inCallbackSince;

  Cancellation(Optional<Instant> deadline) {
    this.deadline = deadline;
  }

  Optional<Instant> deadline() {
    return deadline;
  }

  void cancel(String why) {
    reason.compareAndSet(null, why);
  }

  void check() {
    String why = reason.get();
    if (why != null) {
      throw new GenerationCancelledException(why);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    if (deadline.isPresent() && !Instant.now().isBefore(deadline.get())) {
      throw late();
    }
  }

  static GenerationCancelledException interrupted() {
    return new GenerationCancelledException("the thread that ran the generation was interrupted");
  }

  DeadlineExceededException late() {
    return new DeadlineExceededException(
        "the deadline, "
            + deadline.orElseThrow()
            + ", passed before the generation was done; request less, set a later deadline, or use a"
            + " session, which keeps the steps done");
  }

  /** The generation begins on the current thread. */
  synchronized void begin() {
    thread = Thread.currentThread();
    WaitGraph.beginWork();
  }

  /** The generation has ended on its thread. */
  synchronized void end() {
    thread = null;
    WaitGraph.endWork();
    notifyAll();
  }

  /** The thread on which it runs; {@code null} before and after. */
  @Nullable Thread thread() {
    return thread;
  }

  /** Runs a callback; a close waits only a limited time for it. */
  <T extends @Nullable Object> T callback(Supplier<T> code) {
    count(1);
    try {
      return code.get();
    } finally {
      count(-1);
    }
  }

  /** Runs a callback that returns nothing. */
  void callback(Runnable code) {
    callback(
        () -> {
          code.run();
          return null;
        });
  }

  private synchronized void count(int more) {
    if (callbacks == 0) {
      inCallbackSince = System.nanoTime();
    }
    callbacks += more;
    notifyAll();
  }

  /**
   * Waits until the generation has ended, but only a limited time for a callback.
   *
   * @param patience how long a callback may take from now or from its begin, in nanoseconds
   * @return whether it has ended
   */
  synchronized boolean awaitEnd(long patience) throws InterruptedException {
    long now = System.nanoTime();
    while (thread != null) {
      if (callbacks == 0) {
        wait();
      } else {
        long begun = Math.max(inCallbackSince - now, 0);
        long left = patience - (System.nanoTime() - now - begun);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }
    return true;
  }
}
