package io.github.probeselect.model;

import java.util.List;

/**
 * An encoded prompt (and negative prompt), held by the backend until closed. Encoded once and used
 * at every step of every candidate. Safe for use by several threads until closed.
 */
public interface Conditioning extends AutoCloseable {

  /**
   * The prompt embedding that probes read, copied to the heap: the values of the text encoder
   * output that the bundle names as its prompt embedding, row-major.
   */
  float[] promptEmbedding();

  /** Texts that a text encoder truncated; empty if every encoder read every text completely. */
  List<Truncation> truncations();

  /** Releases what the backend holds. Closing twice is harmless. */
  @Override
  void close();

  /**
   * A text that at least one text encoder truncated.
   *
   * @param text {@code prompt} or {@code negative prompt}
   * @param readings how many tokens of it each of the model's text encoders read, in the model's
   *     order
   */
  record Truncation(String text, List<Reading> readings) {
    /** Copies the list. */
    public Truncation {
      readings = List.copyOf(readings);
    }
  }

  /**
   * How many tokens of a text one text encoder read.
   *
   * @param encoder its name, such as {@code T5}
   * @param tokens the length of the text in its tokens, special tokens included; at least that many
   *     where {@code counted} is false
   * @param counted whether the tokens were counted to the end of the text; in a very long text they
   *     are not
   * @param limit the maximum number of tokens that it reads
   */
  record Reading(String encoder, int tokens, boolean counted, int limit) {
    /** Whether it truncated the text. */
    public boolean isCut() {
      return tokens > limit;
    }
  }
}
