package io.github.probeselect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibratorTest {

  private static final List<String> PROMPTS = List.of("a red circle", "a blue star");

  private static final QualityMetric RED =
      QualityMetric.of("red", "7", (image, prompt) -> image.red(2, 3) + prompt.length());

  @TempDir Path directory;
  private final Pipeline pipeline = new Pipeline(new FakeModel());

  @AfterEach
  void close() {
    pipeline.close();
  }

  private Dataset collect(List<QualityMetric> metrics, String where) throws IOException {
    CollectionSettings settings =
        CollectionSettings.of(List.of(0.2, 0.5), 3).withPreviews(!metrics.isEmpty());
    return new Collector(pipeline, settings, metrics)
        .collect(PROMPTS, directory.resolve(where), Part.WHOLE, (done, of) -> {});
  }

  @Test
  void whatWasRecordedWithoutAMetricIsScoredAsIfItHadBeenThere() throws IOException {
    List<String> told = new ArrayList<>();
    Calibration made =
        Calibrator.calibrate(
            pipeline,
            collect(List.of(), "bare"),
            Calibrator.signals(pipeline, RED),
            RED,
            (done, of) -> told.add(done + " of " + of));

    Calibration.Readings recorded =
        RecordedTrajectories.of(
            collect(List.of(RED), "with"),
            List.of(
                RecordedSignal.replay(pipeline.probe()),
                RecordedSignal.preview("red"),
                RecordedSignal.guidanceGap()),
            "red");
    assertThat(made.metric()).isEqualTo("red");
    assertThat(made.readings().points())
        .isEqualTo(recorded.points())
        .contains(new Point("decoded preview, red", 5));
    for (int prompt = 0; prompt < 2; prompt++) {
      assertThat(made.readings().prompts().get(prompt).scores())
          .isDeepEqualTo(recorded.prompts().get(prompt).scores());
      assertThat(made.readings().prompts().get(prompt).finals())
          .isEqualTo(recorded.prompts().get(prompt).finals());
    }
    assertThat(told).containsExactly("1 of 2", "2 of 2");
  }

  @Test
  void itSaysWhatItWasMadeWithAlsoInItsFile() throws IOException {
    Signal preview = new PreviewProbe(pipeline.model(), RED);
    Calibration made =
        Calibrator.calibrate(
            pipeline, collect(List.of(), "bare"), Calibrator.signals(pipeline, RED), RED);
    Path file = directory.resolve(Calibration.FILE);
    made.write(file);

    Calibration.Versions versions = Calibration.read(file).versions().orElseThrow();
    assertThat(versions).isEqualTo(made.versions().orElseThrow());
    assertThat(versions.metric()).isEqualTo("7");
    assertThat(versions.signals())
        .isEqualTo(
            Map.of(
                Probe.NAME,
                pipeline.probe().version(),
                preview.name(),
                preview.version(),
                Signal.GUIDANCE_GAP,
                ""));
    assertThat(preview.version()).startsWith("7+");
    assertThat(Files.readString(file)).startsWith("{\"version\":2,");
  }

  @Test
  void aModelWithoutProbeAndWithoutGuidanceHasThePreview() {
    try (Pipeline bare =
        new Pipeline(
            new FakeModel(
                FakeBundle.manifest(
                    manifest -> manifest.put("guidance", "embedded").remove("probes"))))) {
      assertThat(Calibrator.signals(bare, RED))
          .extracting(Signal::name)
          .containsExactly("decoded preview, red");
    }
  }

  @Test
  void aMetricWithoutAnOpinionIsNamedWithTheImage() throws IOException {
    Dataset recorded = collect(List.of(), "bare");
    QualityMetric silent =
        QualityMetric.of(
            "silent", (image, prompt) -> prompt.endsWith("star") ? Double.NaN : image.red(0, 0));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () -> Calibrator.calibrate(pipeline, recorded, List.of(Signal.guidanceGap()), silent))
        .withMessageContaining("'silent' gives the image of seed 3 of the prompt \"a blue star\"");
  }

  @Test
  void signalsOfOneNameOrAnotherModelAreRefused() throws IOException {
    Dataset recorded = collect(List.of(), "bare");

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                Calibrator.calibrate(
                    pipeline, recorded, List.of(Signal.guidanceGap(), Signal.guidanceGap()), RED))
        .withMessageContaining("same name");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> Calibrator.calibrate(pipeline, recorded, List.of(), RED))
        .withMessageContaining("no readings");
    try (Pipeline other =
        new Pipeline(
            new FakeModel(
                FakeBundle.manifest(
                    manifest ->
                        manifest
                            .withObject("files")
                            .withObject("denoiser.pt")
                            .put("sha256", "ab".repeat(32)))))) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(
              () -> Calibrator.calibrate(other, recorded, List.of(Signal.guidanceGap()), RED))
          .withMessageContaining("collect one on this model");
    }
  }
}
