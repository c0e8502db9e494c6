package io.github.probeselect.internal.planning;

import io.github.probeselect.internal.recorded.RecordedReadings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Draws of recorded candidates for simulated requests, the same for every plan that is compared, so
 * that plans do not differ by chance. The candidates of a prompt are shuffled and assigned in
 * order, and shuffled again when too few are left, so that all are drawn about equally often.
 * Immutable.
 */
final class Draws {

  private static final int FEW = 4000;
  private static final int MANY = 40_000;
  private static final long SEED = 7;

  private final RecordedReadings trajectories;
  private final int[][][] shuffled;

  /** The candidates of a request: consecutive ones of a shuffled prompt. */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Draw(int[] shuffled, int from) {

    /** The recorded candidate at this index of the request. */
    int candidate(int place) {
      return shuffled[from + place];
    }
  }

  private Draws(RecordedReadings trajectories, int count) {
    this.trajectories = trajectories;
    int prompts = trajectories.prompts().size();
    this.shuffled = new int[prompts][Math.max(1, count / prompts)][];
    Random random = new Random(SEED);
    for (int prompt = 0; prompt < prompts; prompt++) {
      int size = trajectories.prompts().get(prompt).size();
      for (int i = 0; i < shuffled[prompt].length; i++) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, random);
        shuffled[prompt][i] = order.stream().mapToInt(Integer::intValue).toArray();
      }
    }
  }

  /** Few draws: enough to distinguish good plans from bad ones quickly. */
  static Draws few(RecordedReadings trajectories) {
    return new Draws(trajectories, FEW);
  }

  /** Many draws: enough to distinguish similar plans. */
  static Draws many(RecordedReadings trajectories) {
    return new Draws(trajectories, MANY);
  }

  /** The number of requests for each prompt. */
  int perPrompt() {
    return shuffled[0].length;
  }

  /** A request with {@code candidates} candidates of a prompt. */
  Draw draw(int prompt, int request, int candidates) {
    int dealt = shuffled[prompt][0].length / candidates;
    return new Draw(shuffled[prompt][request / dealt], request % dealt * candidates);
  }

  /**
   * The mean quality of the best of {@code candidates} candidates, an upper bound of any selection.
   */
  double best(int candidates) {
    return IntStream.range(0, shuffled.length)
        .mapToDouble(prompt -> best(prompt, candidates))
        .average()
        .orElseThrow();
  }

  private double best(int prompt, int candidates) {
    double[] finals = trajectories.prompts().get(prompt).finals();
    return IntStream.range(0, perPrompt())
        .mapToObj(request -> draw(prompt, request, candidates))
        .mapToDouble(
            draw ->
                IntStream.range(0, candidates)
                    .mapToDouble(place -> finals[draw.candidate(place)])
                    .max()
                    .orElseThrow())
        .average()
        .orElseThrow();
  }
}
