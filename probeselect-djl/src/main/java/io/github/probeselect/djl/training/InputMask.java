package io.github.probeselect.djl.training;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A mask of a probe's inputs. Masked inputs are zero, so that networks of one shape can be compared
 * on different inputs.
 *
 * @param taps the names of the visible taps
 * @param channels the number of visible channels of each tap, the strongest first
 * @param pooled the number of cells of the grid along each side over which the taps are averaged
 * @param x0Prediction whether the x0 prediction is visible
 */
public record InputMask(Set<String> taps, int channels, int pooled, boolean x0Prediction) {

  /** Copies the set. */
  public InputMask {
    taps = Set.copyOf(taps);
  }

  /** A mask that hides nothing. */
  public static InputMask everything(ProbeShape shape) {
    return new InputMask(names(shape), Integer.MAX_VALUE, 1, true);
  }

  private static Set<String> names(ProbeShape shape) {
    return shape.inputs().taps().stream()
        .map(Tap::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The same mask with these taps alone visible. */
  public InputMask withTaps(Set<String> names) {
    return new InputMask(names, channels, pooled, x0Prediction);
  }

  /** The same mask with {@code count} visible channels of each tap. */
  public InputMask withChannels(int count) {
    return new InputMask(taps, count, pooled, x0Prediction);
  }

  /** The same mask with taps averaged over blocks of {@code cells} cells along each side. */
  public InputMask withPooled(int cells) {
    return new InputMask(taps, channels, cells, x0Prediction);
  }

  /** The same mask without the x0 prediction. */
  public InputMask withoutX0Prediction() {
    return new InputMask(taps, channels, pooled, false);
  }

  /**
   * Applies the mask to a grid.
   *
   * @param grid {@code [inputChannels, h, w]}; not changed
   */
  float[] of(float[] grid, ProbeShape shape) {
    float[] left = grid.clone();
    int cells = shape.cells();
    int plane = 0;
    for (Tap tap : shape.inputs().taps()) {
      for (int channel = 0; channel < tap.channels(); channel++, plane++) {
        if (!taps.contains(tap.name()) || channel >= channels) {
          Arrays.fill(left, plane * cells, (plane + 1) * cells, 0);
        } else if (pooled > 1) {
          average(left, plane * cells, shape);
        }
      }
    }
    if (!x0Prediction) {
      Arrays.fill(left, plane * cells, left.length, 0);
    }
    return left;
  }

  private void average(float[] values, int from, ProbeShape shape) {
    for (int top = 0; top < shape.gridHeight(); top += pooled) {
      for (int left = 0; left < shape.gridWidth(); left += pooled) {
        int bottom = Math.min(top + pooled, shape.gridHeight());
        int right = Math.min(left + pooled, shape.gridWidth());
        double sum = 0;
        for (int row = top; row < bottom; row++) {
          for (int column = left; column < right; column++) {
            sum += values[from + row * shape.gridWidth() + column];
          }
        }
        float mean = (float) (sum / ((bottom - top) * (right - left)));
        for (int row = top; row < bottom; row++) {
          int start = from + row * shape.gridWidth();
          Arrays.fill(values, start + left, start + right, mean);
        }
      }
    }
  }
}
