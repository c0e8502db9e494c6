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

  private static final int GROUPS = 800;
  private static final long SEED = 7;

  private final List<Draw> draws = new ArrayList<>();

  /**
   * A request.
   *
   * @param prompt which recorded prompt
   * @param order all its candidates; a request takes the first
   */
  record Draw(int prompt, List<Integer> order) {}

  Draws(Trajectories trajectories) {
    Random random = new Random(SEED);
    int prompts = trajectories.prompts().size();
    for (int prompt = 0; prompt < prompts; prompt++) {
      int size = trajectories.prompts().get(prompt).size();
      for (int i = 0; i < Math.max(1, GROUPS / prompts); i++) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, random);
        draws.add(new Draw(prompt, List.copyOf(order)));
      }
    }
  }

  List<Draw> all() {
    return draws;
  }
}
