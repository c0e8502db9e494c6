package io.github.probeselect.djl;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.internal.UnreadableTextException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;

/**
 * A tokenizer of a bundle or a metric: text to a fixed number of ids. To be used on the worker
 * only.
 *
 * <p>Native code receives only the beginning of a very long text, and returns at most some
 * thousands of tokens: the JVM does not survive an out-of-memory error inside the tokenizer. The
 * ids are nevertheless those of the whole text, or the text is refused.
 */
final class TextTokenizer implements AutoCloseable {

  /** The minimum number of characters read: all of any ordinary text. */
  private static final int CHARACTERS = 1 << 16;

  /** Characters read for each id, if that is more. */
  private static final int CHARACTERS_PER_ID = 64;

  /** The minimum number of tokens counted. */
  private static final int COUNTED = 4096;

  /**
   * Words before the end of a text that was cut off of which some may be other words in the whole
   * text: a pattern that splits words, or an added token, may look that far ahead.
   */
  private static final int UNSETTLED_WORDS = 16;

  /** The word index of a token that is not part of the text. */
  static final long NO_WORD = -1;

  /** The number of code points of a text that a message quotes. */
  private static final int SHOWN = 20;

  private final int length;
  private final int characters;
  private final int counted;
  private final HuggingFaceTokenizer reader;
  private final HuggingFaceTokenizer counter;

  private TextTokenizer(
      int length, int characters, HuggingFaceTokenizer reader, HuggingFaceTokenizer counter) {
    this.length = length;
    this.characters = characters;
    this.counted = counted(length);
    this.reader = reader;
    this.counter = counter;
  }

  /** The number of characters that a tokenizer of that length reads. */
  private static int characters(int length) {
    return (int) Math.max(CHARACTERS, Math.min((long) CHARACTERS_PER_ID * length, 1 << 30));
  }

  private static int counted(int length) {
    return (int) Math.max(COUNTED, Math.min(2L * length, 1 << 30));
  }

  /**
   * Opens a tokenizer and checks that it returns the ids in the manifest.
   *
   * @throws io.github.probeselect.error.ProbeSelectException as {@link VerifiedFiles#invalid} makes
   *     it, if the ids differ, or the file holds no tokenizer
   */
  static TextTokenizer open(VerifiedFiles files, TokenizerSpec spec) {
    return open(files, spec, characters(spec.length()));
  }

  /** Opens a tokenizer that reads a limited number of characters of a text. */
  static TextTokenizer open(VerifiedFiles files, TokenizerSpec spec, int characters) {
    HuggingFaceTokenizer reader = load(files, spec, "max_length", spec.length());
    try {
      HuggingFaceTokenizer counter = load(files, spec, "false", counted(spec.length()));
      TextTokenizer tokenizer = new TextTokenizer(spec.length(), characters, reader, counter);
      try {
        new TokenizerTrial(files, spec).run(tokenizer);
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

  /**
   * The lengths are passed explicitly, since the library otherwise replaces those of the file by
   * its own.
   */
  private static HuggingFaceTokenizer load(
      VerifiedFiles files, TokenizerSpec spec, String padding, int maxLength) {
    String most = String.valueOf(maxLength);
    Map<String, String> options =
        Map.of(
            "truncation",
            "true",
            "padding",
            padding,
            "maxLength",
            most,
            "modelMaxLength",
            most,
            "stride",
            "0",
            "padToMultipleOf",
            "0");
    try (InputStream stream = files.read(spec.file())) {
      return HuggingFaceTokenizer.newInstance(stream, options);
    } catch (RuntimeException | IOException e) {
      throw files.invalid(
          spec.file() + " is not a tokenizer that can be read: " + NativeArena.reason(e), e);
    }
  }

  /** The number of ids per text: longer texts are truncated, shorter ones padded. */
  int length() {
    return length;
  }

  /**
   * The ids of {@code text}, {@link #length} of them.
   *
   * @throws UnreadableTextException if it has half a surrogate pair, or is very long and its ids
   *     may depend on what is not read of it
   */
  long[] ids(String text) {
    return reader.encode(beginning(text)).getIds();
  }

  /**
   * The number of tokens of {@code text}, special tokens included; for a long text a lower bound,
   * see {@link #isCounted}.
   *
   * @throws UnreadableTextException as {@link #ids} does
   */
  int count(String text) {
    Encoding encoding = unpadded(beginning(text));
    return text.length() > characters ? settled(encoding) : encoding.getIds().length;
  }

  /** Whether {@code tokens}, which {@link #count} gave for {@code text}, is the exact number. */
  boolean isCounted(String text, int tokens) {
    return text.length() <= characters && tokens < counted;
  }

  /** A text of a bounded number of characters, encoded without padding and rarely truncated. */
  Encoding unpadded(String text) {
    return counter.encode(text);
  }

  /** The beginning of a text that is read, checked to have the ids of the whole text. */
  private String beginning(String text) {
    int end = Math.min(text.length(), characters);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    String beginning = text.substring(0, end);
    refuseHalves(beginning);
    if (end < text.length() && settled(unpadded(beginning)) <= length) {
      throw new UnreadableTextException(
          "that begins with '"
              + shown(text)
              + "' has "
              + text.length()
              + " characters, of which the first "
              + characters
              + " do not decide its first "
              + length
              + " tokens: they are one long word, or give hardly any tokens; shorten the text, or"
              + " part it into words by spaces");
    }
    return beginning;
  }

  /**
   * How many tokens of the beginning of a text are those of the whole text, special ones included.
   * A tokenizer reads each word by itself, so the tokens of a word are settled when it has ended;
   * in a word, the first token can depend on the last character.
   */
  private static int settled(Encoding beginning) {
    long[] words = beginning.getWordIds();
    long last = NO_WORD;
    for (long word : words) {
      last = Math.max(last, word);
    }
    int settled = 0;
    for (long word : words) {
      if (word == NO_WORD || word < last - UNSETTLED_WORDS) {
        settled++;
      }
    }
    return settled;
  }

  private static void refuseHalves(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isSurrogate(text.charAt(i))) {
        continue;
      }
      if (i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
        i++;
      } else {
        throw new UnreadableTextException(
            String.format(
                Locale.ROOT,
                "has half a surrogate pair (U+%04X) at index %d, which is no"
                    + " character; complete the pair or remove it",
                (int) text.charAt(i),
                i));
      }
    }
  }

  /** The beginning of a text, for messages. */
  static String shown(String text) {
    return text.codePointCount(0, text.length()) <= SHOWN
        ? text
        : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "...";
  }

  @Override
  public void close() {
    reader.close();
    counter.close();
  }
}
