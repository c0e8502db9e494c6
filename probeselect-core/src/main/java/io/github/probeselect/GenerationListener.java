package io.github.probeselect;

import io.github.probeselect.Candidate.Outcome;
import java.util.List;

/**
 * Watches a generation. Methods are called on the thread that runs it, so they should return soon.
 * An exception thrown by a listener is logged and does not disturb the generation.
 *
 * <p>A method may generate, start other generations and wait for them, cancel, and close the
 * pipeline. It cannot wait for the generation that it watches, as that one waits for it: {@link
 * Generation#join} and calls that lead its own {@link Session} throw {@link
 * io.github.probeselect.error.InvalidRequestException} there.
 */
public interface GenerationListener {

  /** Called after every denoiser call. */
  default void onProgress(Progress progress) {}

  /**
   * Called at every decision point with all candidates, in the order of the request; those who go
   * on are {@link Outcome#KEPT}.
   */
  default void onDecision(List<Candidate> candidates) {}

  /** Called for every image that is returned, best first. */
  default void onImage(KeptImage image) {}

  /** The parts of a generation in which the denoiser runs. */
  enum Phase {
    /** Up to the last decision point. */
    EARLY,
    /** After the last decision point; only the kept candidates run. */
    REMAINING
  }

  /**
   * How far a generation has come.
   *
   * @param phase the current part
   * @param step denoising steps begun, 1 to {@code steps}
   * @param steps all denoising steps of the schedule
   * @param candidates how many candidates take this step
   * @param phaseEvaluations denoiser evaluations done in this part, in the unit of {@link
   *     Evaluations}
   * @param phasePlanned all denoiser evaluations of this part, at the most
   * @param evaluations denoiser evaluations done in all
   * @param evaluationsPlanned all denoiser evaluations this generation takes, at the most
   */
  record Progress(
      Phase phase,
      int step,
      int steps,
      int candidates,
      long phaseEvaluations,
      long phasePlanned,
      long evaluations,
      long evaluationsPlanned) {}
}
