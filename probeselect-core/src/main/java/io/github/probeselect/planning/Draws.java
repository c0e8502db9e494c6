package io.github.probeselect.planning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Orders in which recorded candidates are requested, the same for every plan that is compared, so
 * that plans differ by their merit and not by their luck. Immutable.
 */
final class Draws {

  private static final int GROUPS = 4000;
  private static final long SEED = 7;

  private final Trajectories trajectories;
  private final List<Draw> draws = new ArrayList<>();

  /**
   * A request.
   *
   * @param prompt which recorded prompt
   * @param order all its candidates; a request takes the first
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Draw(int prompt, int[] order) {}

  Draws(Trajectories trajectories) {
    this.trajectories = trajectories;
    Random random = new Random(SEED);
    int prompts = trajectories.prompts().size();
    for (int prompt = 0; prompt < prompts; prompt++) {
      int size = trajectories.prompts().get(prompt).size();
      for (int i = 0; i < Math.max(1, GROUPS / prompts); i++) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, random);
        draws.add(new Draw(prompt, order.stream().mapToInt(Integer::intValue).toArray()));
      }
    }
  }

  List<Draw> all() {
    return draws;
  }

  /** The mean quality of the best of so many candidates, if somebody knew them. */
  double best(int candidates) {
    return draws.stream()
        .mapToDouble(
            draw ->
                IntStream.range(0, candidates)
                    .mapToDouble(
                        place ->
                            trajectories.prompts().get(draw.prompt).finals()[draw.order[place]])
                    .max()
                    .orElseThrow())
        .average()
        .orElseThrow();
  }
}
