package io.github.probeselect.djl;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.VerifiedFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A tokenizer of a bundle or a metric: text to a fixed number of ids. To be used on the worker
 * only.
 */
final class TextTokenizer implements AutoCloseable {

  private final int length;
  private final HuggingFaceTokenizer reader;
  private final HuggingFaceTokenizer counter;

  private TextTokenizer(int length, HuggingFaceTokenizer reader, HuggingFaceTokenizer counter) {
    this.length = length;
    this.reader = reader;
    this.counter = counter;
  }

  /**
   * Opens a tokenizer and checks that it gives the ids that the manifest says it gives.
   *
   * @throws io.github.probeselect.error.ProbeSelectException as {@link VerifiedFiles#invalid} makes
   *     it, if it does not, or the file holds no tokenizer
   */
  static TextTokenizer open(VerifiedFiles files, TokenizerSpec spec) {
    String limit = String.valueOf(spec.length());
    HuggingFaceTokenizer reader =
        load(
            files, spec, Map.of("truncation", "true", "padding", "max_length", "maxLength", limit));
    try {
      HuggingFaceTokenizer counter =
          load(files, spec, Map.of("truncation", "false", "padding", "false"));
      TextTokenizer tokenizer = new TextTokenizer(spec.length(), reader, counter);
      try {
        tokenizer.check(files, spec);
        return tokenizer;
      } catch (RuntimeException e) {
        counter.close();
        throw e;
      }
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  private static HuggingFaceTokenizer load(
      VerifiedFiles files, TokenizerSpec spec, Map<String, String> options) {
    try (InputStream stream = files.read(spec.file())) {
      return HuggingFaceTokenizer.newInstance(stream, options);
    } catch (RuntimeException | IOException e) {
      throw files.invalid(
          spec.file() + " is not a tokenizer that can be read: " + NativeArena.reason(e), e);
    }
  }

  private void check(VerifiedFiles files, TokenizerSpec spec) {
    List<Long> expected = spec.check().ids();
    List<Long> found = Arrays.stream(ids(spec.check().text())).boxed().toList();
    if (!found.equals(expected)) {
      throw files.invalid(
          spec.file()
              + " turns '"
              + spec.check().text()
              + "' into the ids "
              + found
              + ", the manifest says "
              + expected
              + "; export it again");
    }
  }

  /** How many ids a text becomes: longer texts are cut, shorter ones padded. */
  int length() {
    return length;
  }

  /** The ids of {@code text}, {@link #length} of them. */
  long[] ids(String text) {
    return reader.encode(text).getIds();
  }

  /** How many tokens the whole of {@code text} has, special tokens included. */
  int count(String text) {
    return counter.encode(text).getIds().length;
  }

  @Override
  public void close() {
    reader.close();
    counter.close();
  }
}
