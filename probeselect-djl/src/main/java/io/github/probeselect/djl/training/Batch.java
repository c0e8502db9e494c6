package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.network.PixelUnshuffle;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/** Some prompts with all their candidates, as arrays whose rows are ordered by prompt. */
final class Batch {

  final NDArray grid;
  final NDArray fraction;
  final NDArray target;
  final NDArray prompts;
  final NDArray promptOf;
  final List<Example> examples;
  final int groups;
  final int seeds;

  /** For each metric of the shape, the standardised scores of all rows. */
  final List<float[]> scores = new ArrayList<>();

  /**
   * Creates a batch of the examples with the given indices.
   *
   * @param times the index of the fraction at which an example is used
   */
  Batch(
      TrainingData data,
      List<Integer> chosen,
      IntUnaryOperator times,
      Map<String, Scale> scales,
      NDManager manager) {
    ProbeShape shape = data.shape();
    examples = chosen.stream().map(data.examples()::get).toList();
    groups = examples.size();
    seeds = examples.get(0).candidates().size();
    float[] grids = new float[rows() * shape.inputChannels() * shape.cells()];
    float[] targets = new float[rows() * shape.targetChannels() * shape.cells()];
    float[] fractions = new float[rows()];
    long[] owners = new long[rows()];
    for (int row = 0; row < rows(); row++) {
      int group = row / seeds;
      int time = times.applyAsInt(chosen.get(group));
      Example.Seed candidate = examples.get(group).candidates().get(row % seeds);
      float[] seen = candidate.grids().get(time);
      System.arraycopy(seen, 0, grids, row * seen.length, seen.length);
      PixelUnshuffle.putPicture(candidate.target(), targets, row * candidate.target().length);
      fractions[row] = data.fractions().get(time).floatValue();
      owners[row] = group;
    }
    for (int m = 0; m < shape.metrics().size(); m++) {
      String metric = shape.metrics().get(m);
      scores.add(scores(m, Objects.requireNonNull(scales.get(metric), metric)));
    }
    grid =
        manager.create(
            grids, new Shape(rows(), shape.inputChannels(), shape.gridHeight(), shape.gridWidth()));
    fraction = manager.create(fractions, new Shape(rows(), 1));
    target =
        manager
            .create(targets, new Shape(rows(), shape.targetChannels(), shape.cells()))
            .transpose(0, 2, 1);
    prompts =
        manager.create(
            joined(examples.stream().map(Example::embedding).toList()),
            new Shape(groups, shape.inputs().promptTokens(), shape.inputs().promptChannels()));
    promptOf = manager.create(owners);
  }

  private float[] scores(int metric, Scale scale) {
    float[] standardised = new float[rows()];
    for (int row = 0; row < rows(); row++) {
      double score = examples.get(row / seeds).candidates().get(row % seeds).scores()[metric];
      standardised[row] = (float) scale.standardised(score);
    }
    return standardised;
  }

  int rows() {
    return groups * seeds;
  }

  private static float[] joined(List<float[]> parts) {
    float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }
}
