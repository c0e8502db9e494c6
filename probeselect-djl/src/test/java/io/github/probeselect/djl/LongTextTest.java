package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.error.InvalidRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Of a long text only the beginning is read, and the ids are those of the whole text: by every
 * tokenizer of the models and of the metric, or the text is refused.
 */
class LongTextTest {

  private static final int TEXTS = 100;

  /** What texts are made of; the last three join or vanish. */
  private static final List<String> PIECES =
      List.of(
          "red",
          "circle",
          "a",
          "Extraordinarily",
          "it's",
          "3.5",
          "42",
          "...",
          "-----",
          "!?",
          "<b>",
          "<|endoftext|>",
          "</s>",
          "straße",
          "ÅNGSTRÖM",
          "Ωμέγα",
          "Москва",
          "नमस्ते",
          "العربية",
          "日本語",
          "、",
          "한국어",
          "ﬁn",
          "😀",
          "👍🏽",
          "👩‍👩‍👧",
          "e\u0301",
          "\u0300\u0301\u0302",
          "\u200b",
          "\u00ad");

  private static final List<String> GAPS =
      List.of(" ", " ", " ", "  ", "\n", "\t", "", "", "\u3000");

  /** A tokenizer and the files that hold it. */
  record Held(String name, VerifiedFiles files, TokenizerSpec spec) {
    @Override
    public String toString() {
      return name + ": " + spec.file();
    }

    TextTokenizer open() {
      return TextTokenizer.open(files, spec);
    }
  }

  static Stream<Held> tokenizers() {
    MetricDirectory metric = MetricDirectory.open(ChangedMetric.original());
    return Stream.concat(
        GoldenModels.NAMES.stream()
            .map(GoldenModels::bundle)
            .flatMap(
                bundle ->
                    bundle.manifest().tokenizers().stream()
                        .map(spec -> new Held(bundle.manifest().name(), bundle, spec))),
        Stream.of(new Held("metric", metric, metric.manifest().tokenizer())));
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void randomTextsOfManyScriptsHaveTheIdsOfTheWhole(Held held) throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int cut = 0;
    try (HuggingFaceTokenizer whole = whole(held)) {
      for (int characters : new int[] {100, 200, 700}) {
        try (TextTokenizer bounded = TextTokenizer.open(held.files(), held.spec(), characters)) {
          for (int i = 0; i < TEXTS; i++) {
            String text = text(random, 1 + random.nextInt(2 * characters));
            long[] ids;
            try {
              ids = bounded.ids(text);
            } catch (InvalidRequestException refused) {
              assertThat(text).hasSizeGreaterThan(characters);
              continue;
            }
            cut += text.length() > characters ? 1 : 0;
            String where = held + ", seed " + seed + ", text " + i + " of " + characters;
            assertThat(ids).as(where).isEqualTo(read(whole, text, held.spec()));
            int tokens = bounded.count(text);
            int all = whole.encode(text).getIds().length;
            if (bounded.isCounted(text, tokens)) {
              assertThat(tokens).as(where).isEqualTo(all);
            } else {
              assertThat(tokens).as(where).isBetween(held.spec().length() + 1, all);
            }
          }
        }
      }
    }
    assertThat(cut)
        .as("texts that were cut and not refused, seed " + seed)
        .isGreaterThan(TEXTS / 4);
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void aTextOfAMillionCharactersIsReadByItsBeginning(Held held) throws IOException {
    String text = "a red circle left of a blue square, ".repeat(30_000);
    try (TextTokenizer tokenizer = held.open();
        HuggingFaceTokenizer whole = whole(held)) {
      String beginning = text.substring(0, 3600);
      assertThat(tokenizer.ids(text)).isEqualTo(read(whole, beginning, held.spec()));
      int tokens = tokenizer.count(text);
      assertThat(tokens).isGreaterThan(4000).isLessThanOrEqualTo(4096);
      assertThat(tokenizer.isCounted(text, tokens)).isFalse();
      assertThat(tokenizer.isCounted("a red circle", tokenizer.count("a red circle"))).isTrue();
    }
  }

  static Stream<String> undecided() {
    return Stream.of(
        "😀".repeat(100_000),
        "x".repeat(100_000),
        "e" + "\u0301".repeat(100_000),
        "\u00e9".repeat(100_000),
        "red " + "x".repeat(100_000));
  }

  @ParameterizedTest
  @MethodSource("undecided")
  void aBeginningThatDoesNotDecideTheIdsIsRefused(String text) {
    for (Held held : tokenizers().toList()) {
      try (TextTokenizer tokenizer = held.open()) {
        assertThatExceptionOfType(InvalidRequestException.class)
            .as(held.toString())
            .isThrownBy(() -> tokenizer.ids(text))
            .withMessageContaining(text.length() + " characters")
            .withMessageContaining("shorten the text");
      }
    }
  }

  /** Where every space is a token the text is cut, where spaces vanish it is refused. */
  @ParameterizedTest
  @MethodSource("tokenizers")
  void aTextThatBeginsWithSpacesIsReadAsTheWholeOrRefused(Held held) throws IOException {
    String text = " ".repeat(100_000) + "a red circle";
    try (TextTokenizer tokenizer = held.open();
        HuggingFaceTokenizer whole = whole(held)) {
      if (whole.encode(text).getIds().length > held.spec().length()) {
        assertThat(tokenizer.ids(text)).isEqualTo(read(whole, text, held.spec()));
      } else {
        assertThatExceptionOfType(InvalidRequestException.class)
            .isThrownBy(() -> tokenizer.ids(text))
            .withMessageContaining("hardly any tokens");
      }
    }
  }

  @Test
  void aTextOfAnyLengthIsRefusedInAShortMessage() {
    try (TextTokenizer tokenizer = tokenizers().findFirst().orElseThrow().open()) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> tokenizer.count("x".repeat(1_000_000)))
          .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(400));
    }
  }

  @Test
  void halfASurrogatePairIsRefusedAndACutLeavesNone() {
    Held held = tokenizers().findFirst().orElseThrow();
    try (TextTokenizer tokenizer = held.open()) {
      for (String half : List.of("red \ud83d", "\ude00 red", "red \ude00\ud83d circle")) {
        assertThatExceptionOfType(InvalidRequestException.class)
            .isThrownBy(() -> tokenizer.ids(half))
            .withMessageContaining("half a surrogate pair");
      }
      for (int shift = 0; shift < 2; shift++) {
        String text = "a ".repeat(60) + "b".repeat(shift) + " 😀".repeat(1) + "😀 ".repeat(50_000);
        assertThat(tokenizer.ids(text)).hasSize(held.spec().length());
      }
    }
  }

  private static String text(Random random, int size) {
    StringBuilder text = new StringBuilder();
    boolean gaps = random.nextInt(10) > 0;
    while (text.length() < size) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
      text.append(gaps ? GAPS.get(random.nextInt(GAPS.size())) : "");
    }
    return text.toString();
  }

  /** The tokenizer by itself, which neither cuts nor pads. */
  private static HuggingFaceTokenizer whole(Held held) throws IOException {
    try (InputStream stream = held.files().read(held.spec().file())) {
      return HuggingFaceTokenizer.newInstance(
          stream, Map.of("truncation", "false", "padding", "false"));
    }
  }

  /** All ids of a text, cut before those that end every text, or padded. */
  private static long[] read(HuggingFaceTokenizer whole, String text, TokenizerSpec spec) {
    long[] ids = whole.encode(text).getIds();
    long[] read = Arrays.copyOf(ids, spec.length());
    if (ids.length > spec.length()) {
      read[spec.length() - 1] = ids[ids.length - 1];
    } else {
      Arrays.fill(read, ids.length, spec.length(), spec.padId());
    }
    return read;
  }
}
