package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.util.Random;
import java.util.function.UnaryOperator;

/** What a small image decoder does to a picture: soft edges and unsteady colours. */
final class Blur implements UnaryOperator<RgbImage> {

  private static final int REACH = 3;

  private final double[] kernel = new double[2 * REACH + 1];
  private final double noise;
  private final Random random;

  /**
   * Prepares a degradation.
   *
   * @param sigma of the blur, in pixels
   * @param noise standard deviation, in 8-bit steps
   */
  Blur(double sigma, double noise, Random random) {
    double sum = 0;
    for (int i = -REACH; i <= REACH; i++) {
      kernel[i + REACH] = Math.exp(-i * i / (2 * sigma * sigma));
      sum += kernel[i + REACH];
    }
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] /= sum;
    }
    this.noise = noise;
    this.random = random;
  }

  @Override
  public RgbImage apply(RgbImage image) {
    int width = image.width();
    int height = image.height();
    float[] planes = image.toPlanes();
    float[] rows = convolved(planes, width, height, 1, 0);
    float[] blurred = convolved(rows, width, height, 0, 1);
    for (int i = 0; i < blurred.length; i++) {
      blurred[i] += (float) (noise / 255 * random.nextGaussian());
    }
    return RgbImage.ofPlanes(width, height, blurred);
  }

  private float[] convolved(float[] planes, int width, int height, int right, int down) {
    float[] result = new float[planes.length];
    for (int at = 0; at < planes.length; at++) {
      int x = at % width;
      int y = at / width % height;
      int plane = at - y * width - x;
      double sum = 0;
      for (int i = -REACH; i <= REACH; i++) {
        int u = Math.min(width - 1, Math.max(0, x + i * right));
        int v = Math.min(height - 1, Math.max(0, y + i * down));
        sum += kernel[i + REACH] * planes[plane + v * width + u];
      }
      result[at] = (float) sum;
    }
    return result;
  }
}
