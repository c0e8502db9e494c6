package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has calls wait for one another, but none for itself: a callback of the call that holds the lock
 * is refused, on whatever thread it waits.
 */
final class CallLock {

  private static final long LOOK_AROUND_MILLIS = 5;

  private final Lock lock = new Lock();
  private final String refusal;

  /** Knows its owner. */
  private static final class Lock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    @Override
    protected @Nullable Thread getOwner() {
      return super.getOwner();
    }
  }

  /**
   * Creates a lock.
   *
   * @param refusal what a callback of the call that holds the lock is told
   */
  CallLock(String refusal) {
    this.refusal = refusal;
  }

  /**
   * Makes a call when no other is under way.
   *
   * @throws InvalidRequestException if the other call waits for this one
   */
  <T> T alone(Supplier<T> call) {
    Waits.Wait wait = Waits.begin(lock::getOwner, refusal);
    try {
      lock.lock();
    } finally {
      wait.end();
    }
    return locked(call);
  }

  /**
   * Makes a call when no other is under way, unless it is to stop before.
   *
   * @throws InvalidRequestException if the other call waits for this one
   */
  <T> T alone(Supplier<T> call, Cancellation cancellation) {
    Waits.Wait wait = Waits.begin(lock::getOwner, refusal);
    try {
      do {
        cancellation.check();
      } while (!lock.tryLock(LOOK_AROUND_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Cancellation.interrupted();
    } finally {
      wait.end();
    }
    return locked(call);
  }

  private <T> T locked(Supplier<T> call) {
    Waits.beginWork();
    try {
      return call.get();
    } finally {
      Waits.endWork();
      lock.unlock();
    }
  }
}
