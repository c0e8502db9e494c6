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

  /**
   * Texts of which some text encoder read only the beginning; empty when everything was read whole.
   */
  List<Truncation> truncations();

  /** Releases what the backend holds. Closing twice is harmless. */
  @Override
  void close();

  /**
   * A text of which at least one text encoder read only the beginning.
   *
   * @param text which text: {@code prompt} or {@code negative prompt}
   * @param readings how much of it each of the model's text encoders read, in the model's order
   */
  record Truncation(String text, List<Reading> readings) {
    /** Copies the list. */
    public Truncation {
      readings = List.copyOf(readings);
    }
  }

  /**
   * How much of a text one text encoder read.
   *
   * @param encoder its name, such as {@code T5}
   * @param tokens the length of the text in its tokens, special tokens included; at least that many
   *     where {@code counted} is false
   * @param counted whether the tokens were counted to the end of the text; those of a very long one
   *     are not
   * @param limit how many tokens it reads
   */
  record Reading(String encoder, int tokens, boolean counted, int limit) {
    /** Whether it read only the beginning. */
    public boolean isCut() {
      return tokens > limit;
    }
  }
}
