package io.github.probeselect.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.Diagnosis;
import io.github.probeselect.djl.DjlBackend;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.InputMask;
import io.github.probeselect.djl.training.Previews;
import io.github.probeselect.djl.training.ProbeInstaller;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingData;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.evaluation.Bootstrap;
import io.github.probeselect.evaluation.Calibrator;
import io.github.probeselect.evaluation.CapturedGain;
import io.github.probeselect.evaluation.Evaluation;
import io.github.probeselect.evaluation.Figure;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.PairedTimes;
import io.github.probeselect.evaluation.PromptGroup;
import io.github.probeselect.evaluation.RecordedSignal;
import io.github.probeselect.evaluation.RecordedTrajectories;
import io.github.probeselect.evaluation.Reliability;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.evaluation.SignalCost;
import io.github.probeselect.evaluation.Spearman;
import io.github.probeselect.evaluation.VarianceShare;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.PublicTypes;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every value of the public API is written by a Jackson mapper without configuration. */
class JacksonTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();

  /** What is no value: it computes, holds native memory or a file, or is implemented by users. */
  private static final Set<Class<?>> NO_VALUES =
      Set.of(
          Collector.class,
          Dataset.class,
          PromptFile.class,
          PromptProgress.class,
          RecordedPrompt.class,
          DeviceWorker.class,
          DeviceWorker.Task.class,
          DjlBackend.class,
          Previews.class,
          ProbeInstaller.class,
          ProbeTrainer.class,
          ProbeTrainer.Progress.class,
          TrainedProbe.class,
          TrainingData.class,
          Bootstrap.class,
          Calibrator.class,
          Evaluation.class,
          PairedTimes.class,
          PromptGroup.class,
          RecordedSignal.class,
          RecordedSignal.ScoreFunction.class,
          RecordedSignal.Scoring.class,
          RecordedTrajectories.class,
          Reliability.class,
          SignalCost.class,
          Spearman.class,
          VarianceShare.class);

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private List<Object> values() {
    BundleManifest manifest = fake.pipeline().manifest();
    ProbeInputs inputs = new ProbeInputs(manifest.taps(), 4, 7, 8);
    ProbeShape shape = new ProbeShape(inputs, List.of("reward"), 8, 2, 1, false);
    Interval interval = new Interval(0.5, 0.25, 0.75);
    DatasetHeader header =
        new DatasetHeaderValues(
            "fake",
            "0123",
            manifest.scheduler(),
            10,
            3,
            32,
            16,
            manifest.latentShape(32, 16),
            new DatasetHeaderValues.PromptEmbeddingValues("hidden", 7, 8),
            List.of(2),
            manifest.taps(),
            List.of("reward"),
            false,
            1,
            "4567",
            1,
            4,
            0);
    Diagnosis diagnosis = Diagnosis.ofThisMachine();
    return List.of(
        header,
        header.promptEmbedding(),
        CollectionSettings.of(List.of(0.2), 4),
        Collector.Part.WHOLE,
        diagnosis,
        diagnosis.findings().get(0),
        inputs,
        shape,
        InputMask.everything(shape),
        TrainingSettings.defaults(),
        TrainingSettings.defaults().terms(),
        new CapturedGain(1, 2, 3),
        interval,
        new Figure("gain", "reward", 0.2, 16, 4, "probe", 0.5, 0.25, 0.75),
        new Reliability.Bin(1, 2),
        new SelectionReport(1, 1, interval, 0, 0.5, interval, interval, 1));
  }

  @Test
  void everyValueIsWritten() throws IOException {
    for (Object value : values()) {
      JsonNode json = JACKSON.readTree(JACKSON.writeValueAsString(value));
      assertThat(json.isEmpty()).as("%s: %s", value, json).isFalse();
    }
  }

  @Test
  void noValueIsForgotten() throws IOException {
    Set<Class<?>> known = new HashSet<>(NO_VALUES);
    values().forEach(value -> known.add(PublicTypes.of(value)));

    assertThat(PublicTypes.besides(DjlBackend.class))
        .hasSizeGreaterThan(30)
        .filteredOn(type -> !type.isEnum())
        .as("give an example above, or name it among what is no value")
        .allMatch(known::contains);
  }

  @Test
  void aDiagnosisHasOneForm() throws IOException {
    Diagnosis diagnosis = Diagnosis.ofThisMachine();

    assertThat(JACKSON.readTree(JACKSON.writeValueAsString(diagnosis)))
        .isEqualTo(JACKSON.readTree(diagnosis.toJson()));
  }
}
