package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Observation;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What probes, observers and callers are shown of the candidates. */
class ObservationTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void aProbeIsShownWhatIsKnownOfEachCandidate() {
    List<Observation> seen = new ArrayList<>();
    GenerationResult result =
        fake.request(3, 1)
            .steps(8)
            .decideAt(DecisionPoint.fraction(0.3))
            .microBatchSize(2)
            .probe(
                observation -> {
                  seen.add(observation);
                  assertThat(observation.activations().size()).isEqualTo(observation.size());
                  assertThat(observation.activations().values(2, "up_blocks.0")).hasSize(16);
                  assertThat(observation.conditioning().promptEmbedding()).hasSize(48);
                  return new double[observation.size()];
                })
            .generate();

    assertThat(seen).extracting(Observation::seeds).containsExactly(List.of(0L, 1L, 2L));
    assertThat(seen.get(0).fractionDone()).isEqualTo(3 / 8.0);
    assertThat(seen.get(0).x0Predictions())
        .allSatisfy(values -> assertThat(values).hasSize(seen.get(0).shape().count()));
    assertThat(seen.get(0).guidanceGaps())
        .isEqualTo(result.candidates().stream().map(Candidate::guidanceGap).toList());
  }

  @Test
  void aCandidateIsScoredTheSameInWhateverChunksItRan() {
    List<float[]> whole = activations(fake.request(5, 5).microBatchSize(5));

    assertThat(whole.stream().map(Arrays::hashCode)).hasSize(5).doesNotHaveDuplicates();
    for (int chunk = 1; chunk < 5; chunk++) {
      assertThat(activations(fake.request(5, 5).microBatchSize(chunk)))
          .usingElementComparator(Arrays::compare)
          .isEqualTo(whole);
    }
    assertThat(activations(fake.request(5, 5).reproducible(true)))
        .usingElementComparator(Arrays::compare)
        .isEqualTo(whole);
  }

  /** What an observer is shown of each candidate at one tap, in the order of the request. */
  private static List<float[]> activations(GenerationRequest request) {
    List<float[]> rows = new ArrayList<>();
    request
        .observer(
            observation -> {
              for (int row = 0; row < observation.size(); row++) {
                rows.add(observation.activations().values(row, "mid_block"));
              }
            })
        .generate();
    return rows;
  }

  @Test
  void inTheReproducibleModeCandidatesAreScoredOneByOne() {
    List<List<Long>> seen = new ArrayList<>();
    fake.request(3, 1)
        .reproducible(true)
        .probe(
            observation -> {
              seen.add(observation.seeds());
              return new double[1];
            })
        .generate();

    assertThat(seen).containsExactly(List.of(0L), List.of(1L), List.of(2L));
  }

  @Test
  void aRowThatIsNotThereIsRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                fake.request(3, 1)
                    .microBatchSize(2)
                    .probe(
                        observation -> {
                          observation.activations().values(3, "mid_block");
                          return new double[3];
                        })
                    .generate())
        .withMessageContaining("row 3 in 3");
  }

  @Test
  void activationsAreGoneOnceTheirCandidatesAreScored() {
    List<Observation> seen = new ArrayList<>();
    fake.request(2, 1)
        .probe(
            observation -> {
              seen.add(observation);
              return new double[observation.size()];
            })
        .generate();

    assertThatIllegalStateException()
        .isThrownBy(() -> seen.get(0).activations().values(0, "mid_block"))
        .withMessageContaining("closed");
  }

  @Test
  void anObserverSeesTheActivationsEvenWhenNothingIsScored() {
    List<Long> seen = new ArrayList<>();

    fake.request(3, 3)
        .microBatchSize(2)
        .observer(
            observation -> {
              seen.addAll(observation.seeds());
              assertThat(observation.activations().values(0, "mid_block")).hasSize(8);
            })
        .generate();

    assertThat(seen).containsExactly(0L, 1L, 2L);
  }

  @Test
  void anObserverIsShownWhoStillRunsAtEveryPointItAskedFor() {
    Map<Double, List<Long>> seen = new TreeMap<>();
    List<double[]> gaps = new ArrayList<>();

    GenerationResult result =
        fake.request(4, 2)
            .steps(10)
            .decideAt(DecisionPoint.fraction(0.4))
            .observeAt(
                DecisionPoint.step(1),
                DecisionPoint.fraction(0.05),
                DecisionPoint.fraction(0.4),
                DecisionPoint.fraction(1))
            .observer(
                observation -> {
                  assertThat(seen).doesNotContainKey(observation.fractionDone());
                  seen.put(observation.fractionDone(), observation.seeds());
                  gaps.add(observation.guidanceGaps().stream().mapToDouble(gap -> gap).toArray());
                  assertThat(observation.activations().values(0, "mid_block")).hasSize(8);
                })
            .generate();

    List<Long> all = List.of(0L, 1L, 2L, 3L);
    List<Long> kept = result.images().stream().map(KeptImage::seed).toList();
    assertThat(kept).hasSize(2);
    assertThat(seen).containsExactly(entry(0.1, all), entry(0.4, all), entry(1.0, kept));
    assertThat(gaps.get(1))
        .containsExactly(
            result.candidates().stream().mapToDouble(Candidate::guidanceGap).toArray());
    assertThat(result.images())
        .isEqualTo(
            fake.request(4, 2).steps(10).decideAt(DecisionPoint.fraction(0.4)).generate().images());
  }

  @Test
  void theProbeScoresAtTheDecisionPointWhereverTheObserverLooks() {
    List<Double> scoredAt = new ArrayList<>();
    fake.request(3, 1)
        .steps(10)
        .decideAt(DecisionPoint.step(3))
        .observeAt(DecisionPoint.step(2), DecisionPoint.step(5))
        .observer(observation -> {})
        .probe(
            observation -> {
              scoredAt.add(observation.fractionDone());
              return new double[observation.size()];
            })
        .generate();

    assertThat(scoredAt).containsExactly(0.3);
  }

  @Test
  void previewsShowEveryCandidateAtTheDecisionPoint() {
    GenerationResult with = fake.request(4, 2).previews(true).generate();
    GenerationResult without = fake.request(4, 2).generate();

    assertThat(with.candidates())
        .allSatisfy(
            candidate -> {
              assertThat(candidate.preview().orElseThrow().width()).isEqualTo(32);
              assertThat(candidate.preview().orElseThrow().height()).isEqualTo(16);
            });
    assertThat(without.candidates())
        .allSatisfy(candidate -> assertThat(candidate.preview()).isEmpty());
    assertThat(with.images()).isEqualTo(without.images());
  }

  @Test
  void aPreviewAfterTheLastStepIsTheImage() {
    GenerationResult result =
        fake.request(2, 1).decideAt(DecisionPoint.fraction(1)).previews(true).generate();

    KeptImage kept = result.images().get(0);
    var preview = result.candidates().get((int) kept.seed()).preview().orElseThrow();
    float[] shown = preview.toPlanes();
    float[] made = kept.image().toPlanes();
    // The last step leads to the alpha of the first training step, not to 1.
    for (int i = 0; i < made.length; i++) {
      assertThat(shown[i]).isCloseTo(made[i], within(0.1f));
    }
  }
}
