package io.github.probeselect.scenes;

/**
 * The background folded into one 16 x 16 tile by position modulo 16, which averages noise away and
 * keeps whatever repeats as the textures do.
 */
final class Tile {

  static final int SIDE = 16;
  static final int CELLS = SIDE * SIDE;

  /** Share of the background's pixels in each cell; all together 1, or 0 without background. */
  private final double[] shares = new double[CELLS];

  /** Mean brightness of each cell minus that of the background, times the cell's share. */
  private final double[] deviations = new double[CELLS];

  private final double variance;

  /**
   * Folds the pixels that {@code ground} marks.
   *
   * @param brightness of every pixel, row by row
   * @param ground whether a pixel is background, row by row
   * @param width of the image in pixels
   */
  Tile(double[] brightness, boolean[] ground, int width) {
    double[] sums = new double[CELLS];
    double sum = 0;
    int pixels = 0;
    for (int at = 0; at < brightness.length; at++) {
      if (ground[at]) {
        int cell = cell(at % width, at / width);
        sums[cell] += brightness[at];
        shares[cell]++;
        sum += brightness[at];
        pixels++;
      }
    }
    double squares = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      if (shares[cell] > 0) {
        double deviation = sums[cell] / shares[cell] - sum / pixels;
        shares[cell] /= pixels;
        deviations[cell] = shares[cell] * deviation;
        squares += shares[cell] * deviation * deviation;
      }
    }
    variance = squares;
  }

  /** The cell of a pixel. */
  static int cell(int x, int y) {
    return y % SIDE * SIDE + x % SIDE;
  }

  /** The mean squared deviation from the mean brightness. */
  double variance() {
    return variance;
  }

  /** The mean of a pattern over the background. */
  double mean(double[] pattern) {
    double sum = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      sum += shares[cell] * pattern[cell];
    }
    return sum;
  }

  /** The variance of a pattern over the background. */
  double variance(double[] pattern) {
    double squares = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      squares += shares[cell] * pattern[cell] * pattern[cell];
    }
    double mean = mean(pattern);
    return squares - mean * mean;
  }

  /** The covariance of a pattern with the brightness. */
  double covariance(double[] pattern) {
    double sum = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      sum += deviations[cell] * pattern[cell];
    }
    return sum;
  }
}
