package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.noise.StartingNoise;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Candidates of one request that differ in more than their seeds. */
class OriginsTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void everyCandidateIsWhatItsOwnSettingsMakeAlone() {
    GenerationResult result =
        fake.request(1, 1)
            .origins(
                Origin.seed(3),
                Origin.seed(3).guidanceScale(2),
                Origin.seed(3).wording("a crimson disc"),
                Origin.seed(4).guidanceScale(1).wording("a crimson disc"),
                Origin.seed(3).guidanceScale(2).varied(8, 0.3))
            .keep(5)
            .steps(6)
            .generate();

    assertThat(result.images())
        .extracting(kept -> kept.settings().guidanceScale())
        .containsExactly(
            result.settings().guidanceScale(), 2.0, result.settings().guidanceScale(), 1.0, 2.0);
    for (KeptImage kept : result.images()) {
      assertThat(alone(kept).image()).as(kept.origin().toString()).isEqualTo(kept.image());
    }
    assertThat(result.images().stream().map(KeptImage::image).distinct()).hasSize(5);
    assertThat(fake.model().unconditionalRows()).isEqualTo(2 * (4 * 6));
    assertThat(result.evaluations().branches()).isEqualTo(2);
  }

  /** The same image from a request that has the candidate's settings as its own. */
  private KeptImage alone(KeptImage kept) {
    Settings own = kept.settings();
    return fake.pipeline()
        .request(own.prompt())
        .guidanceScale(own.guidanceScale())
        .steps(own.steps())
        .origins(new Origin(kept.origin().noise(), Optional.empty(), Optional.empty()))
        .generate()
        .images()
        .get(0);
  }

  @Test
  void guidanceScalesAndWordingsTakeTurnsInEveryCombination() {
    GenerationResult result =
        fake.request(6, 6).guidanceScales(2, 5).wordings("a disc", "a circle").steps(2).generate();

    assertThat(result.images())
        .extracting(kept -> kept.settings().prompt() + kept.settings().guidanceScale())
        .containsExactly(
            "a disc2.0", "a disc5.0", "a circle2.0", "a circle5.0", "a disc2.0", "a disc5.0");
    assertThat(fake.model().calls(Stage.ENCODE)).isEqualTo(2);
    assertThat(result.settings().prompt()).isEqualTo(FakePipeline.PROMPT);
  }

  @Test
  void candidatesAreScoredByTheRequestsPromptAndSeenWithTheirOwnWording() {
    List<Observation> seen = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    List<float[]> embeddings = new ArrayList<>();
    GenerationResult result =
        fake.request(4, 1)
            .wordings("a disc", "a circle")
            .cuts(Cut.at(0.2, 2))
            .probe(
                observation -> {
                  seen.add(observation);
                  embeddings.add(observation.conditioning().promptEmbedding());
                  return observation.seeds().stream().mapToDouble(seed -> seed).toArray();
                })
            .rescoreBy(
                QualityMetric.of(
                    "own",
                    (image, prompt) -> {
                      asked.add(prompt);
                      return image.toPlanes()[0];
                    }))
            .generate();

    assertThat(seen)
        .extracting(Observation::seeds)
        .containsExactly(List.of(0L, 2L), List.of(1L, 3L));
    assertThat(seen).extracting(Observation::prompt).containsOnly(FakePipeline.PROMPT);
    assertThat(embeddings.get(0)).isNotEqualTo(embeddings.get(1));
    assertThat(asked).containsOnly(FakePipeline.PROMPT).hasSize(2);
    assertThat(result.candidates())
        .filteredOn(candidate -> candidate.outcome() != Outcome.PRUNED)
        .extracting(Candidate::seed)
        .containsExactly(2L, 3L);
  }

  @Test
  void aSecondWaveStartsNearTheBestAndCostsNothingMore() {
    List<List<Long>> scored = new ArrayList<>();
    GenerationResult result =
        fake.request(8, 2)
            .steps(10)
            .secondWave(new SecondWave(0.5, 2, 0.25))
            .cuts(Cut.at(0.3, 2))
            .probe(
                observation -> {
                  scored.add(observation.seeds());
                  return observation.seeds().stream().mapToDouble(seed -> seed).toArray();
                })
            .generate();

    assertThat(scored).containsExactly(List.of(0L, 1L, 2L, 3L), List.of(3L, 2L, 3L, 2L));
    assertThat(result.candidates())
        .extracting(Candidate::origin)
        .endsWith(
            Origin.seed(3).varied(4, 0.25),
            Origin.seed(2).varied(5, 0.25),
            Origin.seed(3).varied(6, 0.25),
            Origin.seed(2).varied(7, 0.25));
    assertThat(result.evaluations().spent()).isEqualTo(8 * 3 + 2 * 7);
    assertThat(result.images())
        .extracting(KeptImage::origin)
        .containsExactly(Origin.seed(3), Origin.seed(3).varied(4, 0.25));
    for (KeptImage kept : result.images()) {
      assertThat(alone(kept).image()).isEqualTo(kept.image());
    }
  }

  @Test
  void nobodyStartsNearACandidateThatCouldNotBeScored() {
    GenerationResult result =
        fake.request(6, 1)
            .secondWave(new SecondWave(0.5, 3, 0.25))
            .cuts(Cut.at(0.2, 1))
            .probe(
                observation ->
                    observation.seeds().stream()
                        .mapToDouble(seed -> seed == 1 ? 1 : Double.NaN)
                        .toArray())
            .generate();

    assertThat(result.candidates())
        .filteredOn(candidate -> !candidate.origin().noise().variations().isEmpty())
        .hasSize(3)
        .allMatch(candidate -> candidate.seed() == 1);
  }

  private static Origin scaled(double guidanceScale) {
    return Origin.seed(1).guidanceScale(guidanceScale);
  }

  @Test
  void aVariationThatArrivesAndAScaleWithoutGuidanceMakeImagesThatAreThereAlready() {
    List<RgbImage> images = new ArrayList<>();
    for (Origin origin :
        List.of(
            Origin.seed(9),
            Origin.seed(1).varied(9, 1),
            Origin.seed(9).guidanceScale(0.5),
            Origin.seed(9).guidanceScale(1))) {
      images.add(fake.request(1, 1).origins(origin).generate().images().get(0).image());
    }

    assertThat(images.get(1)).isEqualTo(images.get(0));
    assertThat(images.get(3)).isEqualTo(images.get(2)).isNotEqualTo(images.get(0));
  }

  @Test
  void whatNoCandidateCanBeIsRefused() {
    refused(
        "occurs twice",
        () -> fake.request(1, 1).origins(Origin.seed(1), Origin.seed(1)).generate());
    refused(
        "occurs twice",
        () ->
            fake.request(1, 1)
                .origins(Origin.seed(1), Origin.seed(1).wording(FakePipeline.PROMPT))
                .generate());
    long same = 1 + (1L << 32);
    refused(
        "the candidate with seed 4294967297 occurs twice: that with seed 1 gives the same image",
        () -> fake.request(1, 1).origins(Origin.seed(1), Origin.seed(same)).generate());
    refused(
        "gives the same image",
        () ->
            fake.request(1, 1)
                .origins(Origin.seed(1).varied(7, 0.5), Origin.seed(1).varied(7 - (1L << 32), 0.5))
                .generate());
    refused(
        "gives the same image",
        () -> fake.request(1, 1).origins(Origin.seed(9), Origin.seed(1).varied(9, 1)).generate());
    refused(
        "gives the same image",
        () -> fake.request(1, 1).seeds(1).origins(scaled(0.5), scaled(1)).generate());
    refused(
        "second wave need seeds of their own",
        () ->
            fake.request(1, 1)
                .origins(
                    Origin.seed(1),
                    Origin.seed(2),
                    Origin.seed(5),
                    Origin.seed(2 + (1L << 32)).guidanceScale(2))
                .secondWave(new SecondWave(0.5, 1, 0.5))
                .generate());
    refused(
        "leave guidanceScales and wordings out",
        () -> fake.request(1, 1).origins(Origin.seed(1)).guidanceScales(2).generate());
    refused(
        "second wave need seeds of their own",
        () ->
            fake.request(1, 1)
                .origins(
                    Origin.seed(1), Origin.seed(2), Origin.seed(5), Origin.seed(5).guidanceScale(2))
                .secondWave(new SecondWave(0.5, 1, 0.5))
                .generate());
    refused("no origins", () -> fake.request(1, 1).origins());
    refused("wording is empty", () -> Origin.seed(1).wording(" "));
    refused("wording is empty", () -> fake.request(1, 1).wordings(" "));
    refused("guidance scale NaN", () -> Origin.seed(1).guidanceScale(Double.NaN));
    refused("guidance scale -1.0", () -> fake.request(1, 1).guidanceScales(1, -1));
    refused("variation strength of 0.0", () -> Origin.seed(1).varied(2, 0));
    refused("above 0 and below 1", () -> new SecondWave(1, 1, 0.5));
    refused("at least one of the first", () -> new SecondWave(0.5, 0, 0.5));
    refused("strength of the second wave", () -> new SecondWave(0.5, 1, 1.5));
    refused(
        "this request scores none",
        () -> fake.request(4, 4).secondWave(new SecondWave(0.5, 1, 0.5)).generate());
    fake.with(
        manifest -> {
          manifest.put("guidance", "none");
          ((com.fasterxml.jackson.databind.node.ObjectNode) manifest.get("defaults"))
              .put("guidanceScale", 1);
        });
    assertThat(fake.pipeline().manifest().guidance()).isEqualTo(Guidance.NONE);
    refused("takes no guidance scale", () -> fake.request(4, 1).guidanceScales(1, 2).generate());
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(message);
  }

  @Test
  void filesAndParametersSayWhereAnImageComesFrom(@TempDir Path directory) throws IOException {
    GenerationResult result =
        fake.request(1, 1)
            .origins(
                Origin.seed(3),
                Origin.seed(3).varied(8, 0.5).varied(9, 0.25),
                Origin.seed(3).wording("a disc"))
            .keep(3)
            .generate();

    assertThat(result.writeTo(directory))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("seed-3.png", "seed-3-candidate-2.png", "seed-3-candidate-3.png");
    assertThat(result.images().get(1).parameters())
        .contains(
            "Seed: 3, Variation seed: 8, Variation seed strength: 0.5, Variation seed: 9, Variation"
                + " seed strength: 0.25");
    assertThat(result.images().get(2).parameters()).startsWith("a disc\n");
    assertThat(result.candidates().get(1).origin().noise())
        .isEqualTo(StartingNoise.of(3).varied(8, 0.5).varied(9, 0.25));
    assertThat(directory.resolve("result.json"))
        .content()
        .contains("\"variations\"", "\"wording\"");
  }
}
