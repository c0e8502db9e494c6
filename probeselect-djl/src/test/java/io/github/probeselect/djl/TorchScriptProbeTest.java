package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.djl.training.ProbeInstaller;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.Score;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A probe that was trained elsewhere and saved as TorchScript. */
class TorchScriptProbeTest {

  private static final String MODEL = "stable-diffusion-3";
  private static final double TOLERANCE = 1e-5;

  private static JsonNode golden;

  @TempDir private Path directory;
  private ProbeElsewhere probe;

  @BeforeAll
  static void read() throws IOException {
    golden = GoldenFiles.json(ProbeElsewhere.FOLDER + "golden.json");
  }

  @BeforeEach
  void copy() {
    probe = ProbeElsewhere.in(directory.resolve("probe"));
  }

  @AfterAll
  static void close() {
    GoldenModels.close();
  }

  @Test
  void saysWhatItSaysInPython() {
    try (Probe opened = open()) {
      List<Score> scores = opened.scores(observation(0, 1, 2));

      assertThat(opened.metric()).isEqualTo("taste");
      assertThat(scores.stream().mapToDouble(Score::value).toArray())
          .containsExactly(numbers("scores"), within(TOLERANCE));
      assertThat(scores.stream().mapToDouble(Score::deviation).toArray())
          .containsExactly(numbers("deviations"), within(TOLERANCE));
    }
  }

  @Test
  void scoresAnyNumberOfCandidates() {
    int[] candidates = IntStream.range(0, 70).map(i -> i % 3).toArray();
    double[] expected = Arrays.stream(candidates).mapToDouble(c -> numbers("scores")[c]).toArray();
    try (Probe opened = open()) {
      assertThat(opened.score(observation(candidates)))
          .containsExactly(expected, within(TOLERANCE));
    }
  }

  @Test
  void scoresForSeveralThreadsAtOnce() {
    try (Probe opened = open()) {
      assertThat(IntStream.range(0, 16).parallel().mapToObj(i -> opened.score(observation(i % 3))))
          .hasSize(16)
          .zipSatisfy(
              IntStream.range(0, 16).mapToObj(i -> numbers("scores")[i % 3]).toList(),
              (found, expected) ->
                  assertThat(found).containsExactly(new double[] {expected}, within(TOLERANCE)));
    }
  }

  @Test
  void needNotKnowHowFarOffItsScoresMayBe() {
    probe.module(ProbeElsewhere.FOLDER + "scores-alone.pt");
    try (Probe opened = open()) {
      List<Score> scores = opened.scores(observation(0, 1, 2));

      assertThat(scores.stream().mapToDouble(Score::value).toArray())
          .containsExactly(numbers("scores"), within(TOLERANCE));
      assertThat(scores).extracting(Score::deviation).containsOnly(Double.NaN);
    }
  }

  @Test
  void whatIsClosedHoldsNothingAndSaysSo() {
    Observation seen = observation(0);
    int before = NativeResources.open();
    Probe opened = open();
    assertThat(NativeResources.open()).isGreaterThan(before);
    opened.close();
    opened.close();

    assertThat(NativeResources.open()).isEqualTo(before);
    assertThatThrownBy(() -> opened.score(seen))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("the probe is closed");
  }

  @Test
  void installedInABundleItChoosesWhatIsFinished() throws IOException {
    Path bundle = directory.resolve("bundle");
    copy(GoldenModels.bundle(MODEL), bundle);
    ProbeInstaller.install(bundle, probe.directory(), List.of(0.5));

    try (Pipeline pipeline = new Pipeline(new DjlBackend().open(Bundle.open(bundle), Device.CPU));
        Probe beside = pipeline.openProbe(probe.json())) {
      GenerationResult result = pipeline.generate("a red circle", 4, 1);
      GenerationResult same =
          pipeline.request("a red circle").candidates(4).keep(1).probe(beside).generate();

      double[] scores = scores(result);
      assertThat(scores).hasSize(4).doesNotHaveDuplicates().containsExactly(scores(same));
      assertThat(scores[(int) result.images().get(0).seed()])
          .isEqualTo(Arrays.stream(scores).max().orElseThrow());
    }
  }

  @Test
  void aModuleWithAColumnTooManyIsRefused() {
    probe.module(ProbeElsewhere.FOLDER + "three-columns.pt");
    refused("returns float32 [2, 3]", "float32 [2, 2]", "[taste, contrast]");
  }

  @Test
  void aModuleThatReturnsNoNumberIsRefused() {
    probe.module(ProbeElsewhere.FOLDER + "not-a-number.pt");
    refused("returns NaN", "finite");
  }

  @Test
  void aModuleThatTakesSomethingElseIsRefused() {
    probe.module("modules/bfloat16-decoder.pt");
    refused("fails on", "float32 [2, 24, 2, 2], float32 [2, 1], float32 [2, 56, 64]");
  }

  @Test
  void aDamagedModuleIsRefused() {
    probe.damage();
    refused("probe.pt", "damaged", "SHA-256");
  }

  @Test
  void garbageInsteadOfTorchScriptIsRefused() {
    probe.module("this is no module".getBytes(StandardCharsets.UTF_8));
    refused("probe.pt is not a TorchScript module");
  }

  @Test
  void aMissingModuleIsNamed() throws IOException {
    Files.delete(probe.directory().resolve("probe.pt"));
    refused("probe.pt");
  }

  @Test
  void aTapThatTheBundleLacksIsNamed() {
    probe.json(
        json -> ((ObjectNode) json.at("/inputs/taps/1")).put("name", "transformer_blocks.7"));
    refused("the tap transformer_blocks.7", "--tap");
  }

  @Test
  void noTapsAtAllAreRefused() {
    probe.json(json -> ((ObjectNode) json.get("inputs")).putArray("taps"));
    refused("taps on one grid");
  }

  @Test
  void otherLatentsAreRefused() {
    probe.json(json -> ((ObjectNode) json.get("inputs")).put("latentChannels", 16));
    refused("16 latent channels");
  }

  @Test
  void aMetricWithoutAScaleIsNamed() {
    probe.json(json -> ((ObjectNode) json.get("scales")).remove("contrast"));
    refused("[taste, contrast] with scales for [taste]");
  }

  @Test
  void anUnknownKindIsNamed() {
    probe.json(json -> json.put("kind", "onnx"));
    refused("'onnx'", "'network' and 'torchscript'");
  }

  @Test
  void aMissingFieldIsNamed() {
    probe.json(json -> json.remove("moduleSha256"));
    refused("moduleSha256");
  }

  private void refused(String... inMessage) {
    DiffusionModel model = model();
    int before = NativeResources.open();
    assertThatThrownBy(() -> model.openProbe(probe.json()).close())
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContainingAll(inMessage);
    assertThat(NativeResources.open()).as("open native resources").isEqualTo(before);
  }

  private Probe open() {
    return model().openProbe(probe.json());
  }

  private static DiffusionModel model() {
    return GoldenModels.open(MODEL);
  }

  private static Observation observation(int... candidates) {
    JsonNode latents = golden.get("latents");
    return WaveObservation.of(
        model().manifest(),
        new LatentShape(latents.get(0).asInt(), latents.get(1).asInt(), latents.get(2).asInt()),
        golden.get("fractionDone").asDouble(),
        IntStream.of(candidates).boxed().toList());
  }

  private static double[] numbers(String field) {
    JsonNode values = golden.get(field);
    return IntStream.range(0, values.size()).mapToDouble(i -> values.get(i).asDouble()).toArray();
  }

  private static double[] scores(GenerationResult result) {
    return result.candidates().stream()
        .map(Candidate::score)
        .mapToDouble(s -> s.orElseThrow())
        .toArray();
  }

  private static void copy(Bundle bundle, Path target) throws IOException {
    Path source = Path.of(bundle.location());
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, target.resolve(source.relativize(file).toString()));
      }
    }
  }
}
