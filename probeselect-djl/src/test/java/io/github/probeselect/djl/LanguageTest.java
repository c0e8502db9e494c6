package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Origin;
import io.github.probeselect.Session;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.InvalidSessionException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and messages are the same in whatever language the machine speaks. */
class LanguageTest {

  private static final Locale OWN = Locale.getDefault();

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  @AfterEach
  void restore() {
    Locale.setDefault(OWN);
  }

  /** Arabic and Devanagari digits, a dotless i, a decimal comma, another calendar. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ar-EG-u-nu-arab",
        "hi-IN-u-nu-deva",
        "tr-TR",
        "de-DE",
        "th-TH-u-ca-buddhist-nu-thai"
      })
  void filesAndMessagesAreThoseOfAnyOtherLanguage(String language) throws IOException {
    Locale.setDefault(Locale.ROOT);
    Map<String, Object> expected = written(directory.resolve("root"));

    Locale.setDefault(Locale.forLanguageTag(language));
    assertThat(written(directory.resolve("local"))).isEqualTo(expected);
  }

  private Map<String, Object> written(Path folder) throws IOException {
    GenerationResult result =
        fake.request(4, 2)
            .origins(
                Origin.seed(10),
                Origin.seed(1234567).varied(9, 0.25),
                Origin.seed(3).guidanceScale(2.5),
                Origin.seed(4))
            .signals(Signal.guidanceGap())
            .cuts(Cut.at(0.2, 3))
            .rescoreBy(QualityMetric.of("Iron", (image, prompt) -> image.red(0, 0) / 1000.0))
            .reproducible(true)
            .generate();
    result.writeTo(folder.resolve("result"));
    Session session = fake.request(2, 1).open();
    session.advance(DecisionPoint.fraction(0.2)).save(folder.resolve("a.session"));
    new Collector(fake.pipeline(), CollectionSettings.of(List.of(0.2, 0.5), 2), List.of())
        .collect(
            List.of("a disc", "a square"),
            folder.resolve("dataset"),
            Collector.Part.WHOLE,
            (done, of) -> {});
    Calibration.of(
            "fake",
            "ab",
            "Iron",
            new Calibration.Readings(
                10,
                List.of(new Point("probe", 2)),
                List.of(
                    new Calibration.Prompt(
                        new double[][] {{1.5}, {0.25}}, new double[] {0.125, 1234.5}))))
        .write(folder.resolve("calibration.json"));

    Map<String, Object> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        all.put(
            name,
            name.endsWith(".json")
                ? Files.readString(file).replaceAll("\"wallSeconds\" : [-0-9.E]+", "")
                : Arrays.toString(Files.readAllBytes(file)));
      }
    }
    all.put("candidates", result.candidates().toString().replaceAll("@[0-9a-f]+", ""));
    all.put("messages", messages());
    return all;
  }

  /** What is said of numbers. */
  private List<String> messages() throws IOException {
    Path broken = Files.createDirectories(directory.resolve("broken"));
    FakeBundle.in(broken).editManifest(json -> json.put("formatVersion", 1234));
    Path file = Files.writeString(directory.resolve("no.session"), "none");
    return List.of(
        message(InvalidRequestException.class, () -> fake.request(1, 1234).generate()),
        message(
            InvalidRequestException.class,
            () -> fake.request(12, 1).cuts(Cut.at(0.2, 11)).generate()),
        message(InvalidRequestException.class, () -> Origin.seed(1).varied(2, 12.5)),
        message(InvalidRequestException.class, () -> fake.pipeline().request("a\ud83d")),
        message(InvalidBundleException.class, () -> Bundle.open(broken)),
        message(InvalidSessionException.class, () -> fake.pipeline().openSession(file)));
  }

  private static String message(Class<? extends Exception> type, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      assertThat(e).isInstanceOf(type);
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("nothing was refused");
  }
}
