package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.util.Optional;

/**
 * One thing that stands out from the background.
 *
 * <p>Its coverage says for each pixel of a window how much of the pixel it fills, from how far the
 * pixel's colour has moved from the background to the colour of the inside; so edges are known more
 * finely than to a pixel.
 */
final class Blob {

  /** Fewer pixels than this are noise. */
  private static final int SPECK = 6;

  /** Pixels around a region that may be partly covered by it. */
  private static final int MARGIN = 2;

  private final int left;
  private final int top;
  private final int width;
  private final double[] coverage;
  private final Lab colour;
  private final double contrast;
  private final double area;
  private final double x;
  private final double y;

  private Blob(int left, int top, int width, double[] coverage, Lab colour, double contrast) {
    this.left = left;
    this.top = top;
    this.width = width;
    this.coverage = coverage;
    this.colour = colour;
    this.contrast = contrast;
    double sum = 0;
    double sumX = 0;
    double sumY = 0;
    for (int at = 0; at < coverage.length; at++) {
      sum += coverage[at];
      sumX += coverage[at] * (left + at % width + 0.5);
      sumY += coverage[at] * (top + at / width + 0.5);
    }
    area = sum;
    x = sum > 0 ? sumX / sum : left;
    y = sum > 0 ? sumY / sum : top;
  }

  /**
   * The blob that a region of a segmented image is, or nothing if the region is a speck.
   *
   * @param region of the segmentation
   */
  static Optional<Blob> of(RgbImage image, Ground ground, Segmentation segmentation, int region) {
    int[] box = box(image, segmentation, region);
    return box[4] < SPECK
        ? Optional.empty()
        : Optional.of(of(image, ground, segmentation, region, box));
  }

  /** The colour of the inside. */
  Lab colour() {
    return colour;
  }

  /** How far the colour stands out from the background, in L*a*b* units. */
  double contrast() {
    return contrast;
  }

  /** The area in pixels. */
  double area() {
    return area;
  }

  /** The horizontal centre of mass in pixels from the left edge of the image. */
  double x() {
    return x;
  }

  /** The vertical centre of mass in pixels from the top edge of the image. */
  double y() {
    return y;
  }

  /**
   * The overlap with a shape of the same area and centre of mass: the area that both cover over the
   * area that either covers.
   */
  double overlap(Stencil stencil) {
    double halfExtent = stencil.halfExtent(area);
    double centreY = y - top - stencil.centreOfMassY(halfExtent);
    double[] expected = stencil.draw(width, coverage.length / width, x - left, centreY, halfExtent);
    double both = 0;
    double either = 0;
    for (int at = 0; at < coverage.length; at++) {
      both += Math.min(expected[at], coverage[at]);
      either += Math.max(expected[at], coverage[at]);
    }
    return either > 0 ? both / either : 0;
  }

  /** Left, top, right, bottom (all inclusive) and number of pixels of a region. */
  private static int[] box(RgbImage image, Segmentation segmentation, int region) {
    int[] box = {image.width(), image.height(), 0, 0, 0};
    for (int v = 0; v < image.height(); v++) {
      for (int u = 0; u < image.width(); u++) {
        if (segmentation.region(u, v) == region) {
          box[0] = Math.min(box[0], u);
          box[1] = Math.min(box[1], v);
          box[2] = Math.max(box[2], u);
          box[3] = Math.max(box[3], v);
          box[4]++;
        }
      }
    }
    return box;
  }

  private static Blob of(
      RgbImage image, Ground ground, Segmentation segmentation, int region, int[] box) {
    double[] inside = meanOfInside(image, segmentation, region, box);
    int left = Math.max(0, box[0] - MARGIN);
    int top = Math.max(0, box[1] - MARGIN);
    int width = Math.min(image.width() - 1, box[2] + MARGIN) - left + 1;
    int height = Math.min(image.height() - 1, box[3] + MARGIN) - top + 1;
    double[] coverage = new double[width * height];
    for (int at = 0; at < coverage.length; at++) {
      int u = left + at % width;
      int v = top + at / width;
      if (within(image, segmentation, region, u, v)) {
        coverage[at] = coverage(image, ground, inside, u, v);
      }
    }
    Lab colour =
        Lab.ofRgb(
            (int) Math.rint(inside[0]), (int) Math.rint(inside[1]), (int) Math.rint(inside[2]));
    return new Blob(left, top, width, coverage, colour, ground.contrast(colour));
  }

  /** How far a pixel has moved from the background's colour to that of the inside. */
  private static double coverage(RgbImage image, Ground ground, double[] inside, int u, int v) {
    int[] pixel = {image.red(u, v), image.green(u, v), image.blue(u, v)};
    double moved = 0;
    double whole = 0;
    for (int channel = 0; channel < 3; channel++) {
      double from = ground.value(u, v, channel);
      moved += (pixel[channel] - from) * (inside[channel] - from);
      whole += (inside[channel] - from) * (inside[channel] - from);
    }
    double share = whole > 0 ? moved / whole : 0;
    return coverage(share);
  }

  /**
   * The coverage of a pixel whose colour has moved a share of the way to the inside's: steeper than
   * the share, because what is left of texture and noise is not coverage.
   */
  static double coverage(double share) {
    return Math.min(1, Math.max(0, (share - 0.15) / 0.7));
  }

  /** Whether a pixel is of the region, or beside it and of no other. */
  private static boolean within(
      RgbImage image, Segmentation segmentation, int region, int u, int v) {
    int here = segmentation.region(u, v);
    if (here != Segmentation.NONE) {
      return here == region;
    }
    for (int y = Math.max(0, v - MARGIN); y <= Math.min(image.height() - 1, v + MARGIN); y++) {
      for (int x = Math.max(0, u - MARGIN); x <= Math.min(image.width() - 1, u + MARGIN); x++) {
        if (segmentation.region(x, y) == region) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Mean red, green and blue of the deepest pixels of the region, a third of all at least: not of
   * the edge, which is mixed with the background.
   */
  private static double[] meanOfInside(
      RgbImage image, Segmentation segmentation, int region, int[] box) {
    int[] depths = segmentation.depths(region);
    int depth = 1;
    while (3 * countAtLeast(depths, depth + 1) >= box[4]) {
      depth++;
    }
    int count = countAtLeast(depths, depth);
    double[] mean = new double[3];
    for (int v = box[1]; v <= box[3]; v++) {
      for (int u = box[0]; u <= box[2]; u++) {
        if (depths[v * image.width() + u] >= depth) {
          mean[0] += (double) image.red(u, v) / count;
          mean[1] += (double) image.green(u, v) / count;
          mean[2] += (double) image.blue(u, v) / count;
        }
      }
    }
    return mean;
  }

  private static int countAtLeast(int[] depths, int least) {
    int count = 0;
    for (int depth : depths) {
      count += depth >= least ? 1 : 0;
    }
    return count;
  }
}
