package io.github.probeselect.selection;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.io.JsonFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cuts, policy and forecast of a selection. The same plan runs live and on recorded readings.
 * Immutable; thread-safe if policy and forecast are.
 *
 * @param steps denoising steps of the schedule
 * @param cuts where candidates are dropped, in steps done, rising
 * @param keep how many candidates are wanted in the end
 * @param policy what decides
 * @param forecast what makes a score of the signals' readings
 * @param rescored whether the finished candidates are scored by the true metric before the best are
 *     returned; more than {@code keep} may then be finished
 */
public record SelectionPlan(
    int steps,
    List<StepCut> cuts,
    int keep,
    SelectionPolicy policy,
    Forecast forecast,
    boolean rescored) {

  /**
   * A cut of a schedule.
   *
   * @param stepsDone denoising steps done
   * @param keep the maximum number of candidates that continue
   */
  public record StepCut(int stepsDone, int keep) {}

  /**
   * Checks that the cuts ascend, that no cut keeps more candidates than the one before, and that
   * each keeps at least {@code keep}.
   *
   * @throws InvalidRequestException if the cuts are inconsistent
   */
  public SelectionPlan {
    cuts = List.copyOf(cuts);
    for (int i = 0; i < cuts.size(); i++) {
      StepCut cut = cuts.get(i);
      if (cut.keep < keep) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "the cut after step %d keeps %d candidates, but %d are wanted in the end",
                cut.stepsDone,
                cut.keep,
                keep));
      }
      if (i > 0 && cut.stepsDone == cuts.get(i - 1).stepsDone) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "two cuts fall after step %d of %d; give them points further apart",
                cut.stepsDone,
                steps));
      }
      if (i > 0 && cut.keep > cuts.get(i - 1).keep) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "the cut after step %d keeps %d candidates, but the one before keeps only %d",
                cut.stepsDone,
                cut.keep,
                cuts.get(i - 1).keep));
      }
    }
  }

  /**
   * Places cuts on a schedule.
   *
   * @param cuts in any order
   * @throws InvalidRequestException if they do not fit each other or the schedule
   */
  public static SelectionPlan of(
      int steps,
      List<Cut> cuts,
      int keep,
      SelectionPolicy policy,
      Forecast forecast,
      boolean rescored) {
    List<StepCut> placed = new ArrayList<>();
    cuts.forEach(cut -> placed.add(new StepCut(cut.at().stepsDone(steps), cut.keep())));
    placed.sort(Comparator.comparingInt(StepCut::stepsDone));
    return new SelectionPlan(steps, placed, keep, policy, forecast, rescored);
  }

  /**
   * The fields of its JSON form by name, without policy and forecast, in the form that {@code
   * docs/integrations.md} describes; Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  public Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .with("steps", steps)
        .with("cuts", cuts.stream().map(SelectionPlan::fields).toList())
        .with("keep", keep)
        .with("rescored", rescored)
        .toMap();
  }

  private static Map<String, @Nullable Object> fields(StepCut cut) {
    return new JsonFields().with("stepsDone", cut.stepsDone).with("keep", cut.keep).toMap();
  }

  /**
   * The latest number of steps done at which the last decision on {@code candidates} candidates
   * falls.
   */
  public int lastDecision(int candidates) {
    int left = candidates;
    int last = cuts.isEmpty() ? 0 : cuts.get(0).stepsDone;
    for (StepCut cut : cuts) {
      last = left > keep ? cut.stepsDone : last;
      left = Math.min(left, cut.keep);
    }
    return last;
  }

  /** How many of {@code candidates} candidates are finished if every cut keeps its maximum. */
  public int finished(int candidates) {
    int left = candidates;
    for (StepCut cut : cuts) {
      left = left > keep ? Math.min(left, cut.keep) : left;
    }
    return left;
  }

  /**
   * The total number of scorings of {@code candidates} candidates if every cut keeps its maximum.
   */
  public long scored(int candidates) {
    long scored = 0;
    int left = candidates;
    for (StepCut cut : cuts) {
      scored += left > keep ? left : 0;
      left = left > keep ? Math.min(left, cut.keep) : left;
    }
    return scored;
  }

  /** Denoiser evaluations of {@code candidates} candidates if every cut keeps its maximum. */
  public long evaluations(int candidates) {
    return evaluations(candidates, 0);
  }

  /** Denoiser evaluations from noise of {@code running} candidates that run before a given cut. */
  public long evaluations(int running, int nextCut) {
    long evaluations = 0;
    int done = 0;
    int left = running;
    for (StepCut cut : cuts.subList(nextCut, cuts.size())) {
      if (left > keep) {
        evaluations += (long) left * (cut.stepsDone - done);
        done = cut.stepsDone;
        left = Math.min(left, cut.keep);
      }
    }
    return evaluations + (long) left * (steps - done);
  }
}
