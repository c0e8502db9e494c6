package io.github.probeselect.testing;

/** The calls a generation makes to a model. */
public enum Stage {
  /** Encoding the prompts. */
  ENCODE,
  /** A denoiser call. */
  PREDICT,
  /** A denoiser call that captures activations. */
  CAPTURE,
  /** Decoding one image. */
  DECODE,
  /** Decoding one preview with a decoder of its own. */
  PREVIEW
}
