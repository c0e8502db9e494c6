package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.NpzFile;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline on several devices. */
class DevicePoolTest {

  @TempDir Path directory;

  private final FakeModel first = on(Device.cuda(0));
  private final FakeModel second = on(Device.cuda(1));
  private final Pipeline pool = new Pipeline(List.of(first, second), Optional.empty());

  private static FakeModel on(Device device) {
    return new FakeModel(FakeBundle.manifest(), device);
  }

  @AfterEach
  void nothingIsLeft() {
    pool.close();
    for (FakeModel model : List.of(first, second)) {
      assertThat(model.isClosed()).isTrue();
      assertThat(model.open()).isEmpty();
      assertThat(model.wasClosedWhileInUse()).isFalse();
    }
  }

  private GenerationRequest request() {
    return pool.request(FakePipeline.PROMPT).candidates(6).keep(2).steps(10);
  }

  private static List<RgbImage> images(GenerationResult result) {
    return result.images().stream().map(KeptImage::image).toList();
  }

  @Test
  void requestsThatRunTogetherSpreadOverTheDevicesAndEachStaysOnOne() {
    Gate gate = new Gate();
    first.at(Stage.PREDICT, 1, gate::pass);
    Generation held = request().start();
    gate.awaitArrival();

    List<GenerationResult> meanwhile = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      meanwhile.add(request().generate());
    }
    gate.open();

    assertThat(meanwhile).extracting(result -> result.settings().device()).containsOnly("cuda:1");
    assertThat(held.join().settings().device()).isEqualTo("cuda:0");
    assertThat(second.calls(Stage.ENCODE)).isEqualTo(3);
    assertThat(first.calls(Stage.ENCODE)).isEqualTo(1);
  }

  @Test
  void idleDevicesTakeTurns() {
    List<String> devices =
        Stream.generate(() -> request().generate().settings().device()).limit(4).toList();

    assertThat(devices).containsExactly("cuda:0", "cuda:1", "cuda:0", "cuda:1");
  }

  @Test
  void theResultsAreThoseOfOneDevice() {
    try (Pipeline alone = new Pipeline(new FakeModel())) {
      GenerationResult expected =
          alone.request(FakePipeline.PROMPT).candidates(6).keep(2).steps(10).generate();
      for (int i = 0; i < 2; i++) {
        GenerationResult result = request().generate();
        assertThat(images(result)).isEqualTo(images(expected));
        assertThat(result.candidates())
            .extracting(Candidate::score)
            .isEqualTo(expected.candidates().stream().map(Candidate::score).toList());
      }
    }
  }

  @Test
  void signalsAndMetricsOfThePipelineComputeOnTheDeviceOfTheRequest() throws IOException {
    QualityMetric metric = pool.metric("brightness");
    Probe opened = pool.openProbe(Files.createFile(directory.resolve("probe.json")));
    for (FakeModel here : List.of(first, second)) {
      FakeModel elsewhere = here == first ? second : first;
      int before = elsewhere.calls(Stage.DECODE);

      request()
          .signals(new PreviewProbe(pool.model(), metric), opened)
          .rescoreBy(metric)
          .generate();

      assertThat(here.calls(Stage.DECODE)).as("previews and images").isEqualTo(6 + 2);
      assertThat(elsewhere.calls(Stage.DECODE)).isEqualTo(before);
    }
    opened.close();
  }

  @Test
  void aRequestInACallbackTakesTheOtherDeviceAndTheOuterOneGoesOnWhereItWas() {
    List<String> inner = new ArrayList<>();
    List<Device> after = new ArrayList<>();
    GenerationResult outer =
        request()
            .observer(
                seen -> {
                  inner.add(request().generate().settings().device());
                  after.add(pool.model().device());
                })
            .generate();

    assertThat(outer.settings().device()).isEqualTo("cuda:0");
    assertThat(inner).containsOnly("cuda:1");
    assertThat(after).containsOnly(Device.cuda(0));
  }

  @Test
  void aSessionStaysOnItsDevice() throws IOException {
    request().generate();
    Session session = request().open();
    for (int step : List.of(2, 4, 6)) {
      session.advance(DecisionPoint.step(step));
      request().generate();
    }
    session.keep(1);
    Path file = directory.resolve("saved.session");
    session.save(file);

    assertThat(session.settings().device()).isEqualTo("cuda:1");
    try (NpzFile npz = NpzFile.open(file)) {
      assertThat(new String(npz.read("meta.json"), StandardCharsets.UTF_8))
          .as("the format of before")
          .contains("\"settings\"")
          .doesNotContain("device");
    }
    GenerationResult result = session.finish();
    assertThat(result.settings().device()).isEqualTo("cuda:1");
    assertThat(images(pool.openSession(file).finish())).isEqualTo(images(result));
  }

  @Test
  void aDeviceThatIsLostFailsItsRequestsAndTheOthersGoOn() {
    for (int call = 1; call <= 1000; call++) {
      first.at(
          Stage.PREDICT,
          call,
          () -> {
            throw new BackendException("device lost");
          });
    }

    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      try {
        outcomes.add(request().generate().settings().device());
      } catch (BackendException e) {
        outcomes.add(e.getMessage());
      }
    }

    assertThat(outcomes.get(0)).isEqualTo("device lost");
    assertThat(outcomes.subList(1, 20)).containsOnly("cuda:1");
  }

  @Test
  void aDeviceThatFailedOnceIsUsedAgainWhenTheOthersAreBusier() {
    first.at(
        Stage.ENCODE,
        1,
        () -> {
          throw new BackendException("out of memory");
        });
    assertThatExceptionOfType(BackendException.class).isThrownBy(() -> request().generate());
    Gate gate = new Gate();
    second.at(Stage.ENCODE, 1, gate::pass);
    Generation busy = request().start();
    gate.awaitArrival();

    assertThat(request().generate().settings().device()).isEqualTo("cuda:0");

    gate.open();
    assertThat(busy.join().settings().device()).isEqualTo("cuda:1");
  }

  @Test
  void everyModelIsClosedEvenIfClosingOneFails() {
    FakeModel fine = on(Device.cuda(1));
    List<String> closed = new ArrayList<>();
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(
            () ->
                ModelPool.closeAll(
                    List.<AutoCloseable>of(
                        () -> {
                          closed.add("lost");
                          throw new BackendException("device lost");
                        },
                        fine)))
        .withMessage("device lost");
    assertThat(closed).containsExactly("lost");
    assertThat(fine.isClosed()).isTrue();
  }

  @Test
  void differentModelsAreNoPoolAndAreClosed() {
    FakeModel one = new FakeModel();
    FakeModel other = new FakeModel(FakeBundle.manifest(manifest -> manifest.put("name", "other")));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> new Pipeline(List.of(one, other), Optional.empty()))
        .withMessageContaining("one and the same model");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> new Pipeline(List.of(), Optional.empty()));
    assertThat(one.isClosed()).isTrue();
    assertThat(other.isClosed()).isTrue();
  }

  @Test
  void resultFilesNameTheDevice() throws IOException {
    GenerationResult result = request().generate();
    result.writeTo(directory);

    assertThat(Files.readString(directory.resolve("result.json")))
        .contains("\"device\" : \"cuda:0\"");
    assertThat(result.images().get(0).parameters()).contains(", Device: \"cuda:0\"");
  }
}
