package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.InvalidSessionException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.NpzFile;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.FakeProbe;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.RecordingListener;
import io.github.probeselect.testing.SchedulerConfigs;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Candidates that are led by hand. */
class SessionTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  private static final DecisionPoint FIFTH = DecisionPoint.fraction(0.2);

  @Test
  void doesByHandWhatAGenerationDoesByItself() {
    GenerationResult whole = request(6).keep(2).generate();

    Session session = request(6).open();
    GenerationResult result = session.advance(FIFTH).keep(2).finish();

    assertThat(result.images()).extracting(KeptImage::seed).isEqualTo(seeds(whole.images()));
    assertThat(result.images())
        .extracting(KeptImage::image)
        .isEqualTo(whole.images().stream().map(KeptImage::image).toList());
    assertThat(result.evaluations()).isEqualTo(whole.evaluations());
    assertThat(result.candidates())
        .extracting(Candidate::score)
        .isEqualTo(whole.candidates().stream().map(Candidate::score).toList());
    assertThat(result.candidates())
        .extracting(Candidate::rank)
        .isEqualTo(whole.candidates().stream().map(Candidate::rank).toList());
    assertThat(result.candidates())
        .extracting(Candidate::outcome)
        .isEqualTo(whole.candidates().stream().map(Candidate::outcome).toList());
    assertThat(result.candidates())
        .extracting(Candidate::stepsDone)
        .isEqualTo(whole.candidates().stream().map(Candidate::stepsDone).toList());
  }

  private GenerationRequest request(int n) {
    return fake.pipeline().request(FakePipeline.PROMPT).candidates(n).steps(10).reproducible(true);
  }

  private static List<Long> seeds(List<KeptImage> images) {
    return images.stream().map(KeptImage::seed).toList();
  }

  private RgbImage solo(long seed) {
    return request(1).seeds(seed).generate().images().get(0).image();
  }

  @Test
  void whoWasDroppedCanBeResumedAndBecomesWhatItWouldHaveBecome() {
    Session session = request(4).open();
    session.advance(FIFTH).keep(Origin.seed(2), Origin.seed(0));
    session.advance(DecisionPoint.fraction(0.6));
    assertThat(session.candidates()).extracting(Candidate::stepsDone).containsExactly(6, 2, 6, 2);

    session.keep(Origin.seed(0)).resume(Origin.seed(3));
    GenerationResult result = session.finish();

    assertThat(seeds(result.images())).containsExactly(0L, 3L);
    assertThat(result.candidates()).extracting(Candidate::stepsDone).containsExactly(10, 2, 6, 10);
    assertThat(result.evaluations().spent()).isEqualTo(10 + 2 + 6 + 10);
    result.images().forEach(kept -> assertThat(kept.image()).isEqualTo(solo(kept.seed())));

    GenerationResult more = session.resume(Origin.seed(1), Origin.seed(2)).finish();
    assertThat(seeds(more.images())).containsExactly(0L, 3L, 1L, 2L);
    assertThat(more.evaluations().spent()).isEqualTo(40);
    more.images().forEach(kept -> assertThat(kept.image()).isEqualTo(solo(kept.seed())));
  }

  @Test
  void candidatesMayJoinLaterAndCatchUp() {
    RecordingListener listener = new RecordingListener();
    Session session = request(2).listener(listener).open();
    session.advance(DecisionPoint.step(5)).start(Origin.seed(9));
    session.advance(DecisionPoint.step(5));

    assertThat(session.candidates()).extracting(Candidate::stepsDone).containsExactly(5, 5, 5);
    assertThat(session.candidates()).allMatch(candidate -> candidate.score().isPresent());
    assertThat(session.finish().images().get(2).image()).isEqualTo(solo(9));
    assertThat(listener.progress().get(listener.progress().size() - 1).evaluations()).isEqualTo(30);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> session.start(Origin.seed(9)))
        .withMessageContaining("seed 9", "occurs twice");
    long same = 9 + (1L << 32);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> session.start(Origin.seed(same)))
        .withMessageContaining(
            "seed " + same + " occurs twice: that with seed 9 gives the same image");
    assertThat(session.preview(Origin.seed(same))).isEqualTo(solo(9));
  }

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
  void whoWatchesACallCannotLeadTheSession() {
    List<Session> session = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    session.add(
        request(2)
            .probe(
                observation -> {
                  try {
                    session.get(0).keep(Origin.seed(0));
                  } catch (InvalidRequestException e) {
                    refusals.add(e.getMessage());
                  }
                  return new double[observation.size()];
                })
            .open());

    assertThat(session.get(0).advance(FIFTH).finish().images()).hasSize(2);
    assertThat(refusals)
        .hasSize(2)
        .allMatch(message -> message.contains("cannot call the session that called it"));
  }

  @Test
  void whenTheForecastFailsTheLastStepIsTakenAgain() {
    List<Integer> asked = new ArrayList<>();
    Session session =
        request(2)
            .forecast(
                readings -> {
                  asked.add(readings.size());
                  if (asked.size() == 2) {
                    throw new IllegalStateException("no forecast");
                  }
                  return readings.get(readings.size() - 1).score();
                })
            .open();
    assertThatIllegalStateException().isThrownBy(() -> session.advance(FIFTH));
    assertThat(session.candidates()).allMatch(candidate -> candidate.readings().isEmpty());

    assertThat(session.advance(FIFTH).candidates()).allMatch(c -> c.readings().size() == 1);
    assertThat(asked).containsExactly(1, 1, 1, 1);
  }

  @Test
  void nothingIsDecidedByScoresThatAreNoNumbers() {
    Session session =
        request(3).probe(observation -> new double[] {Double.NaN}).open().advance(FIFTH);

    refused(() -> session.keep(1), "has a score that is a finite number");
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

  @Test
  void previewsShowWhatWasSeenLast() throws IOException {
    Session session = request(2).open();
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> session.preview(Origin.seed(0)))
        .withMessageContaining("advance it first");
    GenerationResult result =
        request(2).keep(1).previews(true).decideAt(DecisionPoint.step(3)).generate();

    session.advance(DecisionPoint.step(3));
    assertThat(session.preview(Origin.seed(1)))
        .isEqualTo(result.candidates().get(1).preview().orElseThrow());
    session.save(directory.resolve("a.session"));
    assertThat(fake.pipeline().openSession(directory.resolve("a.session")).preview(Origin.seed(1)))
        .isEqualTo(session.preview(Origin.seed(1)));
    assertThat(request(2).previews(true).open().advance(DecisionPoint.step(3)).candidates())
        .extracting(Candidate::preview)
        .isEqualTo(result.candidates().stream().map(Candidate::preview).toList());
  }

  @Test
  void whatCannotBeKeptOrResumedIsRefused() {
    Session session = request(3).open();
    refused(() -> session.keep(2), "has a score that is a finite number");
    refused(() -> session.keep(0), "k = 0");
    refused(() -> session.keep(Origin.seed(7)), "no candidate with seed 7");
    refused(() -> session.resume(Origin.seed(7)), "no candidate with seed 7");
    session.keep(Origin.seed(1));
    refused(() -> session.keep(Origin.seed(2)), "seed 2 was dropped; resume it first");
    session.keep();
    refused(session::finish, "no candidate runs");
    refused(() -> session.advance(DecisionPoint.step(11)), "there are only 10");
  }

  @Test
  void whatASessionDoesNotObeyIsRefused() {
    refused(
        () -> request(4).secondWave(new SecondWave(0.5, 1, 0.2)).open(),
        "no second wave of its own");
    refused(() -> request(4).cuts(Cut.at(0.2, 2)).open(), "no cuts of its own");
    refused(() -> request(4).budget(Budget.fullRuns(2)).open(), "no budget of its own");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(message);
  }

  @Test
  void aBundleWithoutProbesIsLedByHandAlone() {
    fake.with(manifest -> manifest.putArray("probes"));
    Session session = request(3).open().advance(FIFTH);

    refused(() -> session.keep(1), "ships no probe");
    assertThat(session.keep(Origin.seed(1)).finish().images()).hasSize(1);
  }

  @Test
  void signalsOfTheRequestJudgeInPlaceOfTheBundlesProbe() {
    Session session = request(3).signals(ScriptedProbe.scores(1, 3, 2)).open().advance(FIFTH);

    assertThat(session.candidates()).extracting(Candidate::rank).containsExactly(3, 1, 2);
    assertThat(seeds(session.keep(2).finish().images())).containsExactly(1L, 2L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5, 6})
  void afterAFailureTheSameCallGoesOn(int call) {
    fake.model()
        .at(
            Stage.PREDICT,
            call,
            () -> {
              throw new BackendException("out of memory");
            });
    Session session = request(3).open();
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> session.advance(DecisionPoint.step(3)));
    assertThat(session.candidates()).extracting(Candidate::stepsDone).containsOnly((call - 1) / 3);

    GenerationResult result = session.advance(DecisionPoint.step(3)).finish();
    assertThat(result.candidates()).allMatch(candidate -> candidate.score().isPresent());
    result.images().forEach(kept -> assertThat(kept.image()).isEqualTo(solo(kept.seed())));
  }

  @Test
  void whenScoringFailsTheLastStepIsTakenAgain() {
    List<Integer> asked = new ArrayList<>();
    Session session =
        request(3)
            .probe(
                observation -> {
                  asked.add(observation.size());
                  if (asked.size() == 2) {
                    throw new BackendException("out of memory");
                  }
                  return new double[observation.size()];
                })
            .open();
    assertThatExceptionOfType(BackendException.class).isThrownBy(() -> session.advance(FIFTH));
    assertThat(session.candidates()).extracting(Candidate::stepsDone).containsOnly(1);
    assertThat(session.candidates()).allMatch(candidate -> candidate.score().isEmpty());

    GenerationResult result = session.advance(FIFTH).finish();
    assertThat(asked).hasSize(5);
    assertThat(result.evaluations().spent()).isEqualTo(33);
    result.images().forEach(kept -> assertThat(kept.image()).isEqualTo(solo(kept.seed())));
  }

  @Test
  void isStoppedFromAnotherThreadAndGoesOn() {
    Gate gate = new Gate();
    fake.model().at(Stage.CAPTURE, 2, gate::pass);
    Session session = request(3).open();
    session.cancel();
    CompletableFuture<Session> running =
        CompletableFuture.supplyAsync(() -> session.advance(FIFTH));
    gate.awaitArrival();
    session.cancel();
    assertThat(session.candidates()).hasSize(3);
    gate.open();

    assertThat(running)
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .withCauseInstanceOf(GenerationCancelledException.class);
    assertThat(session.finish().images()).hasSize(3);
  }

  @Test
  void stopsAtItsDeadlineAndKeepsWhatItHas() {
    Instant past = Instant.now().minusSeconds(1);
    Session session = request(3).open().advance(FIFTH);
    session.deadline(past);
    assertThatExceptionOfType(DeadlineExceededException.class)
        .isThrownBy(session::finish)
        .withMessageContaining(past.toString());
    assertThat(session.candidates()).extracting(Candidate::stepsDone).containsOnly(2);
    session.deadline(Instant.now().plusSeconds(3600));
    assertThat(session.finish().images()).hasSize(3);

    assertThatExceptionOfType(DeadlineExceededException.class)
        .isThrownBy(() -> request(3).deadline(past).generate());
  }

  @Test
  void twoSessionsOnOneModelDoNotDisturbEachOther() {
    Session one = request(3).open();
    Session other = request(3).open();
    CompletableFuture<GenerationResult> beside =
        CompletableFuture.supplyAsync(() -> other.advance(FIFTH).keep(1).finish());
    GenerationResult result = one.advance(FIFTH).keep(1).finish();

    assertThat(beside.join().images()).isEqualTo(result.images());
    result.images().forEach(kept -> assertThat(kept.image()).isEqualTo(solo(kept.seed())));
  }

  @Test
  void holdsNothingOfTheModelSoThatThePipelineMayClose() throws IOException {
    Session session = request(3).open().advance(FIFTH);
    assertThat(fake.model().open()).hasOnlyElementsOfType(FakeProbe.class);
    fake.pipeline().close();

    assertThatExceptionOfType(BackendException.class).isThrownBy(session::finish);
    session.save(directory.resolve("a.session"));
    fake.with(manifest -> {});
    assertThat(fake.pipeline().openSession(directory.resolve("a.session")).finish().images())
        .hasSize(3);
  }

  @Test
  void theListenerIsToldOfEveryDecisionAndImage() {
    RecordingListener listener = new RecordingListener();
    Session session = request(3).listener(listener).open().advance(FIFTH).keep(2);
    GenerationResult result = session.keep(Origin.seed(seeds(session)[0])).finish();

    assertThat(listener.decisions()).hasSize(2);
    assertThat(listener.decisions().get(1)).filteredOn(c -> c.outcome() == Outcome.KEPT).hasSize(1);
    assertThat(listener.images()).isEqualTo(result.images());
  }

  private static long[] seeds(Session session) {
    return session.candidates().stream()
        .filter(candidate -> candidate.outcome() == Outcome.KEPT)
        .mapToLong(Candidate::seed)
        .toArray();
  }
}
