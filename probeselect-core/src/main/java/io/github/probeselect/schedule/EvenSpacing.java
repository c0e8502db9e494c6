package io.github.probeselect.schedule;

/** Equal distances in double precision, rounded as numpy.linspace rounds them. */
final class EvenSpacing {

  private EvenSpacing() {}

  /** Returns {@code count} values, both ends among them; a single one is the start. */
  static double[] between(double start, double stop, int count) {
    double[] values = new double[count];
    double distance = count == 1 ? 0 : (stop - start) / (count - 1);
    for (int i = 0; i < count; i++) {
      values[i] = i * distance + start;
    }
    if (count > 1) {
      values[count - 1] = stop;
    }
    return values;
  }
}
