package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.error.InvalidBundleException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the padding and truncation sections of a tokenizer are, it gives as many ids as the
 * manifest says, padded and cut as it says, or is refused by name.
 */
class TokenizerSectionsTest {

  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final TokenizerSpec SPEC = DefaultModel.bundle().manifest().tokenizers().get(0);
  private static final String LONG = "red circle ".repeat(30) + "blue";

  @TempDir private Path directory;
  private ChangedBundle bundle;

  @BeforeEach
  void copy() {
    bundle = ChangedBundle.in(directory);
  }

  /** Lengths are the manifest's, and the ids do not depend on the rest. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"padding\": null}",
        "{\"truncation\": null}",
        "{\"padding\": null, \"truncation\": null}",
        "{\"padding\": {\"pad_to_multiple_of\": 64}}",
        "{\"padding\": {\"pad_to_multiple_of\": 7}}",
        "{\"padding\": {\"strategy\": \"BatchLongest\"}}",
        "{\"padding\": {\"strategy\": {\"Fixed\": 40}}}",
        "{\"padding\": {\"strategy\": {\"Fixed\": 8}}}",
        "{\"truncation\": {\"stride\": 4}}",
        "{\"truncation\": {\"max_length\": 40}}",
        "{\"truncation\": {\"max_length\": 8}}",
        "{\"truncation\": {\"strategy\": \"OnlyFirst\"}}",
        "{\"truncation\": {\"strategy\": \"OnlySecond\"}}",
      })
  void theIdsAreThoseOfTheManifest(String sections) throws IOException {
    section(sections);
    try (TextTokenizer changed = opened();
        TextTokenizer original = TextTokenizer.open(DefaultModel.bundle(), SPEC)) {
      for (String text : new String[] {"", "a red circle", "a red circle.", LONG, "😀 é 日本"}) {
        assertThat(changed.ids(text)).as(text).isEqualTo(original.ids(text)).hasSize(32);
      }
    }
  }

  @Test
  void paddingOnTheLeftIsWhatTheChecksSay() throws IOException {
    section("{\"padding\": {\"direction\": \"Left\"}}");
    refused("turns 'a red circle' into the ids [0, 0");
    checks(TokenizerSectionsTest::paddedLeft);
    try (TextTokenizer changed = opened()) {
      assertThat(changed.ids("a red circle")).startsWith(0, 0).endsWith(547, 633);
      assertThat(changed.ids(LONG)).startsWith(632).endsWith(633);
    }
  }

  private static long[] paddedLeft(long[] ids) {
    long[] text = Arrays.stream(ids).filter(id -> id != 0).toArray();
    return LongStream.concat(
            LongStream.generate(() -> 0).limit(ids.length - text.length), Arrays.stream(text))
        .toArray();
  }

  @Test
  void aTokenizerThatKeepsTheEndOfATextIsRefused() throws IOException {
    section("{\"truncation\": {\"direction\": \"Left\"}}");
    refused("truncation.direction is Left");
    bundle.manifest(manifest -> ((ObjectNode) manifest.at("/tokenizers/0")).remove("checks"));
    refused("truncation.direction is Left");
  }

  @Test
  void anotherPaddingThanTheManifestSaysIsRefused() throws IOException {
    section("{\"padding\": {\"pad_id\": 5, \"pad_token\": \"%\"}}");
    checks(ids -> Arrays.stream(ids).map(id -> id == 0 ? 5 : id).toArray());
    refused("padded with padId 0");
  }

  @ParameterizedTest
  @CsvSource({"bosId, 5", "eosId, 5", "bosId, 633", "eosId, 632"})
  void anotherBeginOrEndThanTheManifestSaysIsRefused(String field, long id) {
    bundle.manifest(manifest -> ((ObjectNode) manifest.at("/tokenizers/0")).put(field, id));
    refused("gives the empty text the ids [632, 633]", field);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 31, 33, 40, 64})
  void anotherNumberOfIdsIsRefused(int count) throws IOException {
    section("{\"padding\": {\"pad_to_multiple_of\": 64}}");
    checks(ids -> Arrays.copyOf(ids, count));
    refused("has " + count + " ids, but every text becomes 32 (length)");
  }

  /** One that checks of a short text would not show. */
  @Test
  void aMistakeThatOnlyOneOfTheChecksShowsIsFound() {
    bundle.manifest(
        manifest -> {
          ArrayNode ids = (ArrayNode) manifest.at("/tokenizers/0/checks/2/ids");
          ids.set(3, ids.get(3).asLong() + 1);
        });
    refused("turns '" + SPEC.checks().get(2).text().substring(0, 10));
  }

  @Test
  void aCheckThatIsNoTextIsRefused() {
    bundle.manifest(
        manifest -> ((ObjectNode) manifest.at("/tokenizers/0/check")).put("text", "a \ud83d"));
    refused("a check of ", "half a surrogate pair");
  }

  @Test
  void aBundleWithOneCheckAndNoNameIsOpened() {
    bundle.manifest(
        manifest ->
            ((ObjectNode) manifest.at("/tokenizers/0")).remove(List.of("checks", "encoder")));
    bundle.open();
  }

  /** Merges the given fields into the sections of the tokenizer. */
  private void section(String changes) throws IOException {
    ObjectNode tokenizer;
    try (InputStream stream = DefaultModel.bundle().read(SPEC.file())) {
      tokenizer = (ObjectNode) JSON.readTree(stream);
    }
    JSON.readTree(changes)
        .properties()
        .forEach(
            section -> {
              if (section.getValue().isNull()) {
                tokenizer.putNull(section.getKey());
              } else {
                tokenizer
                    .withObject("/" + section.getKey())
                    .setAll((ObjectNode) section.getValue());
              }
            });
    bundle.replace(SPEC.file(), JSON.writeValueAsBytes(tokenizer));
  }

  /** Changes the ids of every check. */
  private void checks(UnaryOperator<long[]> change) {
    Consumer<ObjectNode> changeOne =
        check -> {
          long[] ids = JSON.convertValue(check.get("ids"), long[].class);
          check.set("ids", JSON.valueToTree(change.apply(ids)));
        };
    bundle.manifest(
        manifest -> {
          changeOne.accept((ObjectNode) manifest.at("/tokenizers/0/check"));
          manifest.at("/tokenizers/0/checks").forEach(one -> changeOne.accept((ObjectNode) one));
        });
  }

  private TextTokenizer opened() {
    Bundle changed = Bundle.open(directory);
    return TextTokenizer.open(changed, changed.manifest().tokenizers().get(0));
  }

  private void refused(String... inMessage) {
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(bundle::open)
        .withMessageContaining(SPEC.file())
        .satisfies(e -> assertThat(e.getMessage()).contains(inMessage));
  }
}
