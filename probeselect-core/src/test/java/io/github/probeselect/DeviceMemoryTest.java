package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Observation;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.RecordingListener;
import io.github.probeselect.testing.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A generation on a device whose memory does not hold all candidates at once. */
class DeviceMemoryTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @ParameterizedTest(name = "memory for {0} of 11 candidates")
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void aCallThatDoesNotFitIsDoneAgainWithFewerCandidates(int rows) {
    GenerationResult whole = fake.request(11, 4).microBatchSize(11).generate();
    List<RgbImage> expected = images(whole);
    RecordingListener listener = new RecordingListener();

    fake.model().memoryFor(rows, false);
    GenerationResult result = fake.request(11, 4).microBatchSize(11).listener(listener).generate();

    assertThat(images(result)).isEqualTo(expected);
    assertThat(result.evaluations()).isEqualTo(whole.evaluations());
    assertThat(listener.progress())
        .extracting(GenerationListener.Progress::evaluations)
        .doesNotHaveDuplicates()
        .isSorted()
        .last()
        .isEqualTo(result.evaluations().spent());
  }

  @Test
  void nothingIsTriedThatDidNotFitBefore() {
    fake.model().memoryFor(3, false);
    fake.request(8, 8).microBatchSize(8).steps(5).generate();

    // 8 and 4 fail once each, at the first step; then every step takes 2 in each of 4 calls.
    assertThat(calls()).isEqualTo(2 + 5 * 4);
  }

  @Test
  void theObserverSeesEachCandidateOnce() {
    fake.model().memoryFor(3, false);
    List<Long> seen = new ArrayList<>();

    fake.request(10, 2)
        .microBatchSize(10)
        .observer((Observation observation) -> seen.addAll(observation.seeds()))
        .generate();

    assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  @ParameterizedTest(name = "candidates in a call: {0}, reproducible: {1}")
  @CsvSource({"1, false", "6, false", "6, true"})
  void aSingleCandidateThatDoesNotFitIsAnError(int microBatchSize, boolean reproducible) {
    fake.model().memoryFor(0, false);
    GenerationRequest request =
        fake.request(6, 2).microBatchSize(microBatchSize).reproducible(reproducible);

    assertThatThrownBy(request::generate)
        .isInstanceOfSatisfying(
            DeviceMemoryException.class,
            e -> assertThat(e.requestedBytes()).isEqualTo(OptionalLong.of(1 << 20)));
  }

  @Test
  void aSessionGoesOnWhereMemoryWasExhausted() {
    List<RgbImage> expected = images(fake.request(4, 2).generate());
    Session session = fake.request(4, 2).open();
    fake.model().memoryFor(0, false);
    assertThatThrownBy(() -> session.advance(DecisionPoint.fraction(0.2)))
        .isInstanceOf(DeviceMemoryException.class);
    fake.model().memoryFor(1, false);
    session.advance(DecisionPoint.fraction(0.2));

    assertThat(images(session.keep(2).finish())).isEqualTo(expected);
  }

  @Test
  void byDefaultTheFirstCandidateMeasuresHowManyFit() {
    fake.model().memoryFor(21, true);
    List<RgbImage> images = images(fake.request(30, 3).generate());

    // One row was measured, 20 remain, of which a share of 0.8 is used.
    assertThat(fake.model().largestBatch()).isEqualTo(17);
    int calls = calls();
    fake.request(30, 3).generate();
    assertThat(calls() - calls).as("calls once it is known").isLessThan(calls);
    assertThat(images).isEqualTo(images(fake.request(30, 3).reproducible(true).generate()));
  }

  @Test
  void withoutAMeasureFourCandidatesAreEvaluatedTogether() {
    fake.request(10, 2).generate();

    assertThat(fake.model().largestBatch()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatFitsIsRememberedByThePipeline(boolean measurable) {
    fake.model().memoryFor(3, measurable);
    fake.request(8, 2).steps(5).generate();
    int calls = calls();
    fake.request(8, 8).steps(5).generate();

    assertThat(calls() - calls).isEqualTo(5 * 4);
  }

  private int calls() {
    return fake.model().calls(Stage.PREDICT) + fake.model().calls(Stage.CAPTURE);
  }

  private static List<RgbImage> images(GenerationResult result) {
    return result.images().stream().map(KeptImage::image).toList();
  }
}
