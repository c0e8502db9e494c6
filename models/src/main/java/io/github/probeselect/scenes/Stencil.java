package io.github.probeselect.scenes;

import java.util.ArrayList;
import java.util.List;

/**
 * A shape as it looks when drawn in pixels: sharp, or blurred as a small image decoder draws it.
 *
 * <p>How area and centre of mass follow from the half extent is measured once for a series of half
 * extents, so that a stencil can be laid over anything of a given area and centre of mass.
 */
final class Stencil {

  private static final double SMALLEST = 2;
  private static final double STEP = 0.5;
  private static final int STEPS = 80;

  /** Binomial weights, a blur of standard deviation 1 pixel. */
  private static final double[] BLUR = {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0};

  private static final List<Stencil> SHARP = all(false);
  private static final List<Stencil> BLURRED = all(true);

  private final Shape shape;
  private final boolean blurred;
  private final double[] areas = new double[STEPS];
  private final double[] centres = new double[STEPS];

  private Stencil(Shape shape, boolean blurred) {
    this.shape = shape;
    this.blurred = blurred;
    for (int i = 0; i < STEPS; i++) {
      double halfExtent = SMALLEST + STEP * i;
      int reach = (int) Math.ceil(1.1 * halfExtent) + 3;
      int side = 2 * reach;
      double[] coverage = draw(side, side, reach, reach, halfExtent);
      double sumY = 0;
      for (int at = 0; at < coverage.length; at++) {
        int row = at / side;
        areas[i] += coverage[at];
        sumY += coverage[at] * (row + 0.5 - reach);
      }
      centres[i] = sumY / areas[i];
    }
  }

  /** One sharp stencil for each shape. */
  static List<Stencil> sharp() {
    return SHARP;
  }

  /** One blurred stencil for each shape. */
  static List<Stencil> blurred() {
    return BLURRED;
  }

  private static List<Stencil> all(boolean blurred) {
    List<Stencil> stencils = new ArrayList<>();
    for (Shape shape : Shape.values()) {
      stencils.add(new Stencil(shape, blurred));
    }
    return List.copyOf(stencils);
  }

  Shape shape() {
    return shape;
  }

  /** The half extent, in pixels, at which the shape has an area, in pixels. */
  double halfExtent(double area) {
    int above = 1;
    while (above < STEPS - 1 && areas[above] < area) {
      above++;
    }
    // Areas grow with the square of the half extent, so their roots are interpolated.
    double low = Math.sqrt(areas[above - 1]);
    double high = Math.sqrt(areas[above]);
    double at = above - 1 + (Math.sqrt(area) - low) / (high - low);
    return Math.max(1, SMALLEST + STEP * at);
  }

  /** How far the centre of mass lies below the centre, in pixels, at a half extent. */
  double centreOfMassY(double halfExtent) {
    double at = Math.min(STEPS - 1.001, Math.max(0, (halfExtent - SMALLEST) / STEP));
    int below = (int) at;
    return centres[below] + (at - below) * (centres[below + 1] - centres[below]);
  }

  /**
   * Draws the shape: how much of each pixel of a window it covers, row by row.
   *
   * @param centreX of the shape, in pixels from the left of the window
   * @param centreY of the shape, in pixels from the top of the window
   * @param halfExtent in pixels
   */
  double[] draw(int width, int height, double centreX, double centreY, double halfExtent) {
    double[] coverage = new double[width * height];
    for (int at = 0; at < coverage.length; at++) {
      int column = at % width;
      int row = at / width;
      double u = (column + 0.5 - centreX) / halfExtent;
      double v = (row + 0.5 - centreY) / halfExtent;
      coverage[at] = Math.min(1, Math.max(0, 0.5 - halfExtent * shape.distance(u, v)));
    }
    if (!blurred) {
      return coverage;
    }
    double[] result = convolved(convolved(coverage, width, 1), width, width);
    for (int at = 0; at < result.length; at++) {
      result[at] = Blob.coverage(result[at]);
    }
    return result;
  }

  /** Blurs along rows or columns; what lies beyond the window is empty. */
  private static double[] convolved(double[] values, int width, int stride) {
    double[] result = new double[values.length];
    int reach = BLUR.length / 2;
    for (int at = 0; at < values.length; at++) {
      double sum = 0;
      for (int i = -reach; i <= reach; i++) {
        int from = at + i * stride;
        boolean inside = from >= 0 && from < values.length;
        if (inside && (stride != 1 || from / width == at / width)) {
          sum += BLUR[i + reach] * values[from];
        }
      }
      result[at] = sum;
    }
    return result;
  }
}
