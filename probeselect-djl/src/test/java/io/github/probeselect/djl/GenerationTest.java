package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.Generation;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.Gate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole generations on the real model: what they cost, how they end, and that they leave nothing
 * behind.
 */
class GenerationTest {

  @Test
  void theDenoiserRunsOncePerCandidateAndStep() {
    WatchedModel model = new WatchedModel(DefaultModel.model());
    GenerationResult result =
        DefaultModel.request(new Pipeline(model))
            .candidates(5)
            .keep(2)
            .microBatchSize(3)
            .generate();

    int expected = 5 * 2 + 2 * (DefaultModel.STEPS - 2);
    assertThat(model.rows()).isEqualTo(expected);
    assertThat(model.capturedRows()).isEqualTo(5);
    assertThat(result.evaluations().spent()).isEqualTo(expected);
    assertThat(result.evaluations().withoutSelection()).isEqualTo(5 * DefaultModel.STEPS);
    assertThat(result.evaluations().branches()).isEqualTo(2);
  }

  @Test
  void theBestByTheProbeAreKept() {
    GenerationResult result = DefaultModel.request().candidates(4).keep(2).generate();

    List<Candidate> kept =
        result.candidates().stream()
            .filter(candidate -> candidate.outcome() == Outcome.KEPT)
            .toList();
    double worstKept = kept.stream().mapToDouble(c -> c.score().orElseThrow()).min().orElseThrow();
    assertThat(kept).hasSize(2);
    assertThat(result.candidates())
        .filteredOn(candidate -> candidate.outcome() == Outcome.PRUNED)
        .allMatch(candidate -> candidate.score().orElseThrow() <= worstKept);
  }

  @Test
  void aCandidateWithoutANumberForAScoreIsRankedLastAndReported() {
    GenerationResult result =
        DefaultModel.request()
            .candidates(3)
            .keep(2)
            .probe(
                observation ->
                    observation.seeds().stream()
                        .mapToDouble(seed -> seed == 0 ? Double.NaN : seed)
                        .toArray())
            .generate();

    assertThat(result.candidates().get(0).rank()).isEqualTo(3);
    assertThat(result.candidates().get(0).outcome()).isEqualTo(Outcome.PRUNED);
    assertThat(result.warnings()).singleElement().asString().contains("seed 0");
  }

  /** Where a generation is when it is told to stop. */
  enum Moment {
    EARLY_STEPS,
    DECISION,
    REMAINING_STEPS,
    IMAGES
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void cancelledAtAnyMomentItLeavesNothingOpen(Moment moment) {
    int before = DefaultModel.nativeResourcesBeside();
    AtomicReference<Generation> running = new AtomicReference<>();
    Gate started = new Gate();
    Generation generation =
        DefaultModel.request()
            .candidates(3)
            .keep(2)
            .listener(
                at(
                    moment,
                    () -> {
                      started.pass();
                      running.get().cancel();
                    }))
            .start();
    running.set(generation);
    started.open();

    assertThatThrownBy(generation::join).isInstanceOf(GenerationCancelledException.class);
    assertThat(NativeResources.open()).isEqualTo(before);
  }

  @Test
  void closingWhileItRunsEndsItAndReleasesTheModel() {
    int before = DefaultModel.nativeResourcesBeside();
    Pipeline pipeline = new Pipeline(DefaultModel.open());
    Gate inside = new Gate();
    Generation generation =
        DefaultModel.request(pipeline)
            .candidates(3)
            .listener(at(Moment.EARLY_STEPS, inside::pass))
            .start();
    inside.awaitArrival();
    Thread closing = new Thread(pipeline::close);
    closing.start();
    inside.open();

    assertThatThrownBy(generation::join).isInstanceOf(GenerationCancelledException.class);
    join(closing);
    pipeline.close();
    assertThat(NativeResources.open()).isEqualTo(before);
    assertThatThrownBy(() -> DefaultModel.request(pipeline).generate())
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void twentyGenerationsLeaveNothingOpen() {
    int before = DefaultModel.nativeResourcesBeside();
    for (int i = 0; i < 20; i++) {
      DefaultModel.request()
          .candidates(2, i)
          .keep(1)
          .steps(2)
          .decideAt(DecisionPoint.step(1))
          .generate();
    }
    assertThat(NativeResources.open()).isEqualTo(before);
  }

  private static GenerationListener at(Moment moment, Runnable action) {
    return new GenerationListener() {
      @Override
      public void onProgress(Progress progress) {
        if (moment == Moment.EARLY_STEPS && progress.phase() == Phase.EARLY
            || moment == Moment.REMAINING_STEPS && progress.phase() == Phase.REMAINING) {
          action.run();
        }
      }

      @Override
      public void onDecision(List<Candidate> candidates) {
        if (moment == Moment.DECISION) {
          action.run();
        }
      }

      @Override
      public void onImage(KeptImage image) {
        if (moment == Moment.IMAGES) {
          action.run();
        }
      }
    };
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
