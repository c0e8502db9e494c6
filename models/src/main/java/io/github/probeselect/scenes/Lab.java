package io.github.probeselect.scenes;

/** A colour in CIE L*a*b* under D65, in which distances are roughly those that people see. */
record Lab(double lightness, double a, double b) {

  private static final double[] LINEAR = new double[256];
  private static final int CURVE_STEPS = 4096;
  private static final double[] CURVE = new double[CURVE_STEPS + 2];

  static {
    for (int v = 0; v < 256; v++) {
      double s = v / 255.0;
      LINEAR[v] = s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4);
    }
    for (int i = 0; i < CURVE.length; i++) {
      double t = (double) i / CURVE_STEPS;
      CURVE[i] = t > 216.0 / 24389 ? Math.cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
  }

  /** The colour of an sRGB pixel, each value 0 to 255. */
  static Lab ofRgb(int red, int green, int blue) {
    double r = LINEAR[red];
    double g = LINEAR[green];
    double b = LINEAR[blue];
    double x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    double y = curve(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
    double z = curve((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
    return new Lab(116 * y - 16, 500 * (x - y), 200 * (y - z));
  }

  private static double curve(double t) {
    double at = Math.min(1, t) * CURVE_STEPS;
    int below = (int) at;
    return CURVE[below] + (at - below) * (CURVE[below + 1] - CURVE[below]);
  }

  /**
   * The difference of two colours by the formula of 1976; 2 is just visible, black to white 100.
   */
  double distance(Lab other) {
    return Math.sqrt(squaredChroma(other) + square(lightness - other.lightness));
  }

  /** The squared part of the difference that is not lightness. */
  double squaredChroma(Lab other) {
    return square(a - other.a) + square(b - other.b);
  }

  private static double square(double value) {
    return value * value;
  }
}
