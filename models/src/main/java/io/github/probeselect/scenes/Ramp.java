package io.github.probeselect.scenes;

/** The soft threshold of which the judge is built. */
final class Ramp {

  private Ramp() {}

  /** 0 up to {@code low}, 1 from {@code high} on, in between 3t² - 2t³. */
  static double smooth(double low, double high, double value) {
    double t = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return t * t * (3 - 2 * t);
  }
}
