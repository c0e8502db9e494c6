package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.testing.FakeBackend;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeMetricDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Budgets are planned with the metric and the signals that the calibration was made with. */
class CalibratedSignalsTest {

  private static final String PROMPT = "a red circle";
  private static final Budget BUDGET = Budget.fullRuns(3);

  private static final QualityMetric MINE =
      QualityMetric.of("mine", (image, prompt) -> image.red(1, 1) - image.blue(9, 3));

  @TempDir Path directory;
  private FakeBundle bundle;

  @BeforeEach
  void writeBundle() throws IOException {
    bundle = FakeBundle.in(directory.resolve("bundle"));
  }

  /** Neither metric nor probe: what an export of a checkpoint is. */
  private void strip() throws IOException {
    bundle.editManifest(
        manifest -> {
          manifest.remove(List.of("metrics", "probes"));
          ((ObjectNode) manifest.get("files"))
              .remove(
                  List.of("metrics/brightness.pt", "probe/probe.json", "probe/probe.safetensors"));
        });
  }

  private Pipeline open() {
    Path file = bundle.file(Calibration.FILE);
    return new Pipeline(
        new FakeBackend().open(Bundle.open(bundle.directory()), Device.CPU),
        Files.exists(file) ? Optional.of(Calibration.read(file)) : Optional.empty());
  }

  private void calibrate(QualityMetric metric, Signal... further) throws IOException {
    try (Pipeline pipeline = open()) {
      CollectionSettings settings = CollectionSettings.of(List.of(0.2, 0.4), 8);
      Dataset recorded =
          new Collector(pipeline, settings, List.of())
              .collect(
                  List.of(PROMPT, "a blue star", "two green squares"),
                  directory.resolve("recorded"),
                  Part.WHOLE,
                  (done, of) -> {});
      List<Signal> signals = Calibrator.signals(pipeline, metric);
      signals.addAll(List.of(further));
      Calibrator.calibrate(pipeline, recorded, signals, metric)
          .write(bundle.file(Calibration.FILE));
    }
  }

  private LearnedMetric openMetric(FakeMetricDirectory metric) {
    return new FakeBackend().openMetric(MetricDirectory.open(metric.directory()), Device.CPU);
  }

  @Test
  void aBareBundleSpendsBudgetsByAFunctionOfTheCaller() throws IOException {
    strip();
    calibrate(MINE);

    try (Pipeline pipeline = open()) {
      Proposal proposal = pipeline.plan(BUDGET, 1, MINE);
      GenerationResult result = pipeline.request(PROMPT).budget(BUDGET).rescoreBy(MINE).generate();

      assertThat(proposal.signals()).isSubsetOf(PreviewProbe.name("mine"), "guidance gap");
      assertThat(pipeline.costs(MINE).signals())
          .containsOnlyKeys(PreviewProbe.name("mine"), "guidance gap");
      assertThat(result.candidates()).hasSize(proposal.candidates());
      assertThat((double) result.evaluations().spent()).isLessThanOrEqualTo(proposal.budget());
      KeptImage kept = result.images().get(0);
      assertThat(scoreOf(result, kept.seed())).isEqualTo(MINE.score(kept.image(), PROMPT));
      assertThat(result.candidates())
          .allMatch(
              candidate ->
                  candidate.finalScore().orElse(Double.NEGATIVE_INFINITY)
                      <= scoreOf(result, kept.seed()));
    }
  }

  private static double scoreOf(GenerationResult result, long seed) {
    return result.candidates().stream()
        .filter(candidate -> candidate.seed() == seed)
        .findFirst()
        .orElseThrow()
        .finalScore()
        .orElseThrow();
  }

  @Test
  void aBareBundleSpendsBudgetsByAMetricDirectory() throws IOException {
    strip();
    FakeMetricDirectory metric = FakeMetricDirectory.in(directory.resolve("redness"));
    try (LearnedMetric redness = openMetric(metric)) {
      calibrate(redness);
    }

    try (Pipeline pipeline = open();
        LearnedMetric again = openMetric(metric)) {
      assertThat(pipeline.request(PROMPT).budget(BUDGET).rescoreBy(again).generate().images())
          .hasSize(1);
    }
    metric.replace("metric.pt", "learned a little longer");
    try (Pipeline pipeline = open();
        LearnedMetric replaced = openMetric(metric)) {
      refused(() -> pipeline.plan(BUDGET, 1, replaced), "the metric 'redness' is another");
    }
  }

  @Test
  void aMetricThatIsNotThereIsAskedFor() throws IOException {
    strip();
    calibrate(MINE);

    try (Pipeline pipeline = open()) {
      for (ThrowingCallable asks :
          List.<ThrowingCallable>of(
              () -> pipeline.plan(BUDGET, 1),
              pipeline::costs,
              () -> pipeline.request(PROMPT).budget(BUDGET).generate())) {
        assertThatExceptionOfType(InvalidRequestException.class)
            .isThrownBy(asks)
            .withMessageContaining("metric 'mine', which the bundle fake does not have")
            .withMessageContaining("rescoreBy(metric)")
            .withMessageContaining("ProbeSelect.openMetric(directory)");
      }
      QualityMetric other = QualityMetric.of("other", (image, prompt) -> 0);
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> pipeline.request(PROMPT).budget(BUDGET).rescoreBy(other).generate())
          .withMessageContaining("'mine', and 'other' is another");
    }
  }

  @Test
  void aFunctionOfAnotherVersionIsRefused() throws IOException {
    QualityMetric.Function function = (image, prompt) -> image.green(2, 2);
    calibrate(QualityMetric.of("mine", "1", function));

    try (Pipeline pipeline = open()) {
      assertThat(pipeline.plan(BUDGET, 1, QualityMetric.of("mine", "1", function)).candidates())
          .isPositive();
      refused(
          () -> pipeline.plan(BUDGET, 1, QualityMetric.of("mine", "2", function)),
          "the metric 'mine' is another");
      refused(
          () -> pipeline.plan(BUDGET, 1, QualityMetric.of("mine", function)),
          "the metric 'mine' is another");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "probe/probe.json",
        "metrics/brightness.pt",
        "tokenizer/tokenizer.json",
        "vae_decoder.pt"
      })
  void aBundleInWhichProbeOrMetricWasReplacedPlansNothingButGenerates(String file)
      throws IOException {
    try (Pipeline pipeline = open()) {
      calibrate(pipeline.metric("brightness"));
    }
    try (Pipeline pipeline = open()) {
      assertThat(pipeline.request(PROMPT).budget(BUDGET).generate().images()).hasSize(1);
    }

    bundle.replace(file, "another " + file);

    try (Pipeline pipeline = open()) {
      refused(() -> pipeline.plan(BUDGET, 1), "is another than the calibration was made with");
      refused(pipeline::costs, "is another than the calibration was made with");
      refused(
          () -> pipeline.request(PROMPT).budget(BUDGET).generate(),
          "is another than the calibration was made with");
      assertThat(pipeline.generate(PROMPT, 4, 2).images()).hasSize(2);
      calibrate(pipeline.metric("brightness"));
    }
    try (Pipeline pipeline = open()) {
      assertThat(pipeline.request(PROMPT).budget(BUDGET).generate().images()).hasSize(1);
    }
  }

  @Test
  void aCalibrationWithoutVersionsTakesWhateverHasTheNames() throws IOException {
    try (Pipeline pipeline = open()) {
      calibrate(pipeline.metric("brightness"));
    }
    Path file = bundle.file(Calibration.FILE);
    Calibration made = Calibration.read(file);
    Calibration.of(made.bundle(), made.denoiserSha256(), made.metric(), made.readings())
        .write(file);
    bundle.replace("probe/probe.json", "another probe");

    assertThat(file).content().startsWith("{\"version\":1,");
    try (Pipeline pipeline = open()) {
      assertThat(pipeline.request(PROMPT).budget(BUDGET).generate().images()).hasSize(1);
    }
  }

  @Test
  void aProbeThatIsGoneIsAskedFor() throws IOException {
    try (Pipeline pipeline = open()) {
      calibrate(pipeline.metric("brightness"));
    }
    bundle.editManifest(manifest -> manifest.remove("probes"));

    try (Pipeline pipeline = open()) {
      refused(
          () -> pipeline.plan(BUDGET, 1), "signal 'probe', which the bundle fake does not have");
    }
  }

  /** A signal of the caller's, of some version. */
  private static Signal corner(String version) {
    return new Probe() {
      @Override
      public String name() {
        return "corner";
      }

      @Override
      public String version() {
        return version;
      }

      @Override
      public double[] score(io.github.probeselect.model.Observation observation) {
        return observation.x0Predictions().stream().mapToDouble(x0 -> x0[0]).toArray();
      }
    };
  }

  @Test
  void signalsOfTheCallerAreFoundByName() throws IOException {
    strip();
    calibrate(MINE, corner("a"));

    try (Pipeline pipeline = open()) {
      assertThat(pipeline.costs(MINE, corner("a")).signals()).containsKey("corner");
      assertThat(
              pipeline
                  .request(PROMPT)
                  .budget(BUDGET)
                  .rescoreBy(MINE)
                  .signals(corner("a"))
                  .generate()
                  .images())
          .hasSize(1);
      refused(
          () -> pipeline.plan(BUDGET, 1, MINE),
          "signal 'corner', which the bundle fake does not have");
      refused(() -> pipeline.plan(BUDGET, 1, MINE, corner("b")), "the signal 'corner' is another");
    }
    calibrate(MINE);
    try (Pipeline pipeline = open()) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> pipeline.plan(BUDGET, 1, MINE, corner("a")))
          .withMessageContaining("'corner' is none of them");
    }
  }

  private static void refused(ThrowingCallable asks, String message) {
    assertThatExceptionOfType(InvalidCalibrationException.class)
        .isThrownBy(asks)
        .withMessageContaining(message)
        .withMessageContaining("calibrate again");
  }
}
