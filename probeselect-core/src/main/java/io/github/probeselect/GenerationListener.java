package io.github.probeselect;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.SelectionPlan;
import java.util.List;

/**
 * Receives the progress of a generation. Methods are called on the thread that runs the generation,
 * so they should return soon. An exception thrown by a listener is logged and does not affect the
 * generation, except {@link io.github.probeselect.error.GenerationCancelledException}: with it a
 * listener cancels the generation, before its next denoiser call, for instance because the
 * connection on which it reports has been closed.
 *
 * <p>In a {@link Session} the methods from {@link #onProgress} to {@link #onImage} are called; its
 * calls themselves return the result or throw the failure.
 *
 * <p>A method may generate, start other generations and wait for them, cancel, and close the
 * pipeline. It must not wait for its own generation, which waits for the method: {@link
 * Generation#join} and calls that change its own {@link Session} throw {@link
 * io.github.probeselect.error.InvalidRequestException} there.
 */
public interface GenerationListener {

  /** Called once, when the generation has left the queue, has a device, and is planned. */
  default void onStart(Start start) {}

  /** Called after every denoiser call. */
  default void onProgress(Progress progress) {}

  /**
   * Called for every running candidate after every k-th step, if {@link
   * GenerationRequest#previewEvery} asks for it.
   */
  default void onPreview(Preview preview) {}

  /**
   * Called at every decision point with all candidates, in the order of the request; the candidates
   * that continue are {@link Outcome#KEPT}.
   */
  default void onDecision(List<Candidate> candidates) {}

  /**
   * Called for every finished image as soon as it is decoded, before the next one is; those with
   * the best early scores first. With {@link GenerationRequest#rescoreBy} more images may finish
   * than are returned, and none has its final score yet.
   */
  default void onFinished(KeptImage image) {}

  /**
   * Called for every returned image, best first: as soon as it is decoded, or with {@link
   * GenerationRequest#rescoreBy} once all images are scored.
   */
  default void onImage(KeptImage image) {}

  /** Called at the end, before the caller or the future receives the result. */
  default void onResult(GenerationResult result) {}

  /**
   * Called in place of {@link #onResult} if the generation fails: because the model does not
   * support the request, it is cancelled, its deadline passes, the pipeline is closed, or the
   * engine fails. If it was queued until then, {@link #onStart} was not called, and this is called
   * on the thread that ends it.
   */
  default void onFailure(Throwable failure) {}

  /**
   * The begin of a generation.
   *
   * @param settings its settings, the device among them
   * @param plan the cuts, as requested or as planned for a budget
   * @param origins the candidates in their order; those of a second wave as they are before they
   *     are varied
   */
  record Start(Settings settings, SelectionPlan plan, List<Origin> origins) {

    /** Copies the list. */
    public Start {
      origins = List.copyOf(origins);
    }
  }

  /**
   * A preview of a candidate: the image decoded from its x0 prediction, by the preview decoder of
   * the bundle if it has one.
   *
   * @param candidate the index of the candidate in the order of the request, from 0
   * @param origin its origin
   * @param stepsDone the denoising steps that it has behind it
   * @param steps all denoising steps of the schedule
   * @param image the picture, {@linkplain RgbImage#isVoid() void} if it is not made of finite
   *     numbers
   */
  record Preview(int candidate, Origin origin, int stepsDone, int steps, RgbImage image) {}

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
