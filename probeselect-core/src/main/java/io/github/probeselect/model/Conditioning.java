package io.github.probeselect.model;

import java.util.List;

/**
 * An encoded prompt (and negative prompt), held by the backend until closed. Encoded once, used at
 * every step by every candidate. Safe for use by several threads until closed.
 */
public interface Conditioning extends AutoCloseable {

  /**
   * The prompt embedding that probes read, copied to the heap: the values of the text encoder
   * output that the bundle names as its prompt embedding, row-major.
   */
  float[] promptEmbedding();

  /** Texts that were longer than the text encoder reads; empty when everything was read whole. */
  List<Truncation> truncations();

  /** Releases what the backend holds. Closing twice is harmless. */
  @Override
  void close();

  /**
   * A text of which only the beginning was read.
   *
   * @param text which text: {@code prompt} or {@code negative prompt}
   * @param tokens its length in tokens, special tokens included
   * @param limit how many tokens the text encoder reads
   */
  record Truncation(String text, int tokens, int limit) {}
}
