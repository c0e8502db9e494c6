package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.model.ActivationExtractor;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Denoiser;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakeMetricDirectory;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.PublicTypes;
import io.github.probeselect.testing.ScriptedProbe;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every value of the public API is written by a Jackson mapper without configuration. */
class JacksonTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();

  /** What is no value: it runs, holds native memory or a file, or is implemented by users. */
  private static final Set<Class<?>> NO_VALUES =
      Set.of(
          ProbeSelect.class,
          Pipeline.class,
          Pipeline.Options.class,
          GenerationRequest.class,
          Generation.class,
          GenerationListener.class,
          Session.class,
          Bundle.class,
          MetricDirectory.class,
          VerifiedFiles.class,
          ActivationExtractor.class,
          ActivationExtractor.Capture.class,
          Activations.class,
          Backend.class,
          Conditioning.class,
          Denoiser.class,
          DenoiserBatch.class,
          DiffusionModel.class,
          LearnedMetric.class,
          Observation.class,
          PreviewProbe.class,
          Probe.class,
          QualityMetric.class,
          QualityMetric.Function.class,
          Signal.class,
          Budget.class,
          Calibration.class,
          DecisionPoint.class,
          Forecast.class,
          Round.Features.class,
          SelectionPolicy.class);

  /** Components that stand in the JSON of their owner under other names, or not at all. */
  private static final Map<Class<?>, Set<String>> ELSEWHERE =
      Map.of(
          Candidate.class, Set.of("origin"),
          KeptImage.class, Set.of("origin", "image"),
          GenerationResult.class, Set.of("settings"),
          Round.class, Set.of("features"),
          SelectionPlan.class, Set.of("policy", "forecast"));

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  private List<Object> values() throws IOException {
    GenerationResult result =
        fake.request(3, 2)
            .origins(
                Origin.seed(1).varied(7, 0.5),
                Origin.seed(2).wording("a disc").guidanceScale(2),
                Origin.seed(3))
            .probe(ScriptedProbe.scores(0.25, Double.NaN, 0.5, 0.1))
            .rescoreBy(QualityMetric.of("none", (image, prompt) -> Double.NaN))
            .previews(true)
            .generate();
    var score = new Score(Double.NaN, Double.NaN);
    var reading = new Reading("probe", 2, 10, score);
    var scored = new Round.ScoredCandidate(0, 1, Double.NaN, Double.NaN, List.of(reading));
    var point = new Calibration.Point("probe", 2);
    var recorded = new Calibration.Prompt(new double[][] {{1}}, new double[] {1});
    var read = new Conditioning.Reading("T5", 80, true, 77);
    BundleManifest manifest = fake.pipeline().manifest();
    List<Object> values =
        new ArrayList<>(
            List.of(
                result,
                result.settings(),
                result.plan(),
                result.plan().cuts().get(0),
                result.candidates().get(0),
                result.candidates().get(0).origin(),
                result.images().get(0),
                result.images().get(0).image(),
                result.evaluations(),
                result.timings(),
                new GenerationListener.Progress(
                    GenerationListener.Phase.EARLY, 1, 10, 3, 3, 6, 3, 22),
                new GenerationListener.Preview(
                    0, Origin.seed(1), 2, 10, result.images().get(0).image()),
                new GenerationListener.Start(
                    result.settings(), result.plan(), List.of(Origin.seed(1))),
                new SecondWave(0.25, 1, 0.3),
                score,
                reading,
                scored,
                new Round(List.of(scored), 1, 1, 2, 10, Round.Features.NONE),
                new QualityMetric.Scores(
                    new double[] {1, Double.NaN}, Map.of(1, new IllegalStateException("broken"))),
                new Denoiser.Prediction(new float[] {1}, null),
                Backend.Device.cuda(1),
                read,
                new Conditioning.Truncation("prompt", List.of(read)),
                Budget.evaluations(40),
                Budget.fullRuns(2),
                Budget.seconds(3),
                Costs.DENOISING_ONLY.signal("probe", 0.1),
                proposal(recorded),
                point,
                recorded,
                new Calibration.Readings(10, List.of(point), List.of(recorded)),
                new Calibration.Versions("1", Map.of("probe", "1")),
                Cut.at(0.2, 4),
                DecisionPoint.fraction(0.2),
                DecisionPoint.step(3)));
    TokenizerSpec tokenizer = manifest.tokenizers().get(0);
    values.addAll(
        List.of(
            manifest,
            manifest.latents(),
            result.settings().latentShape(),
            manifest.size(),
            manifest.defaults(),
            manifest.scheduler(),
            tokenizer,
            tokenizer.allChecks().get(0),
            manifest.textEncoder(),
            manifest.textEncoder().outputs().get(0),
            manifest.denoiser(),
            manifest.taps().get(0),
            manifest.vaeDecoder(),
            manifest.metrics().get(0),
            manifest.probes().get(0),
            manifest.files().values().iterator().next(),
            MetricDirectory.open(FakeMetricDirectory.in(directory).directory()).manifest()));
    return values;
  }

  private Proposal proposal(Calibration.Prompt prompt) {
    String metric = fake.pipeline().manifest().metrics().get(0).name();
    var calibration =
        Calibration.of(
            "fake",
            fake.pipeline().manifest().denoiserHash(),
            metric,
            new Calibration.Readings(
                10, List.of(new Calibration.Point(Probe.NAME, 2)), List.of(prompt, prompt)));
    try (var pipeline = new Pipeline(new FakeModel(), Optional.of(calibration))) {
      return pipeline.plan(Budget.evaluations(60), 1);
    }
  }

  @Test
  void everyValueIsWrittenWithAllItsComponents() throws IOException {
    for (Object value : values()) {
      JsonNode json = JACKSON.readTree(JACKSON.writeValueAsString(value));
      assertThat(json.isEmpty() && !json.isTextual()).as("%s: %s", value, json).isFalse();
      assertThat(json.toString()).as("JSON has no NaN").doesNotContain("\"NaN\"");
      Class<?> type = PublicTypes.of(value);
      if (hasMethod(type, "toMap")) {
        assertThat(json.fieldNames()).toIterable().as(type.getName()).containsAll(components(type));
      }
    }
  }

  @Test
  void noValueIsForgotten() throws Exception {
    Set<Class<?>> known = new HashSet<>(NO_VALUES);
    values().forEach(value -> known.add(PublicTypes.of(value)));

    List<Class<?>> forgotten =
        PublicTypes.besides(ProbeSelect.class).stream()
            .filter(type -> !known.contains(type))
            .filter(type -> !type.isEnum() && !type.isAnnotation())
            .filter(type -> !Throwable.class.isAssignableFrom(type))
            .toList();

    assertThat(forgotten).as("give an example above, or name it among what is no value").isEmpty();
  }

  @Test
  void aMapperWithoutConfigurationWritesCandidates() throws IOException {
    GenerationResult result =
        fake.request(3, 1).probe(ScriptedProbe.scores(0.25, 0.75, Double.NaN)).generate();

    String json = JACKSON.writeValueAsString(result.candidates());

    assertThat(json)
        .contains(
            "{\"seed\":1,\"score\":0.75,\"rank\":1,\"outcome\":\"KEPT\",\"stepsDone\":10,\"steps\":10,"
                + "\"fractionDone\":1.0,\"finalScore\":null,")
        .contains("{\"seed\":2,\"score\":null,");
    assertThat(JACKSON.writeValueAsString(Origin.seed(3).varied(9, 0.5).wording("a disc")))
        .isEqualTo(
            "{\"seed\":3,\"variations\":[{\"seed\":9,\"strength\":0.5}],\"wording\":\"a disc\"}");
    assertThat(JACKSON.writeValueAsString(new Score(0.5, Double.NaN)))
        .isEqualTo("{\"value\":0.5,\"deviation\":null}");
    JsonNode image = JACKSON.readTree(JACKSON.writeValueAsBytes(result.images().get(0)));
    assertThat(image.get("png").binaryValue()).isEqualTo(result.images().get(0).toPng());
  }

  private static boolean hasMethod(Class<?> type, String name) {
    return Arrays.stream(type.getMethods()).anyMatch(method -> method.getName().equals(name));
  }

  /** What a value consists of: the components of a record, the abstract accessors of another. */
  private static List<String> components(Class<?> type) {
    Stream<String> names =
        type.isRecord()
            ? Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName)
            : Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .filter(method -> method.getParameterCount() == 0)
                .map(Method::getName);
    Set<String> elsewhere = ELSEWHERE.getOrDefault(type, Set.of());
    return names.filter(name -> !elsewhere.contains(name)).toList();
  }
}
