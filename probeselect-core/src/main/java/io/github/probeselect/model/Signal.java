package io.github.probeselect.model;

import java.util.List;

/**
 * Something that is known of candidates early and that they can be selected by: a {@link Probe}, a
 * {@link PreviewProbe}, the {@link GuidanceGap}. Implementations are safe for use by several
 * threads, and the score of a candidate must not depend on the other rows of the observation.
 */
public interface Signal extends AutoCloseable {

  /** What it is called in readings, reports and calibrations. */
  String name();

  /**
   * What tells the signal from another one of the same name, or from an earlier state of itself:
   * the checksums of the files for what was trained. A calibration records it and is refused where
   * it is another. Empty by default: whatever has that name is then taken for the same.
   */
  default String version() {
    return "";
  }

  /**
   * Judges every candidate of {@code observation}.
   *
   * @return one judgement per row, higher is better
   */
  List<Judgement> judge(Observation observation);

  /**
   * Whether it reads {@link Observation#activations()}, which must then be captured. If no signal
   * of a generation does, the denoiser runs without capture.
   */
  default boolean readsActivations() {
    return true;
  }

  /** Releases what the signal holds; by default there is nothing to release. */
  @Override
  default void close() {}
}
