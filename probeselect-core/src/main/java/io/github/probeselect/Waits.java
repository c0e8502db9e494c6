package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which threads wait for which others, as far as the library knows. A wait that closes a circle
 * would never end, so it is refused instead: that of a callback for the generation that called it,
 * and those of two callbacks for each other. Waits on anything else, such as a latch, cannot be
 * seen. Thread-safe.
 */
final class Waits {

  /** What every waiting thread waits for: the thread that works on it. */
  private static final Map<Thread, Supplier<@Nullable Thread>> WAITING = new HashMap<>();

  /** How many things that other threads may wait for the current thread is at. */
  private static final ThreadLocal<Integer> WORKS = ThreadLocal.withInitial(() -> 0);

  private Waits() {}

  /** The current thread begins something that other threads may wait for. */
  static void beginWork() {
    WORKS.set(WORKS.get() + 1);
  }

  /** It has ended that. */
  static void endWork() {
    int left = WORKS.get() - 1;
    if (left == 0) {
      WORKS.remove();
    } else {
      WORKS.set(left);
    }
  }

  /** Whether the current thread is at something that other threads may wait for. */
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
   * Notes that the current thread is about to wait.
   *
   * @param worker the thread that works on what is waited for; {@code null} while none does
   * @throws InvalidRequestException with this refusal if that thread waits, directly or by way of
   *     others, for the current one
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
   * Refuses a wait that would have to end by itself, as {@link #begin} does, without noting it.
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
