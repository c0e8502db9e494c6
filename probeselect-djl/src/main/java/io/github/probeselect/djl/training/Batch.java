package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.network.ProbeShape;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A few prompts with all their candidates, as arrays. Candidates stand prompt by prompt; pairs of
 * candidate and prompt stand slot by slot, the candidates' own prompts first.
 */
final class Batch {

  final NDArray grid;
  final NDArray fraction;
  final NDArray target;
  final NDArray prompts;
  final NDArray pairCandidate;
  final NDArray pairPrompt;
  final NDArray pairReward;
  final float[] ownRewards;
  final int groups;
  final int seeds;

  private Batch(
      Dataset dataset,
      List<Integer> chosen,
      int[][] slots,
      double mean,
      double scale,
      NDManager manager) {
    ProbeShape shape = dataset.shape();
    groups = chosen.size();
    seeds = dataset.examples().get(chosen.get(0)).candidates().size();
    int rows = groups * seeds;
    Map<float[], Integer> promptRows = new IdentityHashMap<>();
    List<float[]> embeddings = new ArrayList<>();
    for (int index : chosen) {
      float[] own = dataset.examples().get(index).embeddings().get(0);
      promptRows.put(own, embeddings.size());
      embeddings.add(own);
    }
    List<float[]> grids = new ArrayList<>();
    List<float[]> targets = new ArrayList<>();
    int perRow = slots[0].length;
    long[] candidates = new long[rows * perRow];
    long[] promptOf = new long[rows * perRow];
    float[] rewards = new float[rows * perRow];
    for (int group = 0; group < groups; group++) {
      Example example = dataset.examples().get(chosen.get(group));
      for (int seed = 0; seed < seeds; seed++) {
        Example.Seed candidate = example.candidates().get(seed);
        int row = group * seeds + seed;
        grids.add(candidate.grid());
        targets.add(candidate.target());
        for (int i = 0; i < perRow; i++) {
          int slot = slots[row][i];
          float[] embedding = example.embeddings().get(slot);
          Integer promptRow = promptRows.get(embedding);
          if (promptRow == null) {
            promptRow = embeddings.size();
            promptRows.put(embedding, promptRow);
            embeddings.add(embedding);
          }
          int at = i * rows + row;
          candidates[at] = row;
          promptOf[at] = promptRow;
          rewards[at] = (float) ((candidate.rewards()[slot] - mean) / scale);
        }
      }
    }
    grid =
        manager.create(
            joined(grids),
            new Shape(rows, shape.inputChannels(), shape.gridHeight(), shape.gridWidth()));
    fraction = manager.full(new Shape(rows, 1), (float) dataset.fraction());
    target =
        manager
            .create(joined(targets), new Shape(rows, shape.targetChannels(), shape.cells()))
            .transpose(0, 2, 1);
    prompts =
        manager.create(
            joined(embeddings),
            new Shape(embeddings.size(), shape.promptTokens(), shape.promptChannels()));
    pairCandidate = manager.create(candidates);
    pairPrompt = manager.create(promptOf);
    pairReward = manager.create(rewards);
    ownRewards = java.util.Arrays.copyOf(rewards, rows);
  }

  /**
   * A batch for training: own prompts and, for every candidate, {@code neighbours} random similar
   * prompts.
   */
  static Batch training(
      Dataset dataset,
      List<Integer> chosen,
      int neighbours,
      double mean,
      double scale,
      Random random,
      NDManager manager) {
    int seeds = dataset.examples().get(chosen.get(0)).candidates().size();
    int[][] slots = new int[chosen.size() * seeds][1 + neighbours];
    for (int[] row : slots) {
      for (int i = 1; i < row.length; i++) {
        row[i] = 1 + random.nextInt(dataset.neighbours());
      }
    }
    return new Batch(dataset, chosen, slots, mean, scale, manager);
  }

  /** A batch for evaluation: own prompts only. */
  static Batch evaluation(
      Dataset dataset, List<Integer> chosen, double mean, double scale, NDManager manager) {
    int seeds = dataset.examples().get(chosen.get(0)).candidates().size();
    return new Batch(dataset, chosen, new int[chosen.size() * seeds][1], mean, scale, manager);
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
