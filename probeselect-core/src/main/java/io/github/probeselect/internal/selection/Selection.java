package io.github.probeselect.internal.selection;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.SelectionPlan;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A selection under way: which candidates still run, and their readings. It knows no model; a live
 * generation and the simulator drive it alike. Not thread-safe.
 *
 * <pre>{@code
 * Selection selection = new Selection(plan, seeds);
 * for (OptionalInt step = selection.nextDecision();
 *     step.isPresent();
 *     step = selection.nextDecision()) {
 *   selection.decide(readings(selection.running(), step.getAsInt()), Round.Features.NONE);
 * }
 * List<Integer> finished = selection.running();
 * }</pre>
 */
public final class Selection {

  private final SelectionPlan plan;
  private final SelectionState selectionState = new SelectionState();
  private final int[] stepsDone;
  private int nextCut;

  /** Begins with all candidates running. */
  public Selection(SelectionPlan plan, List<Long> seeds) {
    this.plan = plan;
    this.stepsDone = new int[seeds.size()];
    Arrays.fill(stepsDone, plan.steps());
    seeds.forEach(selectionState::join);
  }

  /**
   * The number of steps done at the next decision; empty if there is none, which is also the case
   * once no more candidates run than are wanted.
   */
  public OptionalInt nextDecision() {
    return nextCut < plan.cuts().size() && selectionState.chosen().size() > plan.keep()
        ? OptionalInt.of(plan.cuts().get(nextCut).stepsDone())
        : OptionalInt.empty();
  }

  /** The state of the candidates. */
  public SelectionState selectionState() {
    return selectionState;
  }

  /** The candidates that still run, by index, in the order of the request. */
  public List<Integer> running() {
    return selectionState.running();
  }

  /** The candidates that still run, in the order of the last decision, best first. */
  public List<Integer> chosen() {
    return selectionState.chosen();
  }

  /** The steps done by a candidate at the end of the selection. */
  public int stepsDone(int index) {
    return stepsDone[index];
  }

  /** Denoiser evaluations of all candidates if every later cut keeps its maximum. */
  public long evaluationsAtMost() {
    long stopped = 0;
    Set<Integer> chosen = new HashSet<>(selectionState.chosen());
    for (int index = 0; index < stepsDone.length; index++) {
      stopped += chosen.contains(index) ? 0 : stepsDone[index];
    }
    return stopped + plan.evaluations(chosen.size(), nextCut);
  }

  /**
   * Makes the next decision.
   *
   * @param newReadings the present readings, one list for each of {@link #running}, in the order in
   *     which the signals were asked
   * @throws InvalidRequestException if the policy returns what it must not
   */
  public void decide(List<List<Reading>> newReadings, Round.Features features) {
    List<Integer> before = running();
    for (int i = 0; i < before.size(); i++) {
      int index = before.get(i);
      selectionState.read(
          index,
          newReadings.get(i),
          selectionState.forecast(index, newReadings.get(i), plan.forecast()));
    }
    select(features);
  }

  /**
   * Makes the next decision on candidates whose readings are recorded already.
   *
   * @throws InvalidRequestException if the policy returns what it must not
   */
  public void select(Round.Features features) {
    SelectionPlan.StepCut cut = plan.cuts().get(nextCut++);
    List<Integer> dropped =
        selectionState.select(
            plan.policy(), cut.keep(), plan.keep(), cut.stepsDone(), plan.steps(), features);
    dropped.forEach(index -> stepsDone[index] = cut.stepsDone());
  }
}
