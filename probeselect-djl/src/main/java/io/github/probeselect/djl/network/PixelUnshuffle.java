package io.github.probeselect.djl.network;

import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.image.RgbImage;

/**
 * Resamples planes of any size to the probe's grid: averages them and moves blocks of cells into
 * channels (pixel unshuffle).
 */
public final class PixelUnshuffle {

  private PixelUnshuffle() {}

  /**
   * One candidate's x0 prediction on the probe's grid, unshuffled by {@link ProbeInputs#FOLD}.
   *
   * @param prediction {@code channels * height * width} values
   * @param inputs determines the grid
   * @return {@code foldedChannels} planes of {@code gridHeight * gridWidth} values
   */
  public static float[] x0Prediction(float[] prediction, LatentShape latents, ProbeInputs inputs) {
    return fold(
        prediction,
        latents.channels(),
        latents.height(),
        latents.width(),
        inputs.gridHeight(),
        inputs.gridWidth(),
        ProbeInputs.FOLD);
  }

  /**
   * An image as a dense target, unshuffled by {@link ProbeShape#TARGET_FOLD}.
   *
   * @return {@code targetChannels} planes of the grid, values 0 to 255
   */
  public static byte[] picture(RgbImage image, ProbeShape shape) {
    float[] folded =
        fold(
            image.toPlanes(),
            3,
            image.height(),
            image.width(),
            shape.gridHeight(),
            shape.gridWidth(),
            ProbeShape.TARGET_FOLD);
    byte[] picture = new byte[folded.length];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = (byte) Math.round(255 * folded[i]);
    }
    return picture;
  }

  /** Copies image values from 0 to 255 into an array, scaled to [0, 1]. */
  public static void putPicture(byte[] picture, float[] values, int at) {
    for (int i = 0; i < picture.length; i++) {
      values[at + i] = (picture[i] & 0xff) / 255f;
    }
  }

  /**
   * Averages planes to {@code fold} times the grid along each side and moves each {@code fold x
   * fold} block into channels.
   *
   * @param planes {@code channels * height * width} values
   * @return {@code channels * fold * fold} planes of {@code gridHeight * gridWidth} values
   */
  public static float[] fold(
      float[] planes,
      int channels,
      int height,
      int width,
      int gridHeight,
      int gridWidth,
      int fold) {
    int rows = gridHeight * fold;
    int columns = gridWidth * fold;
    float[] folded = new float[channels * rows * columns];
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          int plane = (channel * fold + row % fold) * fold + column % fold;
          int cell = row / fold * gridWidth + column / fold;
          folded[plane * gridHeight * gridWidth + cell] =
              mean(planes, channel, height, width, row, rows, column, columns);
        }
      }
    }
    return folded;
  }

  /**
   * The mean over the cells that cell (row, column) of a rows x columns grid covers, at least one.
   */
  private static float mean(
      float[] planes,
      int channel,
      int height,
      int width,
      int row,
      int rows,
      int column,
      int columns) {
    int top = row * height / rows;
    int bottom = Math.max(top + 1, ((row + 1) * height + rows - 1) / rows);
    int left = column * width / columns;
    int right = Math.max(left + 1, ((column + 1) * width + columns - 1) / columns);
    double sum = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        sum += planes[(channel * height + y) * width + x];
      }
    }
    return (float) (sum / ((long) (bottom - top) * (right - left)));
  }
}
