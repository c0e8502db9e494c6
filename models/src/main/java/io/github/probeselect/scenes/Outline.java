package io.github.probeselect.scenes;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Area and centre of mass of a shape of half extent 1, measured once on a fine grid.
 *
 * @param area in squares of the half extent
 * @param centreOfMassY downwards from the centre, in half extents; all shapes are symmetric in x
 */
record Outline(double area, double centreOfMassY) {

  private static final int GRID = 400;
  private static final double REACH = 1.1;
  private static final Map<Shape, Outline> ALL = new EnumMap<>(Shape.class);

  static {
    for (Shape shape : Shape.values()) {
      ALL.put(shape, measure(shape));
    }
  }

  /** The measures of a shape. */
  static Outline of(Shape shape) {
    return Objects.requireNonNull(ALL.get(shape));
  }

  private static Outline measure(Shape shape) {
    int inside = 0;
    double sumY = 0;
    double step = 2 * REACH / GRID;
    for (int row = 0; row < GRID; row++) {
      double y = (row + 0.5) * step - REACH;
      for (int column = 0; column < GRID; column++) {
        if (shape.distance((column + 0.5) * step - REACH, y) < 0) {
          inside++;
          sumY += y;
        }
      }
    }
    return new Outline(inside * step * step, sumY / inside);
  }
}
