package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock for calls that run one at a time. A callback of the call that holds the lock is refused
 * instead of deadlocking, on whatever thread it waits.
 */
final class CallLock {

  private static final long LOOK_AROUND_MILLIS = 5;

  private final Lock lock = new Lock();
  private final String refusal;

  /** Makes the owner visible. */
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
   * @param refusal the exception message for a callback of the call that holds the lock
   */
  CallLock(String refusal) {
    this.refusal = refusal;
  }

  /**
   * Runs a call once no other call runs.
   *
   * @throws InvalidRequestException if the other call waits for this one
   */
  <T> T alone(Supplier<T> call) {
    WaitGraph.Wait wait = WaitGraph.begin(lock::getOwner, refusal);
    try {
      lock.lock();
    } finally {
      wait.end();
    }
    return locked(call);
  }

  /**
   * Runs a call once no other call runs, unless it is cancelled while it waits.
   *
   * @throws InvalidRequestException if the other call waits for this one
   */
  <T> T alone(Supplier<T> call, Cancellation cancellation) {
    WaitGraph.Wait wait = WaitGraph.begin(lock::getOwner, refusal);
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
    WaitGraph.beginWork();
    try {
      return call.get();
    } finally {
      WaitGraph.endWork();
      lock.unlock();
    }
  }
}
