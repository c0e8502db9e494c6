package io.github.probeselect.djl.training;

import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How much of its input a probe is shown. What is not shown is zero, so that networks of one shape
 * can be compared by what they know.
 *
 * @param taps the names of the taps that are shown
 * @param channels how many of each tap's channels are shown, the strongest first
 * @param pooled along each side, over how many cells of the grid the taps are averaged
 * @param originalPrediction whether the x0 prediction is shown
 */
public record Shown(Set<String> taps, int channels, int pooled, boolean originalPrediction) {

  /** Copies the set. */
  public Shown {
    taps = Set.copyOf(taps);
  }

  /** All there is. */
  public static Shown everything(ProbeShape shape) {
    return new Shown(names(shape), Integer.MAX_VALUE, 1, true);
  }

  private static Set<String> names(ProbeShape shape) {
    return shape.inputs().taps().stream()
        .map(Tap::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The same with these taps alone. */
  public Shown withTaps(Set<String> names) {
    return new Shown(names, channels, pooled, originalPrediction);
  }

  /** The same with so many channels of each tap. */
  public Shown withChannels(int count) {
    return new Shown(taps, count, pooled, originalPrediction);
  }

  /** The same with taps averaged over blocks of so many cells along each side. */
  public Shown withPooled(int cells) {
    return new Shown(taps, channels, cells, originalPrediction);
  }

  /** The same without the x0 prediction. */
  public Shown withoutOriginalPrediction() {
    return new Shown(taps, channels, pooled, false);
  }

  /**
   * What is left of a grid.
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
    if (!originalPrediction) {
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
