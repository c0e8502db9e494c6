package io.github.probeselect;

import io.github.probeselect.Candidate.Outcome;
import java.util.List;

/**
 * Receives the progress of a generation. Methods are called on the thread that runs the generation,
 * so they should return soon. An exception thrown by a listener is logged and does not affect the
 * generation.
 *
 * <p>A method may generate, start other generations and wait for them, cancel, and close the
 * pipeline. It must not wait for its own generation, which waits for the method: {@link
 * Generation#join} and calls that change its own {@link Session} throw {@link
 * io.github.probeselect.error.InvalidRequestException} there.
 */
public interface GenerationListener {

  /** Called after every denoiser call. */
  default void onProgress(Progress progress) {}

  /**
   * Called at every decision point with all candidates, in the order of the request; the candidates
   * that continue are {@link Outcome#KEPT}.
   */
  default void onDecision(List<Candidate> candidates) {}

  /** Called for every returned image, best first. */
  default void onImage(KeptImage image) {}

  /** The parts of a generation in which the denoiser runs. */
  enum Phase {
    /** Up to the last decision point. */
    EARLY,
    /** After the last decision point; only the kept candidates run. */
    REMAINING
  }

  /**
   * The progress of a generation.
   *
   * @param phase the current part
   * @param step the current denoising step, 1 to {@code steps}
   * @param steps all denoising steps of the schedule
   * @param candidates the number of candidates at this step
   * @param phaseEvaluations denoiser evaluations of this part so far, in the unit of {@link
   *     GenerationResult.Evaluations}
   * @param phasePlanned the maximum of denoiser evaluations of this part
   * @param evaluations denoiser evaluations of all parts so far
   * @param evaluationsPlanned the maximum of denoiser evaluations of the whole generation
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
