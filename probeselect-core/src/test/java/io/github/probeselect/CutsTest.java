package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.RecordingListener;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several cuts in one generation, several signals, and finished images that are scored. */
class CutsTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void everyCutDropsSomeAndOnlyWhoIsLeftGoesOn() {
    List<List<Long>> shown = new ArrayList<>();
    RecordingListener listener = new RecordingListener();
    GenerationResult result =
        fake.request(6, 1)
            .steps(10)
            .cuts(Cut.at(0.2, 4), Cut.at(0.5, 2), Cut.at(0.8, 1))
            .probe(
                observation -> {
                  shown.add(observation.seeds());
                  return observation.seeds().stream().mapToDouble(seed -> seed).toArray();
                })
            .listener(listener)
            .generate();

    assertThat(shown)
        .containsExactly(List.of(0L, 1L, 2L, 3L, 4L, 5L), List.of(2L, 3L, 4L, 5L), List.of(4L, 5L));
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(5L);
    assertThat(result.candidates())
        .extracting(Candidate::stepsDone)
        .containsExactly(2, 2, 5, 5, 8, 10);
    assertThat(result.candidates()).extracting(Candidate::rank).containsExactly(6, 5, 4, 3, 2, 1);
    assertThat(result.evaluations().spent()).isEqualTo(2 + 2 + 5 + 5 + 8 + 10);
    assertThat(result.settings().decisionSteps()).containsExactly(2, 5, 8);
    assertThat(listener.decisions()).hasSize(3);
    assertThat(listener.progress().get(0).evaluationsPlanned()).isEqualTo(32);
    assertThat(listener.progress().get(listener.progress().size() - 1).evaluations()).isEqualTo(32);
  }

  @Test
  void aCandidateIsTheSameHoweverManyCutsItPassed() {
    GenerationResult result =
        fake.request(6, 1)
            .steps(10)
            .cuts(Cut.at(0.2, 4), Cut.at(0.5, 2), Cut.at(0.8, 1))
            .reproducible(true)
            .probe(ScriptedProbe.scores(0, 1, 2, 9, 4, 5))
            .generate();
    GenerationResult alone =
        fake.pipeline()
            .request(FakePipeline.PROMPT)
            .seeds(3)
            .steps(10)
            .reproducible(true)
            .generate();

    assertThat(result.images().get(0).image()).isEqualTo(alone.images().get(0).image());
  }

  @Test
  void onceNoMoreRunThanAreWantedNothingIsScored() {
    List<Double> asked = new ArrayList<>();
    fake.request(6, 2)
        .steps(10)
        .cuts(Cut.at(0.2, 2), Cut.at(0.5, 2))
        .probe(
            observation -> {
              asked.add(observation.fractionDone());
              return new double[observation.size()];
            })
        .generate();

    assertThat(asked).containsExactly(0.2);
  }

  @Test
  void everySignalIsReadAndTheFirstOnesWordCounts() {
    Probe scripted = ScriptedProbe.scores(3, 1, 2);
    GenerationResult result =
        fake.request(3, 1)
            .steps(10)
            .cuts(Cut.at(0.2, 2), Cut.at(0.4, 1))
            .signals(scripted, Signal.guidanceGap())
            .generate();

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(0L);
    assertThat(result.candidates().get(0).readings())
        .extracting(Reading::signal)
        .containsExactly(Probe.NAME, Signal.GUIDANCE_GAP, Probe.NAME, Signal.GUIDANCE_GAP);
    assertThat(result.candidates().get(0).readings())
        .extracting(Reading::stepsDone)
        .containsExactly(2, 2, 4, 4);
    assertThat(result.candidates().get(1).readings()).hasSize(2);
    assertThat(result.candidates().get(2).readings().get(3).score().value())
        .isEqualTo(result.candidates().get(2).guidanceGap());
  }

  @Test
  void aForecastMakesOneScoreOfAllReadings() {
    GenerationResult result =
        fake.request(3, 1)
            .steps(10)
            .cuts(Cut.at(0.2, 2), Cut.at(0.4, 1))
            .probe(ScriptedProbe.scores(3, 1, 2))
            .forecast(
                readings ->
                    new Score(-readings.stream().mapToDouble(r -> r.score().value()).sum(), 0.5))
            .generate();

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(1L);
    assertThat(result.candidates())
        .extracting(candidate -> candidate.score().orElseThrow())
        .containsExactly(-3.0, -2.0, -4.0);
  }

  @Test
  void withoutASignalThatReadsThemNoActivationsAreCaptured() {
    fake.request(3, 1).signals(Signal.guidanceGap()).generate();

    assertThat(fake.model().calls(Stage.CAPTURE)).isZero();
  }

  @Test
  void aPolicyThatLooksAtActivationsIsShownThem() {
    GenerationResult result =
        fake.request(6, 3)
            .signals(Signal.guidanceGap())
            .policy(SelectionPolicy.diverse(0.5))
            .generate();

    assertThat(fake.model().calls(Stage.CAPTURE)).isPositive();
    assertThat(result.images()).hasSize(3);
  }

  @Test
  void twoSignalsOfOneNameAreRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(3, 1).signals(Signal.guidanceGap(), Signal.guidanceGap()))
        .withMessageContaining("same name", "guidance gap");
  }

  @Test
  void aSignalThatReadsActivationsInSecretIsTold() {
    Signal honest = Signal.guidanceGap();
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                fake.request(3, 1)
                    .signals(
                        new io.github.probeselect.model.Signal() {
                          @Override
                          public String name() {
                            return "secret";
                          }

                          @Override
                          public boolean readsActivations() {
                            return honest.readsActivations();
                          }

                          @Override
                          public List<Score> scores(
                              io.github.probeselect.model.Observation observation) {
                            observation.activations().values(0, "mid_block");
                            return List.of();
                          }
                        })
                    .generate())
        .withMessageContaining("readsActivations()");
  }

  @Test
  void finishedImagesAreScoredAndTheBestReturned() {
    QualityMetric metric = QualityMetric.of("own", (image, prompt) -> image.toPlanes()[0]);
    GenerationResult result =
        fake.request(6, 1)
            .steps(10)
            .cuts(Cut.at(0.3, 3))
            .rescoreBy(metric)
            .probe(ScriptedProbe.scores(0, 1, 2, 9, 4, 5))
            .generate();

    List<Candidate> finished =
        result.candidates().stream()
            .filter(candidate -> candidate.outcome() != Outcome.PRUNED)
            .toList();
    Candidate best =
        result.candidates().stream()
            .filter(candidate -> candidate.outcome() == Outcome.KEPT)
            .findFirst()
            .orElseThrow();
    assertThat(finished).extracting(Candidate::seed).containsExactly(3L, 4L, 5L);
    assertThat(finished).allMatch(candidate -> candidate.finalScore().isPresent());
    assertThat(best.rank()).isEqualTo(1);
    assertThat(best.finalScore().orElseThrow())
        .isEqualTo(
            finished.stream().mapToDouble(c -> c.finalScore().orElseThrow()).max().orElse(0));
    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(best.seed());
    assertThat(IntStream.range(0, 6).map(i -> result.candidates().get(i).rank()).distinct().sum())
        .isEqualTo(21);
    assertThat(result.evaluations().spent()).isEqualTo(6 * 3 + 3 * 7);
  }

  @Test
  void withoutACutAllAreFinishedAndScored() {
    QualityMetric metric = QualityMetric.of("own", (image, prompt) -> image.toPlanes()[0]);
    GenerationResult result = fake.request(4, 1).steps(10).cuts().rescoreBy(metric).generate();

    assertThat(result.evaluations().spent()).isEqualTo(40);
    assertThat(result.settings().decisionSteps()).isEmpty();
    assertThat(result.candidates()).allMatch(candidate -> candidate.finalScore().isPresent());
    assertThat(result.candidates()).allMatch(candidate -> candidate.score().isEmpty());
    assertThat(result.images()).hasSize(1);
    assertThat(result.candidates().get((int) result.images().get(0).seed()).rank()).isEqualTo(1);
  }

  @Test
  void aPolicyMayGiveThePromptUp() {
    GenerationResult result = fake.request(4, 2).steps(10).policy(round -> List.of()).generate();

    assertThat(result.images()).isEmpty();
    assertThat(result.candidates()).allMatch(candidate -> candidate.outcome() == Outcome.PRUNED);
    assertThat(result.evaluations().spent()).isEqualTo(8);
    assertThat(result.warnings()).anyMatch(warning -> warning.contains("gave up the prompt"));
    assertThat(fake.model().calls(Stage.DECODE)).isZero();
  }

  @Test
  void cutsThatDoNotFitEachOtherAreRefused() {
    refused("keeps 1 candidates, but 2 are wanted", 2, Cut.at(0.2, 1));
    refused("3 candidates are finished, but keep is 2", 2, Cut.at(0.2, 3));
    refused("6 candidates are finished, but keep is 2", 2);
    refused("but the one before keeps only 2", 1, Cut.at(0.2, 2), Cut.at(0.4, 3));
    refused("two cuts fall after step 2 of 10", 1, Cut.at(0.2, 2), Cut.at(0.15, 3));
    refused("lies after step 11", 1, new Cut(DecisionPoint.step(11), 1));
  }

  private void refused(String message, int keep, Cut... cuts) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(6, keep).steps(10).cuts(cuts).generate())
        .withMessageContaining(message);
  }
}
