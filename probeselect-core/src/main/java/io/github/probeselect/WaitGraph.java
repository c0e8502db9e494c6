package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records which threads wait for which others inside the library, and refuses a wait that would
 * deadlock: a callback that waits for the generation that called it, or two callbacks that wait for
 * each other. Waits on anything else, such as a latch, are not recorded. Thread-safe.
 */
final class WaitGraph {

  /** What every waiting thread waits for: the thread that works on it. */
  private static final Map<Thread, Supplier<@Nullable Thread>> WAITING = new HashMap<>();

  /** The number of nested tasks of the current thread that other threads may wait for. */
  private static final ThreadLocal<Integer> WORKS = ThreadLocal.withInitial(() -> 0);

  private WaitGraph() {}

  /** The current thread begins a task that other threads may wait for. */
  static void beginWork() {
    WORKS.set(WORKS.get() + 1);
  }

  /** The current thread has ended such a task. */
  static void endWork() {
    int left = WORKS.get() - 1;
    if (left == 0) {
      WORKS.remove();
    } else {
      WORKS.set(left);
    }
  }

  /** Whether the current thread runs a task that other threads may wait for. */
  static boolean worksHere() {
    int works = WORKS.get();
    if (works == 0) {
      WORKS.remove();
    }
    return works > 0;
  }

  /** A wait of the current thread, which counts as waiting until it ends it. */
  @FunctionalInterface
  interface Wait {
    void end();
  }

  /**
   * Records that the current thread is about to wait.
   *
   * @param worker the thread that does the awaited work; {@code null} while none does
   * @throws InvalidRequestException with this refusal as message if that thread waits, directly or
   *     through others, for the current one
   */
  static Wait begin(Supplier<@Nullable Thread> worker, String refusal) {
    Thread waiting = Thread.currentThread();
    synchronized (WAITING) {
      refuseCircle(worker, refusal);
      Supplier<@Nullable Thread> before = WAITING.put(waiting, worker);
      return () -> {
        synchronized (WAITING) {
          if (before == null) {
            WAITING.remove(waiting);
          } else {
            WAITING.put(waiting, before);
          }
        }
      };
    }
  }

  /**
   * Refuses a wait that would deadlock, as {@link #begin} does, without recording it.
   *
   * @throws InvalidRequestException as above
   */
  static void refuseCircle(Supplier<@Nullable Thread> worker, String refusal) {
    synchronized (WAITING) {
      Supplier<@Nullable Thread> next = worker;
      for (int hops = 0; next != null && hops <= WAITING.size(); hops++) {
        Thread thread = next.get();
        if (thread == Thread.currentThread()) {
          throw new InvalidRequestException(refusal);
        }
        next = thread == null ? null : WAITING.get(thread);
      }
    }
  }
}
