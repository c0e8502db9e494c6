package io.github.probeselect.djl;

import ai.djl.huggingface.tokenizers.Encoding;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.BundleManifest.TokenizerCheck;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.ProbeSelectException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Compares a tokenizer's ids with its manifest: the ids of the checks, and, for an empty text, one
 * that fits and one that is too long, number, first and last ids and padding. To be used on the
 * worker only.
 */
final class TokenizerTrial {

  private static final int LETTERS = 26;

  private final VerifiedFiles files;
  private final TokenizerSpec spec;

  TokenizerTrial(VerifiedFiles files, TokenizerSpec spec) {
    this.files = files;
    this.spec = spec;
  }

  /**
   * Tests the tokenizer.
   *
   * @throws ProbeSelectException as {@link VerifiedFiles#invalid} makes it, if the ids do not match
   *     the manifest
   */
  void run(TextTokenizer tokenizer) {
    refuseLeftTruncation();
    for (TokenizerCheck check : spec.allChecks()) {
      long[] expected = check.ids().stream().mapToLong(Long::longValue).toArray();
      compare(check.text(), idsOf(check, tokenizer), expected, "the manifest says");
    }
    checkSpecialIds(tokenizer.unpadded("").getIds());
    for (String text : List.of("", spec.check().text(), tooLong())) {
      long[] found = tokenizer.ids(text);
      Encoding whole = tokenizer.unpadded(text);
      if (whole.getIds().length > spec.length()) {
        compare(text, found, cut(whole), "its first tokens and the last special ones are");
      } else if (!Arrays.equals(found, padded(whole.getIds(), true))) {
        compare(
            text, found, padded(whole.getIds(), false), "padded with padId " + spec.padId() + ":");
      }
    }
  }

  private long[] idsOf(TokenizerCheck check, TextTokenizer tokenizer) {
    try {
      return tokenizer.ids(check.text());
    } catch (InvalidRequestException e) {
      throw files.invalid("a check of " + spec.file() + " cannot be made: " + e.getMessage(), e);
    }
  }

  /** A text that is too long loses its end, and only its beginning is read at all. */
  private void refuseLeftTruncation() {
    try (InputStream stream = files.read(spec.file())) {
      JsonNode truncation = JsonMapper.builder().build().readTree(stream).path("truncation");
      if (truncation.path("direction").asText().equals("Left")) {
        throw files.invalid(
            spec.file()
                + " cuts a too long text at its beginning (truncation.direction is Left); only"
                + " tokenizers that cut it at its end are supported");
      }
    } catch (IOException e) {
      throw files.invalid(spec.file() + " is not a tokenizer that can be read: " + e, e);
    }
  }

  private void checkSpecialIds(long[] empty) {
    Long begin = spec.bosId();
    if (begin != null && (empty.length == 0 || empty[0] != begin)) {
      throw wrongSpecialId("begins", "bosId", begin, empty);
    }
    Long end = spec.eosId();
    if (end != null && (empty.length == 0 || empty[empty.length - 1] != end)) {
      throw wrongSpecialId("ends", "eosId", end, empty);
    }
  }

  private ProbeSelectException wrongSpecialId(String where, String field, long id, long[] empty) {
    return files.invalid(
        spec.file()
            + " gives the empty text the ids "
            + Arrays.toString(empty)
            + ", the manifest says that a text "
            + where
            + " with "
            + id
            + " ("
            + field
            + "); export it again");
  }

  private void compare(String text, long[] found, long[] expected, String where) {
    if (!Arrays.equals(found, expected)) {
      throw files.invalid(
          spec.file()
              + " turns '"
              + TextTokenizer.shown(text)
              + "' into the ids "
              + Arrays.toString(found)
              + ", "
              + where
              + " "
              + Arrays.toString(expected)
              + "; export it again");
    }
  }

  private long[] padded(long[] ids, boolean right) {
    LongStream padding = LongStream.generate(spec::padId).limit(spec.length() - ids.length);
    LongStream text = Arrays.stream(ids);
    return (right ? LongStream.concat(text, padding) : LongStream.concat(padding, text)).toArray();
  }

  /** The first ids, but at the end those that the tokenizer adds to every text. */
  private long[] cut(Encoding whole) {
    long[] ids = whole.getIds();
    long[] words = whole.getWordIds();
    int added = 0;
    while (added < spec.length() && words[words.length - 1 - added] == TextTokenizer.NO_WORD) {
      added++;
    }
    return LongStream.concat(
            Arrays.stream(ids, 0, spec.length() - added),
            Arrays.stream(ids, ids.length - added, ids.length))
        .toArray();
  }

  /** More words than ids, no two of them alike, so that its end is not taken for its beginning. */
  private String tooLong() {
    return IntStream.rangeClosed(0, spec.length())
        .mapToObj(TokenizerTrial::word)
        .collect(Collectors.joining(" "));
  }

  private static String word(int number) {
    String last = String.valueOf((char) ('a' + number % LETTERS));
    return number < LETTERS ? last : word(number / LETTERS - 1) + last;
  }
}
