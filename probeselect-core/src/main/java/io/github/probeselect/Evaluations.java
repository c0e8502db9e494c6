package io.github.probeselect;

import java.util.List;

/**
 * What was spent, counted in denoiser evaluations of one candidate per guidance branch.
 *
 * @param spent evaluations run: every candidate's steps, which with one cut are {@code n * s + k *
 *     (T - s)} for n candidates, k kept, s of the schedule's T steps before the decision
 * @param withoutSelection what finishing every candidate takes: {@code n * T}
 * @param branches how many times the network ran per evaluation: 2 if any candidate was under
 *     classifier-free guidance, else 1
 */
public record Evaluations(long spent, long withoutSelection, int branches) {

  static Evaluations of(Plan plan, List<Trajectory> candidates, long spent) {
    return new Evaluations(
        spent,
        (long) candidates.size() * plan.schedule().steps(),
        plan.unconditional(candidates) ? 2 : 1);
  }

  /**
   * The share of the full cost that was spent: in (0, 1] for a generation; in a session 0 at first,
   * and above 1 if steps had to be taken again.
   */
  public double share() {
    return (double) spent / withoutSelection;
  }
}
