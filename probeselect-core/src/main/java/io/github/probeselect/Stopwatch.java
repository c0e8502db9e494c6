package io.github.probeselect;

import java.time.Duration;

/** Times the parts of one generation. */
final class Stopwatch {

  private final long start = System.nanoTime();
  private long mark = start;
  private Duration encode = Duration.ZERO;
  private Duration early = Duration.ZERO;
  private Duration decide = Duration.ZERO;
  private Duration remaining = Duration.ZERO;
  private Duration decode = Duration.ZERO;

  void encoded() {
    encode = lap();
  }

  void early() {
    early = early.plus(lap());
  }

  void decided() {
    decide = decide.plus(lap());
  }

  void remained() {
    remaining = lap();
  }

  void decoded() {
    decode = lap();
  }

  Timings timings() {
    Duration total = Duration.ofNanos(System.nanoTime() - start);
    return new Timings(encode, early, decide, remaining, decode, total);
  }

  private Duration lap() {
    long now = System.nanoTime();
    Duration lap = Duration.ofNanos(now - mark);
    mark = now;
    return lap;
  }
}
