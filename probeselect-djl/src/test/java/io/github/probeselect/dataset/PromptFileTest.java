package io.github.probeselect.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.error.InvalidRequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PromptFileTest {

  @TempDir Path directory;

  /** The files that {@code models/tests/export/test_prompt_file.py} reads too. */
  static Stream<Named<JsonNode>> files() throws IOException {
    try (InputStream stream = PromptFileTest.class.getResourceAsStream("/prompts/files.json")) {
      return StreamSupport.stream(new ObjectMapper().readTree(stream).spliterator(), false)
          .map(file -> Named.of(file.get("name").asText(), file));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFileIsReadOrRefusedByItsLine(JsonNode vector) throws IOException {
    Path file = file(HexFormat.of().parseHex(vector.get("hex").asText()));

    if (vector.has("prompts")) {
      List<String> expected =
          StreamSupport.stream(vector.get("prompts").spliterator(), false)
              .map(JsonNode::asText)
              .toList();
      assertThat(PromptFile.read(file)).isEqualTo(expected);
    } else {
      String line = vector.get("line").isNull() ? "no prompt" : "line " + vector.get("line") + ":";
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> PromptFile.read(file))
          .withMessageContainingAll(file.toString(), line);
    }
  }

  @Test
  void theFirstOnesAreReadButAllAreChecked() throws IOException {
    Path three = file("a\nb\nc\n".getBytes(UTF_8));

    assertThat(PromptFile.read(three, 2)).containsExactly("a", "b");
    assertThat(PromptFile.read(three, 9)).containsExactly("a", "b", "c");
    refused("at least one", () -> PromptFile.read(three, 0));
    refused("line 3", () -> PromptFile.read(file("a\nb\n\0".getBytes(UTF_8)), 1));
    refused("no file of prompts", () -> PromptFile.read(directory.resolve("none.txt")));
  }

  @Test
  void aStreamIsReadAsAFileIs() throws IOException {
    byte[] two = "a\nb\n".getBytes(UTF_8);

    assertThat(PromptFile.read(new ByteArrayInputStream(two), "two", 1)).containsExactly("a");
    refused("of two", () -> PromptFile.read(new ByteArrayInputStream(two), "two", 0));
    refused(
        "prompts twice, line 2",
        () -> PromptFile.read(new ByteArrayInputStream("a\na".getBytes(UTF_8)), "twice", 1));
  }

  private static void refused(String what, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(what);
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("prompts.txt"), content);
  }
}
