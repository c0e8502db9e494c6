package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.InvalidSessionException;
import io.github.probeselect.internal.io.NpzFile;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.SchedulerConfigs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions that are saved to a file and opened again. */
class SavedSessionTest extends SessionFixture {

  @Property(tries = 25)
  void acrossSavingAnyCandidateIsItsSoloRun(
      @ForAll("schedulers") SchedulerSpec scheduler,
      @ForAll @IntRange(min = 1, max = 9) int savedAfter,
      @ForAll boolean reproducible)
      throws IOException {
    FakeModel model = new FakeModel(FakeBundle.manifest(SchedulerConfigs.in(scheduler)));
    FakeModel other = new FakeModel(FakeBundle.manifest(SchedulerConfigs.in(scheduler)));
    Path file = Files.createTempFile("probeselect", ".session");
    try (Pipeline pipeline = new Pipeline(model);
        Pipeline elsewhere = new Pipeline(other)) {
      Session session =
          pipeline
              .request(FakePipeline.PROMPT)
              .candidates(3)
              .steps(10)
              .reproducible(reproducible)
              .open();
      session.advance(DecisionPoint.step(savedAfter)).keep(2).advance(DecisionPoint.step(10));
      session.save(file);

      Session restored = elsewhere.openSession(file);
      assertThat(restored.candidates()).isEqualTo(session.candidates());
      assertThat(restored.evaluations()).isEqualTo(session.evaluations());
      Origin[] all = restored.candidates().stream().map(Candidate::origin).toArray(Origin[]::new);
      for (KeptImage kept : restored.resume(all).finish().images()) {
        assertThat(kept.image())
            .isEqualTo(
                pipeline
                    .request(FakePipeline.PROMPT)
                    .seeds(kept.seed())
                    .steps(10)
                    .generate()
                    .images()
                    .get(0)
                    .image());
      }
    } finally {
      Files.delete(file);
    }
    assertThat(model.open()).isEmpty();
    assertThat(other.open()).isEmpty();
  }

  @Property(tries = 60)
  void whateverIsDoneToThemCandidatesBecomeWhatTheyBecomeAlone(
      @ForAll("schedulers") SchedulerSpec scheduler, @ForAll long seed) throws IOException {
    Random random = new Random(seed);
    Path file = Files.createTempFile("probeselect", ".session");
    FakeModel model = new FakeModel(FakeBundle.manifest(SchedulerConfigs.in(scheduler)));
    try (Pipeline pipeline = new Pipeline(model)) {
      Session session =
          pipeline.request(FakePipeline.PROMPT).candidates(3).steps(8).microBatchSize(2).open();
      for (int call = 0; call < 12; call++) {
        session = anything(session, random, pipeline, file);
      }
      Origin[] all = session.candidates().stream().map(Candidate::origin).toArray(Origin[]::new);
      GenerationResult result = session.resume(all).finish();
      assertThat(result.images()).hasSize(all.length);
      assertThat(result.evaluations().spent()).isEqualTo(result.evaluations().withoutSelection());
      for (KeptImage kept : result.images()) {
        GenerationResult alone =
            pipeline
                .request(FakePipeline.PROMPT)
                .origins(kept.origin())
                .steps(8)
                .keep(1)
                .generate();
        assertThat(kept.image()).isEqualTo(alone.images().get(0).image());
      }
    } finally {
      Files.delete(file);
    }
    assertThat(model.open()).isEmpty();
  }

  private static Session anything(Session session, Random random, Pipeline pipeline, Path file)
      throws IOException {
    List<Candidate> candidates = session.candidates();
    Origin one = candidates.get(random.nextInt(candidates.size())).origin();
    boolean scored =
        candidates.stream().anyMatch(c -> c.outcome() == Outcome.KEPT && c.score().isPresent());
    switch (random.nextInt(7)) {
      case 0, 1 -> session.advance(DecisionPoint.step(1 + random.nextInt(8)));
      case 2 -> session.resume(one);
      case 3 -> session.keep(scored ? 1 + random.nextInt(3) : 1000);
      case 4 -> session.start(Origin.seed(random.nextInt()).guidanceScale(1 + random.nextInt(3)));
      case 5 -> session.start(one.varied(random.nextInt(), 0.1 + random.nextDouble() / 2));
      default -> {
        session.save(file);
        return pipeline.openSession(file);
      }
    }
    return session;
  }

  @Provide
  Arbitrary<SchedulerSpec> schedulers() {
    return Arbitraries.of(SchedulerConfigs.all());
  }

  @Test
  void whatCannotBeInAFileIsGivenWhenItIsOpened() throws IOException {
    Path file = directory.resolve("a.session");
    request(4).policy(SelectionPolicy.diverse(0.5)).open().advance(FIFTH).save(file);
    QualityMetric metric = QualityMetric.of("own", (image, prompt) -> image.toPlanes()[0]);

    Session session =
        fake.pipeline()
            .openSession(
                file,
                request ->
                    request
                        .policy(SelectionPolicy.diverse(0.5))
                        .signals(Signal.guidanceGap())
                        .rescoreBy(metric));

    GenerationResult result = session.keep(2).finish();
    assertThat(result.images()).hasSize(2);
    assertThat(result.candidates())
        .filteredOn(candidate -> candidate.outcome() == Outcome.KEPT)
        .allMatch(candidate -> candidate.finalScore().isPresent());
    assertThat(session.candidates()).isEqualTo(result.candidates());
  }

  @Test
  void aSettingThatImagesDependOnCannotBeChangedOnTheWay() throws IOException {
    Path file = directory.resolve("a.session");
    request(4).open().save(file);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.pipeline().openSession(file, request -> request.steps(20)))
        .withMessageContainingAll("was started with", "cannot be changed");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.pipeline().openSession(file, request -> request.seeds(1)))
        .withMessageContaining("start(...)");
  }

  @Test
  void aDamagedFileIsRefusedWhereverItIsDamaged() throws IOException {
    Path file = directory.resolve("a.session");
    request(2).open().advance(FIFTH).save(file);
    byte[] whole = Files.readAllBytes(file);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int trial = 0; trial < 200; trial++) {
      byte[] damaged = whole.clone();
      int at = random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      // A bit that no reader looks at, such as one of a time stamp, may change; then all is there.
      try {
        Session session = fake.pipeline().openSession(file);
        assertThat(session.finish().images().get(0).image())
            .as("seed %d, bit at %d", seed, at)
            .isEqualTo(solo(0));
      } catch (InvalidSessionException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    }
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatExceptionOfType(InvalidSessionException.class)
        .isThrownBy(() -> fake.pipeline().openSession(file))
        .withMessageContaining("damaged");
  }

  /** What is changed, as a regular expression, and into what. */
  static List<Arguments> changes() {
    return List.of(
        Arguments.of("\"evaluations\" : 4", "\"evaluations\" : -4"),
        Arguments.of("\"seed\" : 1,", "\"seed\" : 4294967296,"),
        Arguments.of("\"prompt\" : \"", "\"prompt\" : \"\\\\u0000"),
        Arguments.of("\"signal\" : \"probe\"", "\"signal\" : \"\\\\ud83d\""),
        Arguments.of(
            "\"stepsDone\" : 2,(\\s+)\"remembered\"", "\"stepsDone\" : 11,$1\"remembered\""),
        Arguments.of("\"remembered\" : \\d", "\"remembered\" : -1"),
        Arguments.of("\"remembered\" : \\d", "\"remembered\" : 9"),
        Arguments.of("\"stepsDone\" : 2,(\\s+)\"score\"", "\"stepsDone\" : 3,$1\"score\""),
        Arguments.of("\"signal\" : \"probe\"", "\"signal\" : null"),
        Arguments.of("\"seed\" : 1,", "\"seed\" : 0,"),
        Arguments.of("\"running\" : \\[ 0, 1 \\]", "\"running\" : [ 0, 2 ]"),
        Arguments.of("\"prompt\" : \"[^\"]*\"", "\"prompt\" : null"),
        Arguments.of("\"width\" : \\d+", "\"width\" : 63"),
        Arguments.of("\"formatVersion\" : 1", "\"formatVersion\" : 2"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aFileThatDoesNotHoldTogetherIsRefused(String from, String to) throws IOException {
    Path file = directory.resolve("a.session");
    request(2).open().advance(FIFTH).save(file);
    Map<String, byte[]> pieces = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        pieces.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    String meta = new String(pieces.get("meta.json"), StandardCharsets.UTF_8);
    String changed = meta.replaceFirst(from, to);
    assertThat(changed).isNotEqualTo(meta);
    pieces.put("meta.json", changed.getBytes(StandardCharsets.UTF_8));
    NpzFile.write(file, pieces);

    assertThatExceptionOfType(InvalidSessionException.class)
        .isThrownBy(() -> fake.pipeline().openSession(file))
        .withMessageContaining(file.toString());
  }

  @Test
  void aSchedulerWithAnInfiniteOptionIsKnownAgain() throws IOException {
    Path file = directory.resolve("a.session");
    fake.with(
        manifest ->
            ((ObjectNode) manifest.at("/scheduler/config"))
                .put("_infinite", Double.NEGATIVE_INFINITY));
    request(2).open().advance(FIFTH).save(file);

    assertThat(fake.pipeline().openSession(file).finish().images()).hasSize(2);
  }

  @Test
  void whatTheFinalMetricSaidIsRemembered() throws IOException {
    Path file = directory.resolve("a.session");
    QualityMetric metric = QualityMetric.of("own", (image, prompt) -> image.toPlanes()[0]);
    Session session = request(3).rescoreBy(metric).open().advance(FIFTH).keep(Origin.seed(1));
    GenerationResult result = session.finish();
    session.resume(Origin.seed(0)).save(file);

    assertThat(session.candidates().get(1).finalScore())
        .isPresent()
        .isEqualTo(result.candidates().get(1).finalScore());
    assertThat(session.candidates()).noneMatch(c -> c.outcome() == Outcome.FINISHED);
    assertThat(fake.pipeline().openSession(file).candidates()).isEqualTo(session.candidates());
    assertThat(session.preview(Origin.seed(1))).isEqualTo(result.images().get(0).image());
  }

  @Test
  void theSessionOfAnotherModelIsRefused() throws IOException {
    Path file = directory.resolve("a.session");
    request(2).open().advance(FIFTH).save(file);
    FakeModel other =
        new FakeModel(
            FakeBundle.manifest(
                SchedulerConfigs.in(SchedulerConfigs.of("EulerDiscreteScheduler"))));
    try (Pipeline pipeline = new Pipeline(other)) {
      assertThatExceptionOfType(InvalidSessionException.class)
          .isThrownBy(() -> pipeline.openSession(file))
          .withMessageContaining("another model", "EulerDiscreteScheduler");
    }
    assertThatExceptionOfType(InvalidSessionException.class)
        .isThrownBy(() -> fake.pipeline().openSession(directory.resolve("none")))
        .withMessageContaining("none");
  }
}
