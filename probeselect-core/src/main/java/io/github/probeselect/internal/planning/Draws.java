package io.github.probeselect.internal.planning;

import io.github.probeselect.internal.recorded.Trajectories;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Which recorded candidates requests get, the same for every plan that is compared, so that plans
 * differ by their merit and not by their luck. The candidates of a prompt are shuffled and dealt
 * out, and shuffled again when they no longer suffice, so that all take part about equally often.
 * Immutable.
 */
final class Draws {

  private static final int FEW = 4000;
  private static final int MANY = 40_000;
  private static final long SEED = 7;

  private final Trajectories trajectories;
  private final int[][][] shuffled;

  /** The candidates of a request: some that follow each other in a shuffled prompt. */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Draw(int[] shuffled, int from) {

    /** Which recorded candidate has this place in the request. */
    int candidate(int place) {
      return shuffled[from + place];
    }
  }

  private Draws(Trajectories trajectories, int count) {
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

  /** So many that what is good can be told from what is not, and trying takes no time. */
  static Draws few(Trajectories trajectories) {
    return new Draws(trajectories, FEW);
  }

  /** So many that luck with them no longer decides between plans that are nearly alike. */
  static Draws many(Trajectories trajectories) {
    return new Draws(trajectories, MANY);
  }

  /** How many requests there are for each prompt. */
  int perPrompt() {
    return shuffled[0].length;
  }

  /** A request of so many candidates of a prompt. */
  Draw draw(int prompt, int request, int candidates) {
    int dealt = shuffled[prompt][0].length / candidates;
    return new Draw(shuffled[prompt][request / dealt], request % dealt * candidates);
  }

  /** The mean quality of the best of so many candidates, if somebody knew them. */
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
