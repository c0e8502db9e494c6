package io.github.probeselect.internal.planning;

import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.selection.SelectionPlan;
import java.util.Arrays;

/**
 * Computes the mean quality of cuts that keep the highest scores, over many draws. It makes the
 * same decisions as {@link Simulator}, but without objects for readings and candidates, because a
 * search evaluates thousands of plans. Immutable.
 */
final class CutReplay {

  private final Draws draws;

  CutReplay(Draws draws) {
    this.draws = draws;
  }

  /**
   * The mean final metric of the returned images.
   *
   * @param plan a plan whose policy keeps the highest scores
   * @param forecasts trajectories that have been read at the cuts of the plan, in their order, and
   *     nowhere else
   * @param candidates the number of candidates to start
   */
  double quality(SelectionPlan plan, RecordedReadings forecasts, int candidates) {
    double sum = 0;
    for (int prompt = 0; prompt < forecasts.prompts().size(); prompt++) {
      Calibration.Prompt group = forecasts.prompts().get(prompt);
      for (int request = 0; request < draws.perPrompt(); request++) {
        sum += quality(plan, group, draws.draw(prompt, request, candidates), candidates);
      }
    }
    return sum / forecasts.prompts().size() / draws.perPrompt();
  }

  private static double quality(
      SelectionPlan plan, Calibration.Prompt group, Draws.Draw draw, int candidates) {
    int[] places = new int[candidates];
    double[] scores = new double[candidates];
    int running = candidates;
    for (int place = 0; place < candidates; place++) {
      places[place] = place;
    }
    for (int cut = 0; cut < plan.cuts().size() && running > plan.keep(); cut++) {
      for (int i = 0; i < running; i++) {
        scores[i] = group.scores()[draw.candidate(places[i])][cut];
      }
      running = best(scores, places, running, plan.cuts().get(cut).keep());
    }
    for (int i = 0; i < running; i++) {
      scores[i] = group.finals()[draw.candidate(places[i])];
    }
    if (plan.rescored()) {
      running = best(scores, places, running, plan.keep());
    }
    return Arrays.stream(scores, 0, running).average().orElse(Double.NaN);
  }

  /**
   * Moves the best of the first {@code count} to the front, the highest first, NaN last, equal ones
   * as they were requested; returns how many these are.
   */
  private static int best(double[] scores, int[] places, int count, int keep) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      double score = scores[i];
      int place = places[i];
      if (kept == keep && !isBefore(score, place, scores[keep - 1], places[keep - 1])) {
        continue;
      }
      kept = Math.min(kept + 1, keep);
      int at = kept - 1;
      while (at > 0 && isBefore(score, place, scores[at - 1], places[at - 1])) {
        scores[at] = scores[at - 1];
        places[at] = places[at - 1];
        at--;
      }
      scores[at] = score;
      places[at] = place;
    }
    return kept;
  }

  private static boolean isBefore(double score, int place, double other, int otherPlace) {
    boolean isFinite = Double.isFinite(score);
    if (isFinite != Double.isFinite(other)) {
      return isFinite;
    }
    return (isFinite && score != other) ? score > other : place < otherPlace;
  }
}
