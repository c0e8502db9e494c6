package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.Gate;
import io.github.probeselect.testing.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that say what they may cost, and the calibration that this needs. */
class BudgetTest {

  private static final String PROMPT = "a red circle";

  @TempDir Path directory;

  private final FakeModel model = new FakeModel();
  private final int steps = model.manifest().defaults().steps();
  private final String metric = model.manifest().metrics().get(0).name();
  private final Pipeline pipeline =
      new Pipeline(model, Optional.of(calibration(model.manifest().denoiserHash(), steps)));

  @AfterEach
  void close() {
    pipeline.close();
  }

  /** Both signals know the final metric well from the third step on. */
  private Calibration calibration(String denoiser, int schedule) {
    Random random = new Random(5);
    List<Point> points = new ArrayList<>();
    for (String signal : List.of(Probe.NAME, PreviewProbe.name(metric))) {
      for (int step : new int[] {1, 3, 5}) {
        points.add(new Point(signal, step));
      }
    }
    List<Calibration.Prompt> prompts = new ArrayList<>();
    for (int prompt = 0; prompt < 12; prompt++) {
      double[][] scores = new double[10][points.size()];
      double[] finals = new double[10];
      for (int i = 0; i < finals.length; i++) {
        finals[i] = random.nextGaussian();
        for (int point = 0; point < points.size(); point++) {
          double error = points.get(point).stepsDone() == 1 ? 3 : 0.2;
          scores[i][point] = finals[i] + error * random.nextGaussian();
        }
      }
      prompts.add(new Calibration.Prompt(scores, finals));
    }
    return Calibration.of(
        model.manifest().name(),
        denoiser,
        metric,
        new Calibration.Readings(schedule, points, prompts));
  }

  @Test
  void aBudgetIsSpentAsPlannedAndNeverExceeded() {
    for (double runs : new double[] {1.5, 2, 3, 5}) {
      Budget budget = Budget.fullRuns(runs);
      Proposal proposal = pipeline.plan(budget, 1);
      GenerationResult result =
          pipeline.request(PROMPT).candidates(1, 40).budget(budget).generate();

      assertThat(result.candidates()).hasSize(proposal.candidates());
      assertThat(result.candidates().get(0).seed()).isEqualTo(40);
      assertThat(result.images()).hasSize(1);
      assertThat((double) result.evaluations().spent())
          .isLessThanOrEqualTo(proposal.cost())
          .isLessThanOrEqualTo(proposal.budget());
      assertThat(result.settings().decisionSteps())
          .isEqualTo(proposal.plan().cuts().stream().map(cut -> cut.stepsDone()).toList());
      assertThat(result.candidates())
          .filteredOn(candidate -> candidate.stepsDone() == steps)
          .isNotEmpty()
          .allMatch(candidate -> candidate.finalScore().isPresent());
      assertThat(pipeline.plan(budget, 1)).isSameAs(proposal);
    }
  }

  @Test
  void candidatesThatDifferInMoreThanSeedsCostNoMore() {
    Proposal proposal = pipeline.plan(Budget.fullRuns(3), 1);
    GenerationResult result =
        pipeline
            .request(PROMPT)
            .guidanceScales(2, 5)
            .wordings("a disc", "a circle")
            .secondWave(new SecondWave(0.4, 2, 0.3))
            .budget(Budget.fullRuns(3))
            .generate();

    assertThat(result.candidates()).hasSize(proposal.candidates());
    assertThat(result.candidates())
        .filteredOn(candidate -> !candidate.origin().noise().variations().isEmpty())
        .hasSize((int) Math.round(0.4 * proposal.candidates()));
    assertThat((double) result.evaluations().spent()).isLessThanOrEqualTo(proposal.budget());
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                pipeline
                    .request(PROMPT)
                    .origins(Origin.seed(1))
                    .budget(Budget.fullRuns(2))
                    .generate())
        .withMessageContaining("give seeds, guidanceScales or wordings");
  }

  @Test
  void aBudgetThatPaysForNothingElseGivesOneFullRun() {
    GenerationResult result = pipeline.request(PROMPT).budget(Budget.fullRuns(1)).generate();

    assertThat(result.images()).hasSize(1);
    assertThat(result.evaluations().spent()).isEqualTo(steps);
  }

  @Test
  void aBudgetThatCannotPayIsRefusedBeforeAnythingIsMeasured() {
    cannotPay(Budget.evaluations(steps - 1), 1, "Budget.fullRuns(1)");
    cannotPay(Budget.evaluations(2 * steps - 0.5), 2, 2 * steps + " denoiser evaluations");
    cannotPay(Budget.fullRuns(0.99), 1, "at least 1 full runs");
    cannotPay(Budget.fullRuns(2.5), 3, "at least 3 full runs");
    cannotPay(Budget.fullRuns(50), 11, "only 10 were recorded");

    assertThat(model.calls(Stage.ENCODE)).isZero();
  }

  private void cannotPay(Budget budget, int keep, String message) {
    refused(() -> pipeline.plan(budget, keep), message);
    refused(() -> pipeline.request(PROMPT).keep(keep).budget(budget).generate(), message);
    refused(() -> pipeline.request(PROMPT).keep(keep).budget(budget).start(), message);
  }

  private static void refused(Runnable call, String message) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call::run)
        .withMessageContaining(message);
  }

  @Test
  void whatABudgetTakesAtLeastIsEnough() {
    Budget seconds = Budget.seconds(1e-9);
    Throwable refusal = catchThrowable(() -> pipeline.plan(seconds, 2));
    assertThat(refusal)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("0.000000001 seconds does not pay for 2 finished images");
    for (Budget budget : List.of(seconds, Budget.evaluations(2 * steps), Budget.fullRuns(1))) {
      Budget least = budget.least(2, steps, pipeline.costs());

      assertThat(pipeline.plan(least, 2).candidates()).isGreaterThanOrEqualTo(2);
      assertThat(least).hasSameClassAs(budget);
    }
    int calls = model.calls(Stage.ENCODE);
    refused(() -> pipeline.request(PROMPT).budget(seconds).start(), "take at least");
    assertThat(model.calls(Stage.ENCODE)).isEqualTo(calls);
  }

  @Test
  void whatElseIsWrongWithARequestIsSaidWhenItStarts() {
    Budget budget = Budget.fullRuns(2);
    refused(() -> pipeline.request(PROMPT).budget(budget).size(7, 7).start(), "7");
    refused(() -> pipeline.request(PROMPT).budget(budget).steps(steps + 1).start(), "calibrated");
    refused(
        () ->
            pipeline
                .request(PROMPT)
                .budget(budget)
                .observer(observation -> {})
                .observeAt(DecisionPoint.step(steps + 1))
                .start(),
        "there are only " + steps);
    refused(
        () -> pipeline.request(PROMPT).budget(budget).origins(Origin.seed(1)).start(), "origins");
    assertThat(model.calls(Stage.ENCODE)).isZero();
  }

  @ParameterizedTest(name = "during {0} call {1}")
  @CsvSource({"ENCODE, 1", "PREDICT, 1", "PREDICT, 9", "CAPTURE, 2", "DECODE, 1"})
  void measuringIsCancelledBeforeTheNextCall(Stage stage, int call) {
    Gate gate = new Gate();
    model.at(stage, call, gate::pass);
    Generation generation = budgeted();
    gate.awaitArrival();
    generation.cancel();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(generation::join);
    assertThat(model.calls(stage)).isEqualTo(call);
    assertThat(budgeted().join().images()).hasSize(1);
  }

  private Generation budgeted() {
    return pipeline.request(PROMPT).budget(Budget.fullRuns(2)).start();
  }

  @Test
  void whoeverWaitsForTheMeasurementOfOthersCanBeCancelledAndObeysItsDeadline() {
    Gate gate = new Gate();
    model.at(Stage.PREDICT, 1, gate::pass);
    Generation measures = budgeted();
    gate.awaitArrival();
    Generation cancelled = budgeted();
    Generation late =
        pipeline
            .request(PROMPT)
            .budget(Budget.fullRuns(3))
            .deadline(Instant.now().plusMillis(100))
            .start();
    cancelled.cancel();

    assertThat(cancelled.future())
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withCauseInstanceOf(GenerationCancelledException.class);
    assertThat(late.future())
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withCauseInstanceOf(DeadlineExceededException.class);
    assertThat(measures.future()).isNotDone();
    gate.open();
    assertThat(measures.join().images()).hasSize(1);
  }

  @Test
  void whenWhoMeasuresIsCancelledTheNextOneMeasures() {
    Gate gate = new Gate();
    model.at(Stage.PREDICT, 1, gate::pass);
    Generation measures = budgeted();
    gate.awaitArrival();
    Generation next = budgeted();
    measures.cancel();
    gate.open();

    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(measures::join);
    assertThat(next.join().images()).hasSize(1);
  }

  @Test
  void planningObeysDeadlineInterruptAndClose() throws Exception {
    GenerationRequest request = pipeline.request(PROMPT).budget(Budget.fullRuns(2));
    assertThatExceptionOfType(DeadlineExceededException.class)
        .isThrownBy(() -> request.deadline(Instant.now().minusSeconds(1)).generate());
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(() -> pipeline.plan(Budget.fullRuns(2), 1));
    assertThat(Thread.interrupted()).isTrue();

    Gate gate = new Gate();
    model.at(Stage.PREDICT, 1, gate::pass);
    CompletableFuture<Proposal> planning =
        CompletableFuture.supplyAsync(() -> pipeline.plan(Budget.fullRuns(2), 1));
    gate.awaitArrival();
    Thread closer = new Thread(pipeline::close);
    closer.start();
    while (closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    gate.open();
    closer.join();

    assertThat(planning)
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withCauseInstanceOf(GenerationCancelledException.class);
    assertThat(model.calls(Stage.PREDICT)).isEqualTo(1);
  }

  @Test
  void otherStepsThanThoseCalibratedAreRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () -> pipeline.request(PROMPT).steps(steps + 1).budget(Budget.fullRuns(2)).generate())
        .withMessageContaining("calibrated for schedules of " + steps + " steps");
  }

  @Test
  void withoutACalibrationABudgetIsRefused() {
    try (Pipeline plain = new Pipeline(new FakeModel())) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> plain.request(PROMPT).budget(Budget.fullRuns(2)).generate())
          .withMessageContaining("no calibration")
          .withMessageContaining("probeselect-tools calibrate");
    }
  }

  @Test
  void theCalibrationOfAnotherModelIsRefusedAndTheModelClosed() {
    FakeModel other = new FakeModel();

    assertThatExceptionOfType(InvalidCalibrationException.class)
        .isThrownBy(() -> new Pipeline(other, Optional.of(calibration("0".repeat(64), steps))))
        .withMessageContaining("calibrate this model");
    assertThat(other.isClosed()).isTrue();
  }

  @Test
  void aCalibrationIsReadAsItWasWritten() throws IOException {
    Path file = directory.resolve(Calibration.FILE);
    Calibration written = calibration("ab", steps);
    written.readings().prompts().get(0).scores()[2][1] = Double.NaN;
    written.write(file);

    Calibration read = read(Files.readString(file));

    assertThat(read.bundle()).isEqualTo(written.bundle());
    assertThat(read.metric()).isEqualTo(metric);
    assertThat(read.readings().points()).isEqualTo(written.readings().points());
    assertThat(read.readings().steps()).isEqualTo(steps);
    for (int prompt = 0; prompt < 12; prompt++) {
      Calibration.Prompt before = written.readings().prompts().get(prompt);
      Calibration.Prompt after = read.readings().prompts().get(prompt);
      for (int i = 0; i < before.size(); i++) {
        assertThat((float) after.finals()[i]).isEqualTo((float) before.finals()[i]);
        for (int point = 0; point < before.scores()[i].length; point++) {
          assertThat(
                  Float.compare(
                      (float) after.scores()[i][point], (float) before.scores()[i][point]))
              .isZero();
        }
      }
    }
  }

  @Test
  void aCalibrationThatIsDamagedIsRefused() throws IOException {
    Path file = directory.resolve(Calibration.FILE);
    calibration("ab", steps).write(file);
    String json = Files.readString(file);

    damaged("cannot be read", json.substring(0, json.length() / 2));
    damaged("version 9", json.replaceFirst("\"version\":1", "\"version\":9"));
    damaged("does not match its checksum", json.replaceFirst("\"steps\":" + steps, "\"steps\":3"));
    damaged("cannot be read", json.replaceFirst("\"points\"", "\"pints\""));
  }

  private static void damaged(String message, String json) {
    assertThatExceptionOfType(InvalidCalibrationException.class)
        .isThrownBy(() -> read(json))
        .withMessageContaining("somewhere", message);
  }

  private static Calibration read(String json) {
    InputStream stream = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
    return Calibration.read(stream, "somewhere");
  }
}
