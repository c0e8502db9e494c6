package io.github.probeselect.scenes;

import java.util.ArrayList;
import java.util.List;

/**
 * A shape as it looks when drawn in pixels: sharp, or blurred, or plump as a small image generator
 * draws it.
 *
 * <p>A plump shape lies between the shape and a disc of the same area: its distance from the
 * outline is the mean of theirs. How area and centre of mass follow from the half extent is
 * measured once for a series of half extents, so that a stencil can be laid over anything of a
 * given area and centre of mass.
 */
final class Stencil {

  private static final double SMALLEST = 2;
  private static final double STEP = 0.5;
  private static final int STEPS = 80;

  /** Binomial weights, a blur of standard deviation 1 pixel. */
  private static final double[] BLUR = {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0};

  /** How the pixels come about. */
  private enum Drawing {
    SHARP,
    BLURRED,
    PLUMP
  }

  /** A plump shape is already a little like any other. */
  private static final double PLUMP_HANDICAP = 0.03;

  private static final List<List<Stencil>> SETS = drawn();

  private final Shape shape;
  private final Drawing drawing;
  private final double discRadius;
  private final double[] areas = new double[STEPS];
  private final double[] centres = new double[STEPS];

  private Stencil(Shape shape, Drawing drawing, double discRadius) {
    this.shape = shape;
    this.drawing = drawing;
    this.discRadius = discRadius;
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
      centres[i] = areas[i] > 0 ? sumY / areas[i] : 0;
    }
  }

  /** Sets of one stencil for each shape: sharp ones, blurred ones, plump ones. */
  static List<List<Stencil>> sets() {
    return SETS;
  }

  private static List<List<Stencil>> drawn() {
    List<Stencil> sharp = new ArrayList<>();
    List<Stencil> blurred = new ArrayList<>();
    List<Stencil> plump = new ArrayList<>();
    for (Shape shape : Shape.values()) {
      Stencil exact = new Stencil(shape, Drawing.SHARP, 0);
      double halfExtent = SMALLEST + STEP * (STEPS - 1);
      double discRadius = Math.sqrt(exact.areas[STEPS - 1] / Math.PI) / halfExtent;
      sharp.add(exact);
      blurred.add(new Stencil(shape, Drawing.BLURRED, 0));
      plump.add(new Stencil(shape, Drawing.PLUMP, discRadius));
    }
    return List.of(List.copyOf(sharp), List.copyOf(blurred), List.copyOf(plump));
  }

  Shape shape() {
    return shape;
  }

  /** By how much less than the overlap this stencil suits a blob. */
  double handicap() {
    return drawing == Drawing.PLUMP ? PLUMP_HANDICAP : 0;
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
      coverage[at] = Math.min(1, Math.max(0, 0.5 - halfExtent * distance(u, v)));
    }
    if (drawing != Drawing.BLURRED) {
      return coverage;
    }
    double[] blurred = convolved(convolved(coverage, width, 1), width, width);
    for (int at = 0; at < blurred.length; at++) {
      blurred[at] = Blob.coverage(blurred[at]);
    }
    return blurred;
  }

  private double distance(double u, double v) {
    double distance = shape.distance(u, v);
    return drawing == Drawing.PLUMP
        ? (distance + Math.sqrt(u * u + v * v) - discRadius) / 2
        : distance;
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
