package io.github.probeselect.model;

import java.util.List;

/**
 * Something that is known of candidates early and that they can be selected by: a {@link Probe}, a
 * {@link PreviewProbe}, the {@linkplain #guidanceGap guidance gap}. Implementations are safe for
 * use by several threads, and the score of a candidate must not depend on the other rows of the
 * observation.
 */
public interface Signal extends AutoCloseable {

  /** The name of the {@linkplain #guidanceGap guidance gap} among the signals. */
  String GUIDANCE_GAP = "guidance gap";

  /**
   * How strongly the prompt changes the prediction for a candidate: {@link
   * Denoiser.Prediction#guidanceGap()}. It costs nothing. Without classifier-free guidance it
   * returns NaN.
   */
  static Signal guidanceGap() {
    return new GuidanceGap();
  }

  /** The name of the signal in readings, reports and calibrations. */
  String name();

  /**
   * Identifies the version of the signal, for a trained signal by the checksums of its files. A
   * calibration records it and is refused if it differs. Empty by default: all signals of that name
   * and version are considered equal.
   */
  default String version() {
    return "";
  }

  /**
   * Scores every candidate of {@code observation}.
   *
   * @return one score per row, higher is better
   */
  List<Score> scores(Observation observation);

  /**
   * Whether the signal reads {@link Observation#activations()}, which must then be captured. If no
   * signal of a generation reads them, the denoiser runs without capture.
   */
  default boolean readsActivations() {
    return true;
  }

  /** Releases what the signal holds; by default there is nothing to release. */
  @Override
  default void close() {}
}
