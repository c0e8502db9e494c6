package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

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
  private final double area;
  private final double x;
  private final double y;

  private Blob(int left, int top, int width, double[] coverage, Lab colour) {
    this.left = left;
    this.top = top;
    this.width = width;
    this.coverage = coverage;
    this.colour = colour;
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

  /** Finds the blobs of a segmented image, largest first. */
  static List<Blob> in(RgbImage image, Ground ground, Segmentation segmentation) {
    List<Blob> blobs = new ArrayList<>();
    int[][] boxes = boxes(image, segmentation);
    for (int region = 0; region < boxes.length; region++) {
      if (boxes[region][4] >= SPECK) {
        blobs.add(of(image, ground, segmentation, region, boxes[region]));
      }
    }
    blobs.sort((one, other) -> Double.compare(other.area, one.area));
    return blobs;
  }

  /** The colour of the inside. */
  Lab colour() {
    return colour;
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
   * The overlap with an outline: the area that both cover over the area that either covers.
   *
   * @param shape of the outline
   * @param centreX of the outline, in pixels of the image
   * @param centreY of the outline
   * @param halfExtent of the outline, in pixels
   */
  double overlap(Shape shape, double centreX, double centreY, double halfExtent) {
    double both = 0;
    double either = 0;
    for (int at = 0; at < coverage.length; at++) {
      double u = (left + at % width + 0.5 - centreX) / halfExtent;
      double v = (top + at / width + 0.5 - centreY) / halfExtent;
      double distance = shape.distance(u, v) * halfExtent;
      double expected = Math.min(1, Math.max(0, 0.5 - distance));
      both += Math.min(expected, coverage[at]);
      either += Math.max(expected, coverage[at]);
    }
    return either > 0 ? both / either : 0;
  }

  /** Left, top, right, bottom (all inclusive) and number of pixels of each region. */
  private static int[][] boxes(RgbImage image, Segmentation segmentation) {
    int[][] boxes = new int[segmentation.count()][];
    for (int region = 0; region < boxes.length; region++) {
      boxes[region] = new int[] {image.width(), image.height(), 0, 0, 0};
    }
    for (int v = 0; v < image.height(); v++) {
      for (int u = 0; u < image.width(); u++) {
        int region = segmentation.region(u, v);
        if (region != Segmentation.NONE) {
          int[] box = boxes[region];
          box[0] = Math.min(box[0], u);
          box[1] = Math.min(box[1], v);
          box[2] = Math.max(box[2], u);
          box[3] = Math.max(box[3], v);
          box[4]++;
        }
      }
    }
    return boxes;
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
    return new Blob(
        left,
        top,
        width,
        coverage,
        Lab.ofRgb(
            (int) Math.rint(inside[0]), (int) Math.rint(inside[1]), (int) Math.rint(inside[2])));
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
    // Steeper than the mere share: what is left of texture and noise is not coverage.
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

  /** Mean red, green and blue of the pixels whose four neighbours are of the region too. */
  private static double[] meanOfInside(
      RgbImage image, Segmentation segmentation, int region, int[] box) {
    double[] inside = new double[3];
    double[] all = new double[3];
    int insideCount = 0;
    for (int v = box[1]; v <= box[3]; v++) {
      for (int u = box[0]; u <= box[2]; u++) {
        if (segmentation.region(u, v) != region) {
          continue;
        }
        add(image, u, v, all);
        if (u > box[0]
            && u < box[2]
            && v > box[1]
            && v < box[3]
            && segmentation.region(u - 1, v) == region
            && segmentation.region(u + 1, v) == region
            && segmentation.region(u, v - 1) == region
            && segmentation.region(u, v + 1) == region) {
          add(image, u, v, inside);
          insideCount++;
        }
      }
    }
    double[] mean = insideCount > 0 ? inside : all;
    int count = insideCount > 0 ? insideCount : box[4];
    for (int channel = 0; channel < 3; channel++) {
      mean[channel] /= count;
    }
    return mean;
  }

  private static void add(RgbImage image, int u, int v, double[] sum) {
    sum[0] += image.red(u, v);
    sum[1] += image.green(u, v);
    sum[2] += image.blue(u, v);
  }
}
