package io.github.probeselect.model;

/**
 * A metric computed by a neural network, such as CLIPScore. It holds native memory until it is
 * closed. Safe for use by several threads, whose calls run one at a time; after {@link #close},
 * {@link #score} and {@link #scores} throw a {@link io.github.probeselect.error.BackendException}.
 *
 * <p>It scores images of any size: resizing and normalisation are part of the metric. A prompt
 * longer than the metric's limit is truncated at its end; {@link #truncation} reports it.
 */
public interface LearnedMetric extends QualityMetric, AutoCloseable {

  /** Releases the metric. Closing twice is harmless. */
  @Override
  void close();
}
