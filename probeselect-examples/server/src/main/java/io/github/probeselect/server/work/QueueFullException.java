package io.github.probeselect.server.work;

/** All places of the queue are taken. */
public final class QueueFullException extends RuntimeException {

  private final long retryAfterSeconds;

  QueueFullException(int waiting, long retryAfterSeconds) {
    super(
        "all places are taken, and "
            + waiting
            + " requests wait; try again in "
            + retryAfterSeconds
            + " seconds");
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** When a place is expected to be free, by the time that requests took so far. */
  public long retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
