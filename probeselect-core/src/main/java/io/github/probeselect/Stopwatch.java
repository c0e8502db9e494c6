package io.github.probeselect;

import io.github.probeselect.GenerationResult.Timings;
import java.time.Duration;

/** Times the parts of one generation, or of a session while it computes. */
final class Stopwatch {

  private long mark = System.nanoTime();
  private Duration encode = Duration.ZERO;
  private Duration early = Duration.ZERO;
  private Duration decide = Duration.ZERO;
  private Duration remaining = Duration.ZERO;
  private Duration decode = Duration.ZERO;

  /** Starts timing; the time before is not counted. */
  void resume() {
    mark = System.nanoTime();
  }

  void encoded() {
    encode = encode.plus(lap());
  }

  void early() {
    early = early.plus(lap());
  }

  void decided() {
    decide = decide.plus(lap());
  }

  void remained() {
    remaining = remaining.plus(lap());
  }

  void decoded() {
    decode = decode.plus(lap());
  }

  Timings timings() {
    Duration total = encode.plus(early).plus(decide).plus(remaining).plus(decode);
    return new TimingsValues(encode, early, decide, remaining, decode, total);
  }

  private Duration lap() {
    long now = System.nanoTime();
    Duration lap = Duration.ofNanos(now - mark);
    mark = now;
    return lap;
  }
}
