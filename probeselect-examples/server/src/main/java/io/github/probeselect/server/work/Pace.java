package io.github.probeselect.server.work;

import java.time.Duration;

/** How long requests take, measured on the last ones. Not thread-safe. */
final class Pace {

  /** The weight of the last request; older ones fade. */
  private static final double WEIGHT = 0.2;

  private final int workers;
  private double seconds;
  private boolean measured;
  private double promisedAt;

  Pace(int workers) {
    this.workers = workers;
  }

  void took(Duration time) {
    double last = time.toNanos() * 1e-9;
    seconds = measured ? (1 - WEIGHT) * seconds + WEIGHT * last : last;
    measured = true;
  }

  /**
   * In how many seconds a place will be free for one more of those that were refused: one after the
   * other as requests finish, and at the latest when all that are here now are done.
   *
   * @param now in seconds, on any clock that goes forward
   * @param here requests that run or wait
   */
  long retryAfter(double now, int here) {
    double each = seconds / workers;
    promisedAt = Math.min(Math.max(promisedAt, now) + each, now + each * here);
    return Math.max(1, (long) Math.ceil(promisedAt - now));
  }
}
