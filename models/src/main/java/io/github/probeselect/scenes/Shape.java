package io.github.probeselect.scenes;

/**
 * The shapes of objects, all upright, as outlines of half extent 1 around the origin, x to the
 * right and y downwards.
 */
public enum Shape {
  /** A disc. */
  CIRCLE {
    @Override
    double distance(double x, double y) {
      return Math.sqrt(x * x + y * y) - 1;
    }
  },
  /** A filled square, its sides level and upright, 1.84 wide. */
  SQUARE {
    @Override
    double distance(double x, double y) {
      return box(x, y, 0.92, 0.92);
    }
  },
  /** Isosceles, apex up, 2 wide and 1.8 high. */
  TRIANGLE {
    @Override
    double distance(double x, double y) {
      return Math.max((1.8 * Math.abs(x) - y - 0.9) / Math.sqrt(1 + 1.8 * 1.8), y - 0.9);
    }
  },
  /** Five points, one up. */
  STAR {
    private static final double OUTER = 1.08;
    private static final double INNER = 0.46;
    private static final double EDGE_ALONG = INNER * Math.cos(Math.PI / 5) - OUTER;
    private static final double EDGE_ACROSS = INNER * Math.sin(Math.PI / 5);

    @Override
    double distance(double x, double y) {
      double along = 0;
      for (double[] axis : STAR_AXES) {
        along = Math.max(along, axis[0] * x + axis[1] * y);
      }
      double across = Math.sqrt(Math.max(0, x * x + y * y - along * along));
      return ((along - OUTER) * EDGE_ACROSS - across * EDGE_ALONG)
          / Math.hypot(EDGE_ALONG, EDGE_ACROSS);
    }
  },
  /** Two crossing bars, level and upright. */
  CROSS {
    @Override
    double distance(double x, double y) {
      return Math.min(box(x, y, 1, 0.34), box(x, y, 0.34, 1));
    }
  };

  /** Directions of the star's points. */
  private static final double[][] STAR_AXES = new double[5][2];

  static {
    for (int point = 0; point < 5; point++) {
      STAR_AXES[point][0] = Math.sin(2 * Math.PI / 5 * point);
      STAR_AXES[point][1] = -Math.cos(2 * Math.PI / 5 * point);
    }
  }

  /** The signed distance of a point from the outline; negative inside. */
  abstract double distance(double x, double y);

  private static double box(double x, double y, double halfWidth, double halfHeight) {
    return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
  }
}
