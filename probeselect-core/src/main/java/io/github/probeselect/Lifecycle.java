package io.github.probeselect;

import io.github.probeselect.error.BackendException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Admits generations until it is closed, and releases the model when the last one has ended. */
final class Lifecycle {

  static final String CLOSED = "the pipeline is closed; open it again to generate";
  static final String WAS_CLOSED = "the pipeline was closed";

  /** How long a close waits for a callback, in nanoseconds. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private final Runnable release;
  private final Set<Cancellation> accepted = new HashSet<>();
  private final Set<Cancellation> running = new HashSet<>();
  private boolean closed;
  private boolean released;

  Lifecycle(Runnable release) {
    this.release = release;
  }

  private void checkOpen() {
    if (closed) {
      throw new BackendException(CLOSED);
    }
  }

  /** Admits a generation that is to be queued. */
  synchronized void accept(Cancellation waiting) {
    checkOpen();
    accepted.add(waiting);
  }

  /** A generation begins. If it was accepted before the close, it is cancelled already. */
  synchronized void enter(Cancellation cancellation) {
    if (!accepted.remove(cancellation)) {
      checkOpen();
    }
    running.add(cancellation);
    cancellation.begin();
  }

  /** A generation ends, or is abandoned while queued. */
  synchronized void leave(Cancellation cancellation) {
    accepted.remove(cancellation);
    if (running.remove(cancellation)) {
      cancellation.end();
    }
    releaseIfIdle();
  }

  /** Refuses further work, and cancels what is under way. */
  synchronized void shut() {
    closed = true;
    accepted.forEach(cancellation -> cancellation.cancel(WAS_CLOSED));
    running.forEach(cancellation -> cancellation.cancel(WAS_CLOSED));
  }

  /**
   * Shuts, waits for the work under way, and releases the model; or leaves the release to the last
   * work that ends, if one is in a callback that takes long: it may be waiting for this very call.
   */
  void close() {
    shut();
    Set<Cancellation> busyElsewhere = new HashSet<>();
    boolean interrupted = false;
    for (Optional<Cancellation> other = otherThan(busyElsewhere);
        other.isPresent();
        other = otherThan(busyElsewhere)) {
      try {
        if (!other.get().awaitEnd(PATIENCE)) {
          busyElsewhere.add(other.get());
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    releaseIfIdle();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Work to wait for; empty if the current thread is itself in a callback of one of them. */
  private synchronized Optional<Cancellation> otherThan(Set<Cancellation> some) {
    return running.stream().anyMatch(one -> one.thread() == Thread.currentThread())
        ? Optional.empty()
        : running.stream().filter(one -> !some.contains(one)).findAny();
  }

  private synchronized void releaseIfIdle() {
    if (closed && !released && running.isEmpty()) {
      released = true;
      release.run();
    }
  }
}
