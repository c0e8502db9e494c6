package io.github.probeselect.model;

/**
 * A metric that is a network with weights of its own, such as CLIPScore. It holds native memory
 * until it is closed. Safe for use by several threads, which take turns; after {@link #close}, a
 * call to {@link #score} or {@link #scores} ends in a {@link
 * io.github.probeselect.error.BackendException}.
 *
 * <p>Images of any size are judged: resizing and normalisation belong to the metric. A prompt that
 * is longer than the metric can read loses its end.
 */
public interface LearnedMetric extends QualityMetric, AutoCloseable {

  /** Releases the metric. Closing twice is harmless. */
  @Override
  void close();
}
