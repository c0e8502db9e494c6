package io.github.probeselect.internal.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.recorded.LinearForecast;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPlan.StepCut;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Plans on trajectories whose law is known. */
class PlannerTest {

  private static final int STEPS = 10;

  /**
   * Candidates with normal final metrics; the signal {@code sharp} says them with an error that
   * shrinks along the trajectory, {@code blurred} with a larger one, {@code noise} says nothing.
   */
  private static RecordedReadings trajectories(long seed, int prompts, int candidates) {
    Random random = new Random(seed);
    List<Point> points = new ArrayList<>();
    for (String signal : List.of("sharp", "blurred", "noise")) {
      IntStream.of(1, 2, 4, 6, 8).forEach(step -> points.add(new Point(signal, step)));
    }
    List<Calibration.Prompt> groups = new ArrayList<>();
    for (int prompt = 0; prompt < prompts; prompt++) {
      double level = 3 * random.nextGaussian();
      double[] finals = new double[candidates];
      double[][] scores = new double[candidates][points.size()];
      for (int i = 0; i < candidates; i++) {
        double merit = random.nextGaussian();
        finals[i] = level + merit;
        for (int point = 0; point < points.size(); point++) {
          double left = 1 - points.get(point).stepsDone() / (double) STEPS;
          scores[i][point] =
              switch (point / 5) {
                case 0 -> level + merit + left * random.nextGaussian();
                case 1 -> level + merit + 3 * left * random.nextGaussian();
                default -> random.nextGaussian();
              };
        }
      }
      groups.add(new Calibration.Prompt(scores, finals));
    }
    return new RecordedReadings(new Calibration.Readings(STEPS, points, groups));
  }

  @Test
  void aPlanGainsMoreThanFullRunsOfTheSameCostAlsoOnOtherPrompts() {
    Planner planner = new Planner(trajectories(1, 40, 16), Costs.DENOISING_ONLY, true);
    RecordedReadings others = trajectories(2, 200, 16);

    for (double runs : new double[] {2, 3, 5}) {
      Proposal proposal = planner.plan(Budget.fullRuns(runs), 1);
      double held =
          IntStream.range(0, 200)
              .mapToDouble(
                  prompt ->
                      new Simulator(others)
                          .run(
                              proposal.plan(),
                              proposal.signals(),
                              prompt,
                              IntStream.range(0, proposal.candidates()).boxed().toList())
                          .quality())
              .average()
              .orElseThrow();

      assertThat(proposal.cost()).isLessThanOrEqualTo(proposal.budget());
      assertThat(proposal.budget()).isEqualTo(runs * STEPS);
      assertThat(proposal.fullRuns()).isEqualTo((int) runs);
      assertThat(proposal.expected()).isGreaterThan(proposal.bestOfN() + 0.1);
      assertThat(proposal.perfect()).isGreaterThan(proposal.expected());
      assertThat(proposal.signals()).contains("sharp");
      double mean =
          others.prompts().stream()
              .mapToDouble(
                  group ->
                      IntStream.range(0, 16)
                          .mapToDouble(i -> group.finals()[i])
                          .average()
                          .orElseThrow())
              .average()
              .orElseThrow();
      assertThat(held - mean).isCloseTo(proposal.gain(), within(0.25));
      assertThat(proposal.explanation())
          .contains("start " + proposal.candidates() + " candidates", "sharp", "full runs");
    }
  }

  @Test
  void aBudgetIsNeverExceededWhateverScoringCosts() {
    RecordedReadings recorded = trajectories(3, 20, 12);
    Costs costs =
        Costs.DENOISING_ONLY
            .signal("sharp", 1.5)
            .signal("blurred", 0.2)
            .signal("noise", 0)
            .finish(2)
            .secondsPerEvaluation(0.01)
            .overheadSeconds(0.05);
    Planner planner = new Planner(recorded, costs, true);
    for (double budget : new double[] {12, 17.5, 31, 64}) {
      Proposal proposal = planner.plan(Budget.evaluations(budget), 1);
      double cost = 0;
      int done = 0;
      int running = proposal.candidates();
      for (StepCut cut : proposal.plan().cuts()) {
        cost += running * (cut.stepsDone() - done);
        cost += proposal.signals().stream().mapToDouble(costs::of).sum() * running;
        done = cut.stepsDone();
        running = cut.keep();
      }
      cost += running * (STEPS - done + 2);

      assertThat(proposal.cost()).isCloseTo(cost, within(1e-9)).isLessThanOrEqualTo(budget);
    }
  }

  @Test
  void aSignalThatCostsMoreThanItTellsIsNotAsked() {
    RecordedReadings recorded = trajectories(4, 30, 16);
    Costs dear = Costs.DENOISING_ONLY.signal("sharp", 30);

    Proposal proposal = new Planner(recorded, dear, true).plan(Budget.fullRuns(3), 1);

    assertThat(proposal.signals()).doesNotContain("sharp");
  }

  @Test
  void withoutAFinalMetricNoMoreAreFinishedThanWanted() {
    Planner planner = new Planner(trajectories(5, 30, 16), Costs.DENOISING_ONLY, false);

    Proposal proposal = planner.plan(Budget.fullRuns(4), 2);

    assertThat(proposal.plan().finished(proposal.candidates())).isEqualTo(2);
    assertThat(proposal.fullRuns()).isEqualTo(2);
    assertThat(proposal.expected()).isGreaterThan(proposal.bestOfN());
  }

  @Test
  void aBudgetThatPaysForNothingIsRefused() {
    Planner planner = new Planner(trajectories(6, 10, 8), Costs.DENOISING_ONLY, true);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> planner.plan(Budget.evaluations(9), 1))
        .withMessageContaining("does not pay for 1 finished images of 10 steps");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> Budget.fullRuns(0))
        .withMessageContaining("not a finite number above 0");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> planner.plan(Budget.seconds(3), 1))
        .withMessageContaining("measured costs");
  }

  @Test
  void planningEndsWhenItIsNoLongerWanted() {
    Planner planner = new Planner(trajectories(6, 10, 8), Costs.DENOISING_ONLY, true);
    for (int wanted : new int[] {0, 1, 5, 100}) {
      int[] checks = {0};

      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(
              () ->
                  planner.plan(
                      Budget.fullRuns(3),
                      1,
                      () -> {
                        if (checks[0]++ == wanted) {
                          throw new GenerationCancelledException("not wanted");
                        }
                      }));
      assertThat(checks[0]).isEqualTo(wanted + 1);
    }
  }

  @Test
  void theSearchReplaysAsTheSimulatorDoes() {
    Random random = new Random(8);
    RecordedReadings recorded = withGapsAndTies(trajectories(8, 6, 9), random);
    Draws draws = Draws.few(recorded);
    int prompts = recorded.prompts().size();
    ForecastFit fit = new ForecastFit(recorded);
    for (int trial = 0; trial < 60; trial++) {
      List<StepCut> cuts = new ArrayList<>();
      int left = 1 + random.nextInt(9);
      for (int step : new int[] {1, 2, 4, 6, 8}) {
        if (random.nextBoolean() || step == 8 && cuts.isEmpty()) {
          left = 1 + random.nextInt(left);
          cuts.add(new StepCut(step, left));
        }
      }
      int keep = 1 + random.nextInt(left);
      int candidates = keep + random.nextInt(10 - keep);
      List<String> signals = List.of(random.nextBoolean() ? "sharp" : "noise", "blurred");
      LinearForecast forecast =
          fit.forecast(signals, cuts.stream().map(StepCut::stepsDone).toList());
      SelectionPlan plan =
          new SelectionPlan(
              STEPS, cuts, keep, SelectionPolicy.topK(), forecast, random.nextBoolean());
      Simulator simulator = new Simulator(recorded);
      double simulated =
          IntStream.range(0, prompts * draws.perPrompt())
              .mapToDouble(
                  i -> {
                    int prompt = i % prompts;
                    Draws.Draw draw = draws.draw(prompt, i / prompts, candidates);
                    List<Integer> order =
                        IntStream.range(0, candidates).mapToObj(draw::candidate).toList();
                    return simulator.run(plan, signals, prompt, order).quality();
                  })
              .average()
              .orElseThrow();

      assertThat(
              new CutReplay(draws)
                  .quality(plan, recorded.forecast("forecast", forecast), candidates))
          .as("%s of %d candidates", plan, candidates)
          .isCloseTo(simulated, within(1e-9));
    }
  }

  @Test
  void requestsOfAPromptTakeAllItsCandidatesAboutEquallyOften() {
    Draws draws = Draws.few(trajectories(8, 6, 9));
    for (int candidates = 1; candidates <= 9; candidates++) {
      int[] taken = new int[9];
      for (int request = 0; request < draws.perPrompt(); request++) {
        Draws.Draw draw = draws.draw(5, request, candidates);
        int[] drawn = IntStream.range(0, candidates).map(draw::candidate).toArray();
        assertThat(drawn).doesNotHaveDuplicates();
        Arrays.stream(drawn).forEach(candidate -> taken[candidate]++);
      }
      int expected = draws.perPrompt() * candidates / 9;
      for (int times : taken) {
        assertThat(times).isCloseTo(expected, withinPercentage(20));
      }
    }
  }

  /** Some readings are no numbers, and some candidates have the readings of others. */
  private static RecordedReadings withGapsAndTies(RecordedReadings recorded, Random random) {
    for (Calibration.Prompt group : recorded.prompts()) {
      group.scores()[random.nextInt(9)][random.nextInt(15)] = Double.NaN;
      group.scores()[7] = group.scores()[2].clone();
    }
    return recorded;
  }

  @Test
  void aForecastWeighsSignalsByWhatTheyTell() {
    LinearForecast forecast =
        new ForecastFit(trajectories(7, 200, 16))
            .forecast(List.of("sharp", "blurred", "noise"), List.of(4, 8));
    Map<Point, Double> late = forecast.stages().get(8).weights();

    assertThat(forecast.decisionSteps()).containsExactly(4, 8);
    // Errors of .2 and .6 at step 8, of .6 and 1.8 at step 4: weights go as one over their squares.
    assertThat(late.get(new Point("sharp", 8))).isCloseTo(0.84, within(0.05));
    assertThat(late.get(new Point("blurred", 8))).isCloseTo(0.09, within(0.03));
    assertThat(late.getOrDefault(new Point("noise", 8), 0.0)).isLessThan(0.02);
    assertThat(late.values()).allMatch(weight -> weight > 0);
    double information = 1 + 1 / 0.04 + 1 / 0.36 + 1 / 0.36 + 1 / 3.24;
    assertThat(forecast.stages().get(8).deviation())
        .isCloseTo(Math.sqrt(1 / information) * Math.sqrt(15 / 16.0), within(0.01));
  }

  @Test
  void trajectoriesThatDoNotFitAreRefused() {
    List<Point> points = List.of(new Point("a", 2));
    refused("no recorded prompts", () -> new Calibration.Readings(10, points, List.of()));
    refused("after step 2 of 1", () -> new Calibration.Readings(1, points, groups(1, 1, 0)));
    refused(
        "1 candidates with readings and 2",
        () -> new Calibration.Readings(10, points, groups(1, 2, 0)));
    refused(
        "2 readings of 1",
        () ->
            new Calibration.Readings(
                10,
                points,
                List.of(new Calibration.Prompt(new double[][] {{1, 2}}, new double[] {1}))));
    refused(
        "the final metric NaN",
        () -> new Calibration.Readings(10, points, groups(1, 1, Double.NaN)));
  }

  private static List<Calibration.Prompt> groups(int readings, int finals, double value) {
    double[] metric = new double[finals];
    metric[0] = value;
    return List.of(new Calibration.Prompt(new double[readings][1], metric));
  }

  private static void refused(String message, Runnable call) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call::run)
        .withMessageContaining(message);
  }
}
