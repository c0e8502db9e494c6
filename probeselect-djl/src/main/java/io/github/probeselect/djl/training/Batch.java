package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.network.ProbeShape;
import java.util.ArrayList;
import java.util.List;

/** A few prompts with all their candidates, as arrays; candidates stand prompt by prompt. */
final class Batch {

  final NDArray grid;
  final NDArray fraction;
  final NDArray target;
  final NDArray prompts;
  final NDArray promptOf;
  final float[] rewards;
  final List<Example> examples;
  final int groups;
  final int seeds;

  /** Takes the examples of the given indices; rewards are standardised. */
  Batch(Dataset dataset, List<Integer> chosen, RewardScale scale, NDManager manager) {
    ProbeShape shape = dataset.shape();
    examples = chosen.stream().map(dataset.examples()::get).toList();
    groups = examples.size();
    seeds = examples.get(0).candidates().size();
    List<float[]> grids = new ArrayList<>();
    List<float[]> targets = new ArrayList<>();
    long[] owners = new long[rows()];
    rewards = new float[rows()];
    for (int row = 0; row < rows(); row++) {
      Example.Seed candidate = examples.get(row / seeds).candidates().get(row % seeds);
      grids.add(candidate.grid());
      targets.add(candidate.target());
      owners[row] = row / seeds;
      rewards[row] = scale.standardised(candidate.reward());
    }
    grid =
        manager.create(
            joined(grids),
            new Shape(rows(), shape.inputChannels(), shape.gridHeight(), shape.gridWidth()));
    fraction = manager.full(new Shape(rows(), 1), (float) dataset.fraction());
    target =
        manager
            .create(joined(targets), new Shape(rows(), shape.targetChannels(), shape.cells()))
            .transpose(0, 2, 1);
    prompts =
        manager.create(
            joined(examples.stream().map(Example::embedding).toList()),
            new Shape(groups, shape.promptTokens(), shape.promptChannels()));
    promptOf = manager.create(owners);
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
