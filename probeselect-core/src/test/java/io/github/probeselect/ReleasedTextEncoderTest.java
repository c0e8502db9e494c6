package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.model.Backend;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBackend;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline that releases the text encoder once the prompts of a request are encoded. */
class ReleasedTextEncoderTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  private final FakeModel model = new FakeModel();
  private final Pipeline releasing = new Pipeline(List.of(model), Optional.empty(), true);

  @AfterEach
  void close() {
    releasing.close();
  }

  private GenerationRequest request(Pipeline pipeline) {
    return pipeline
        .request(FakePipeline.PROMPT)
        .candidates(3)
        .keep(2)
        .wordings(FakePipeline.PROMPT, "a crimson disc", "a scarlet ring");
  }

  @Test
  void byDefaultItStays() {
    request(fake.pipeline()).generate();

    assertThat(fake.model().textEncoderReleases()).isZero();
  }

  @Test
  void itIsReleasedOnceAllPromptsAreEncodedAndBeforeTheDenoiserRuns() {
    List<Integer> before = new ArrayList<>();
    model.at(Stage.ENCODE, 3, () -> before.add(model.textEncoderReleases()));
    model.at(Stage.PREDICT, 1, () -> before.add(model.textEncoderReleases()));

    GenerationResult result = request(releasing).generate();

    assertThat(before).containsExactly(0, 1);
    assertThat(model.textEncoderReleases()).isEqualTo(1);
    assertThat(model.calls(Stage.ENCODE)).isEqualTo(3);
    assertThat(result.images()).isEqualTo(request(fake.pipeline()).generate().images());
  }

  @Test
  void everyRequestLoadsItAgainAndReleasesItAgain() {
    for (int round = 1; round <= 3; round++) {
      request(releasing).start().join();

      assertThat(model.textEncoderReleases()).isEqualTo(round);
    }
  }

  @Test
  void everyCallOfASessionThatComputesReleasesItToo() {
    Session session = releasing.request(FakePipeline.PROMPT).candidates(2).open();
    assertThat(model.textEncoderReleases()).isZero();

    session.advance(DecisionPoint.step(2));
    assertThat(model.textEncoderReleases()).isEqualTo(1);
    session.start(Origin.seed(7).wording("a crimson disc")).advance(DecisionPoint.step(4));
    assertThat(model.textEncoderReleases()).isEqualTo(2);
    session.finish();
    assertThat(model.textEncoderReleases()).isEqualTo(3);
  }

  @Test
  void aRequestThatFailsInItReleasesItAsWell() {
    model.at(
        Stage.ENCODE,
        2,
        () -> {
          throw new BackendException("no such word");
        });

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> request(releasing).generate());
    assertThat(model.textEncoderReleases()).isEqualTo(1);
    assertThat(model.calls(Stage.PREDICT)).isZero();
  }

  @Test
  void theOptionIsKeptWhateverElseIsSet() throws IOException {
    Path bundle = FakeBundle.in(directory.resolve("bundle")).directory();
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(services.resolve(Backend.class.getName()), FakeBackend.class.getName());
    Pipeline.Options options =
        Pipeline.Options.defaults()
            .releaseTextEncoder(true)
            .device("cpu")
            .devices("cpu")
            .calibration(Optional.empty());
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      Thread.currentThread().setContextClassLoader(loader);
      try (Pipeline on = ProbeSelect.open(bundle, options);
          Pipeline off = ProbeSelect.open(bundle, options.releaseTextEncoder(false))) {
        request(on).generate();
        request(off).generate();

        assertThat(((FakeModel) on.model()).textEncoderReleases()).isEqualTo(1);
        assertThat(((FakeModel) off.model()).textEncoderReleases()).isZero();
      }
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
