package io.github.probeselect.testing;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Holds a thread at one place until a test lets it go on, so that the test can act while a
 * generation is known to be there.
 */
public final class Gate {

  private static final long SECONDS = 30;

  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  /** Waits here until the gate is opened; an interrupt is kept for later. */
  public void pass() {
    arrived.countDown();
    await(opened, "nobody opened the gate");
  }

  /** Waits until a thread stands at the gate. */
  public void awaitArrival() {
    await(arrived, "nobody came to the gate");
  }

  /** Lets the thread go on. */
  public void open() {
    opened.countDown();
  }

  private static void await(CountDownLatch latch, String otherwise) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (!latch.await(SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(otherwise + " within " + SECONDS + " seconds");
          }
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
