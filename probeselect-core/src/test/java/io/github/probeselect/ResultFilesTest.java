package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.PngFile;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ResultFilesTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  @Test
  void aResultIsItsImagesAndAJsonFile() throws IOException {
    GenerationResult result =
        fake.request(3, 2).probe(ScriptedProbe.scores(0.25, 0.75, 0.5)).generate();

    Path target = directory.resolve("new/folder");
    List<Path> images = result.writeTo(target);

    assertThat(images).containsExactly(target.resolve("seed-1.png"), target.resolve("seed-2.png"));
    try (var files = Files.list(target)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("seed-1.png", "seed-2.png", "result.json");
    }
    for (int i = 0; i < images.size(); i++) {
      assertThat(RgbImage.of(ImageIO.read(images.get(i).toFile())))
          .isEqualTo(result.images().get(i).image());
    }
  }

  @Test
  void theJsonFileTellsEverythingThatMatters() throws IOException {
    GenerationResult result =
        fake.request(3, 2)
            .negativePrompt("dull")
            .probe(ScriptedProbe.scores(0.25, 0.75, Double.NaN))
            .generate();

    JsonNode json = write(result);

    assertThat(json.get("bundle").asText()).isEqualTo("fake");
    assertThat(json.get("modelHash").asText()).isEqualTo("0123456789");
    assertThat(json.get("prompt").asText()).isEqualTo(FakePipeline.PROMPT);
    assertThat(json.get("negativePrompt").asText()).isEqualTo("dull");
    assertThat(json.get("scheduler").asText()).isEqualTo("DDIM");
    assertThat(json.get("steps").asInt()).isEqualTo(10);
    assertThat(json.get("decisionSteps").get(0).asInt()).isEqualTo(2);
    assertThat(json.get("guidanceScale").asDouble()).isEqualTo(3);
    assertThat(json.get("width").asInt()).isEqualTo(32);
    assertThat(json.get("height").asInt()).isEqualTo(16);
    assertThat(json.get("reproducible").asBoolean()).isFalse();
    assertThat(json.get("evaluations").asLong()).isEqualTo(3 * 2 + 2 * 8);
    assertThat(json.get("evaluationsWithoutSelection").asLong()).isEqualTo(30);
    assertThat(json.get("guidanceBranches").asInt()).isEqualTo(2);
    assertThat(json.get("wallSeconds").asDouble()).isPositive();
    assertThat(json.get("images"))
        .extracting(JsonNode::asText)
        .containsExactly("seed-1.png", "seed-0.png");
    assertThat(json.get("warnings")).hasSize(1);

    JsonNode candidates = json.get("candidates");
    assertThat(candidates).extracting(c -> c.get("seed").asLong()).containsExactly(0L, 1L, 2L);
    assertThat(candidates).extracting(c -> c.get("rank").asInt()).containsExactly(2, 1, 3);
    assertThat(candidates)
        .extracting(c -> c.get("outcome").asText())
        .containsExactly("KEPT", "KEPT", "PRUNED");
    assertThat(candidates.get(0).get("score").asDouble()).isEqualTo(0.25);
    assertThat(candidates.get(2).get("score").isNull()).as("JSON has no NaN").isTrue();
    assertThat(candidates.get(0).get("guidanceGap").asDouble()).isPositive();
  }

  @Test
  void scoresAreNullWhereNothingWasScored() throws IOException {
    JsonNode json = write(fake.request(2, 2).guidanceScale(1).generate());

    assertThat(json.get("candidates"))
        .allSatisfy(
            candidate -> {
              assertThat(candidate.get("score").isNull()).isTrue();
              assertThat(candidate.get("guidanceGap").isNull()).isTrue();
            });
  }

  @Test
  void writingAgainReplacesTheFiles() throws IOException {
    write(fake.request(3, 1).generate());
    JsonNode second = write(fake.request(2, 1).generate());

    assertThat(second.get("candidates")).hasSize(2);
    assertThat(directory.resolve("result.json")).content().endsWith("}\n");
  }

  @Test
  void aPlaceThatCannotBeWrittenIsAnIoException() throws IOException {
    Path file = Files.writeString(directory.resolve("taken"), "a file");
    GenerationResult result = fake.request(1, 1).generate();

    assertThatIOException().isThrownBy(() -> result.writeTo(file));
  }

  @Test
  void aPngCarriesWhatMakesItAgainInTheFormOfImageTools() throws IOException {
    KeptImage kept =
        fake.pipeline()
            .request(FakePipeline.PROMPT)
            .negativePrompt("dull, blurry")
            .seeds(-12)
            .guidanceScale(4.5)
            .generate()
            .images()
            .get(0);
    Path file = directory.resolve("image.png");
    kept.writePng(file);

    assertThat(PngFile.readText(file)).containsOnlyKeys(KeptImage.PARAMETERS_KEY);
    assertThat(PngFile.readText(file).get("parameters"))
        .isEqualTo(
            """
            a red circle on a gray background
            Negative prompt: dull, blurry
            Steps: 10, Sampler: DDIM, CFG scale: 4.5, Seed: -12, Size: 32x16, \
            Model hash: 0123456789, Model: fake, Device: cpu, Version: ProbeSelect""");
  }

  @Test
  void withoutNegativePromptThereIsNoLineForIt() {
    KeptImage kept = fake.request(1, 1).generate().images().get(0);

    assertThat(kept.parameters()).doesNotContain("Negative").startsWith(FakePipeline.PROMPT + "\n");
  }

  @Test
  void aPromptInAnyScriptSurvivesThePng() throws IOException {
    String prompt = "ein grüner Würfel, 赤い円";
    KeptImage kept = fake.pipeline().request(prompt).generate().images().get(0);
    Path file = directory.resolve("image.png");
    kept.writePng(file);

    assertThat(PngFile.readText(file).get("parameters")).isEqualTo(kept.parameters());
    assertThat(kept.parameters()).startsWith(prompt);
  }

  private JsonNode write(GenerationResult result) throws IOException {
    result.writeTo(directory);
    return new ObjectMapper().readTree(directory.resolve("result.json").toFile());
  }
}
