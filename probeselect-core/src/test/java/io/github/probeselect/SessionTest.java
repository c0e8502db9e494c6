package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeProbe;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.RecordingListener;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Candidates that are led by hand. */
class SessionTest extends SessionFixture {

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
