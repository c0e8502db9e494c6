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
  DECODE
}
