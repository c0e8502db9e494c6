package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.internal.io.PngFile;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What image tools read out of the text of a PNG, by their own rules. */
class ParametersTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  /**
   * What AUTOMATIC1111's web UI reads: the last line is settings if at least three are found in it,
   * and a value in double quotes is JSON.
   */
  private record Read(String prompt, String negativePrompt, Map<String, String> settings) {

    private static final Pattern SETTING =
        Pattern.compile("\\s*(\\w[\\w \\-/]+):\\s*(\"(?:\\\\.|[^\\\\\"])+\"|[^,]*)(?:,|$)");

    static Read of(String text) throws JsonProcessingException {
      List<String> lines = new ArrayList<>(Arrays.asList(text.strip().split("\n", -1)));
      Map<String, String> settings = new LinkedHashMap<>();
      Matcher matcher = SETTING.matcher(lines.get(lines.size() - 1));
      while (matcher.find()) {
        String value = matcher.group(2);
        settings.put(
            matcher.group(1),
            value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? new ObjectMapper().readValue(value, String.class)
                : value);
      }
      assertThat(settings).as("too few to be settings").hasSizeGreaterThan(2);
      List<String> prompt = new ArrayList<>();
      List<String> negative = new ArrayList<>();
      List<String> current = prompt;
      for (String line : lines.subList(0, lines.size() - 1)) {
        String stripped = line.strip();
        if (stripped.startsWith("Negative prompt:")) {
          current = negative;
          stripped = stripped.substring("Negative prompt:".length()).strip();
        }
        current.add(stripped);
      }
      return new Read(String.join("\n", prompt), String.join("\n", negative), settings);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Tiny SD, version 2: fine, Steps: 99",
        "tiny\nsd2",
        "tiny\r\nsd2, Seed: 1",
        "\"quoted\"",
        "half a \"quote",
        "back\\slash",
        "back\\slash, and comma\\",
        " spaces around ",
        "a: b",
        "tab\tand\u2028separator",
        "モデル, 二",
        "plain",
      })
  void aModelNameComesBackWhateverIsInIt(String name) throws IOException {
    fake.with(manifest -> manifest.put("name", name));

    Read read = read(fake.request(1, 1).guidanceScale(4.5));

    assertThat(read.settings)
        .containsExactly(
            Map.entry("Steps", "10"),
            Map.entry("Sampler", "DDIM"),
            Map.entry("CFG scale", "4.5"),
            Map.entry("Seed", "0"),
            Map.entry("Size", "32x16"),
            Map.entry("Model hash", "0123456789"),
            Map.entry("Model", name),
            Map.entry("Device", "cpu"),
            Map.entry("Version", "ProbeSelect"));
    assertThat(read.prompt).isEqualTo(FakePipeline.PROMPT);
  }

  @Test
  void aNameThatNeedsNoQuotesHasNone() {
    assertThat(fake.request(1, 1).generate().images().get(0).parameters())
        .contains(", Model: fake, Device: cpu, Version: ProbeSelect");
  }

  @Test
  void theScoresAreWritten() throws IOException {
    GenerationRequest request =
        fake.request(3, 1)
            .probe(ScriptedProbe.scores(0.25, 1e-5, Double.NaN))
            .cuts(Cut.at(0.2, 2))
            .rescoreBy(QualityMetric.of("red", (image, prompt) -> 0.75));

    assertThat(read(request).settings)
        .containsEntry("Score", "0.25")
        .containsEntry("Final score", "0.75");
    assertThat(request.generate().images().get(0).score()).hasValue(0.25);
    assertThat(
            read(fake.request(2, 1).probe(ScriptedProbe.scores(Double.NaN, Double.NaN))).settings)
        .doesNotContainKeys("Score", "Final score");
  }

  @Test
  void promptsOfSeveralLinesComeBack() throws IOException {
    Read read =
        read(
            fake.pipeline()
                .request("a red circle\nSteps: 3, Sampler: Euler, Seed: 8, Size: 8x8")
                .negativePrompt("blur\nnoise, Steps: 4"));

    assertThat(read.prompt).isEqualTo("a red circle\nSteps: 3, Sampler: Euler, Seed: 8, Size: 8x8");
    assertThat(read.negativePrompt).isEqualTo("blur\nnoise, Steps: 4");
    assertThat(read.settings).containsEntry("Steps", "10").containsEntry("Seed", "0");
  }

  @Test
  void noLineOfAPromptIsTakenForTheNegativePrompt() throws IOException {
    Read inside =
        read(
            fake.pipeline()
                .request("a cat \n \n\t Negative prompt: a dog\non a mat")
                .negativePrompt("blur\nNegative prompt: noise"));
    assertThat(inside.prompt).isEqualTo("a cat Negative prompt: a dog\non a mat");
    assertThat(inside.negativePrompt).isEqualTo("blur Negative prompt: noise");

    Read first = read(fake.pipeline().request("Negative prompt: a dog"));
    assertThat(first.prompt).isEqualTo("\"Negative prompt: a dog\"");
    assertThat(first.negativePrompt).isEmpty();
  }

  private Read read(GenerationRequest request) throws IOException {
    Path file = directory.resolve("image.png");
    request.generate().images().get(0).writePng(file);
    return Read.of(PngFile.readText(file).get(KeptImage.PARAMETERS_KEY));
  }
}
