package io.github.probeselect;

/** What was spent, counted in denoiser evaluations of one candidate per guidance branch. */
public sealed interface DenoiserEvaluations permits DenoiserEvaluationsValues {

  /**
   * Evaluations run: every candidate's steps, which with one cut are {@code n * s + k * (T - s)}
   * for n candidates, k kept, s of the schedule's T steps before the decision.
   */
  long spent();

  /** What finishing every candidate takes: {@code n * T}. */
  long withoutSelection();

  /**
   * How many times the network ran per evaluation: 2 if any candidate was under classifier-free
   * guidance, else 1.
   */
  int branches();

  /**
   * {@code spent / withoutSelection}: in (0, 1] for a generation; in a session 0 at first, and
   * above 1 if steps had to be repeated.
   */
  default double share() {
    return (double) spent() / withoutSelection();
  }
}
