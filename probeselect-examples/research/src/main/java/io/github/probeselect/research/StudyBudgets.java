package io.github.probeselect.research;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.PromptFile;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.Bootstrap;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.RecordedSignal;
import io.github.probeselect.evaluation.RecordedTrajectories;
import io.github.probeselect.internal.planning.Planner;
import io.github.probeselect.internal.planning.Simulator;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.tools.ChosenMetrics;
import io.github.probeselect.tools.Evaluate;
import io.github.probeselect.tools.MetricOption;
import io.github.probeselect.tools.ModelOption;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Plans budgets for a calibrated bundle and replays the plans, and other uses of the same budgets,
 * on recorded prompts that nothing was fitted on; with {@code --live} also for real, by the clock.
 */
@Command(
    name = "StudyBudgets",
    description =
        "Plans budgets for a calibrated bundle and replays the plans, and other uses of the same budgets, on recorded prompts.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StudyBudgets implements Callable<Integer> {

  private static final long BOOTSTRAP_SEED = 0;
  private static final double CONFIDENCE = 0.98;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Option(names = "--data", description = "Where Evaluate has left its recordings.")
  private Path data = Path.of("probeselect-examples", "target", "evaluation");

  @Option(names = "--budgets", split = ",", description = "In full runs, to be replayed.")
  private List<Double> budgets = List.of(1.5, 2.0, 3.0, 4.0, 5.0);

  @Option(
      names = "--live",
      description = "On how many prompts the budgets are spent for real, by the clock.")
  private int live = 0;

  @Option(names = "--live-budgets", split = ",", description = "In full runs, to be spent so.")
  private List<Double> liveBudgets = List.of(2.0, 3.0, 5.0);

  @Option(names = "--prompts", description = "Where these prompts are, one a line.")
  private Path prompts = Path.of("models", "prompts", "test.txt");

  @Option(names = "--output", description = "Where the report is written.")
  private Path output = Path.of("docs", "selection");

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new StudyBudgets())).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<String> chosen = live == 0 ? List.of() : PromptFile.read(prompts, live);
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      String bundle = pipeline.manifest().name();
      Calibration calibration = calibration(pipeline);
      QualityMetric metric = metrics.of(calibration);
      Costs costs = pipeline.costs(metric);
      RecordedReadings recorded =
          new RecordedReadings(
              RecordedTrajectories.of(
                  Dataset.open(data.resolve(bundle)),
                  signals(pipeline, calibration),
                  metric.name()));
      BudgetReport report = new BudgetReport(bundle, metric.name(), recorded.prompts().size());
      Planner planner = new Planner(calibrated(calibration, recorded), costs, true);
      for (double runs : budgets) {
        Proposal proposal = planner.plan(Budget.fullRuns(runs), 1);
        report.explain(runs, proposal);
        study(report, runs, proposal, costs, recorded, metric.name());
      }
      report.spent(live(pipeline, metric, chosen));
      System.out.println("written to " + report.write(output).toAbsolutePath());
    }
    return 0;
  }

  private static Calibration calibration(Pipeline pipeline) {
    return pipeline
        .calibration()
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "the bundle "
                        + pipeline.manifest().name()
                        + " has no calibration to plan from; run Calibrate on it first"));
  }

  /** The signals that plans may ask, as {@link Evaluate} has recorded them. */
  private static List<RecordedSignal> signals(Pipeline pipeline, Calibration calibration) {
    return calibration.readings().signals().stream()
        .map(
            name ->
                switch (name) {
                  case Probe.NAME -> RecordedSignal.replay(pipeline.probe());
                  case Signal.GUIDANCE_GAP -> RecordedSignal.guidanceGap();
                  default -> RecordedSignal.preview(calibration.metric());
                })
        .toList();
  }

  /** As many candidates of each prompt as were recorded, so that every plan can be replayed. */
  private static RecordedReadings calibrated(Calibration calibration, RecordedReadings recorded) {
    RecordedReadings all = new RecordedReadings(calibration.readings());
    return all.first(Math.min(all.candidates(), recorded.candidates()));
  }

  private List<LiveBudgets.Row> live(Pipeline pipeline, QualityMetric metric, List<String> chosen) {
    if (chosen.isEmpty()) {
      return List.of();
    }
    try (ProgressBar bar = new ProgressBar("spending budgets on", chosen.size())) {
      return new LiveBudgets(pipeline, metric, liveBudgets).run(chosen, bar::stepTo);
    }
  }

  private static void study(
      BudgetReport report,
      double runs,
      Proposal proposal,
      Costs costs,
      RecordedReadings recorded,
      String metric) {
    int steps = recorded.steps();
    SelectionPlan plan = proposal.plan();
    SelectionPlan adaptive =
        new SelectionPlan(
            steps, plan.cuts(), 1, SelectionPolicy.adaptive(CONFIDENCE), plan.forecast(), true);
    Replay planned = new Replay(plan, proposal.signals(), proposal.candidates());
    report.add("planned", runs, planned.gain(recorded));
    report.add(
        "planned, adaptive",
        runs,
        new Replay(adaptive, proposal.signals(), proposal.candidates()).gain(recorded));
    SelectionPlan none =
        SelectionPlan.of(steps, List.of(), 1, SelectionPolicy.topK(), Forecast.latest(), true);
    report.add(
        "best of N",
        runs,
        new Replay(none, List.of(), (int) Math.floor(runs + 1e-9)).gain(recorded));
    report.add(
        String.format(Locale.ROOT, "all %d known", recorded.candidates()),
        runs,
        new Replay(none, List.of(), recorded.candidates()).gain(recorded));
    List<String> alone = new ArrayList<>(List.of(Probe.NAME, PreviewProbe.name(metric)));
    alone.retainAll(recorded.signals());
    for (String signal : alone) {
      SelectionPlan once =
          SelectionPlan.of(
              steps, List.of(Cut.at(0.2, 1)), 1, SelectionPolicy.topK(), Forecast.latest(), false);
      int early = once.cuts().get(0).stepsDone();
      double left = proposal.budget() - (steps - early + costs.finish());
      int affordable = (int) Math.floor(left / (early + costs.of(signal)) + 1e-9);
      int n = Math.max(1, Math.min(recorded.candidates(), affordable));
      report.add(
          "one cut at 20%, " + signal, runs, new Replay(once, List.of(signal), n).gain(recorded));
    }
  }

  /** One use of a budget, replayed with every rotation of a prompt's candidates. */
  private record Replay(SelectionPlan plan, List<String> signals, int candidates) {

    /** The gain over a random candidate, with its interval over prompts. */
    Interval gain(RecordedReadings recorded) {
      Simulator simulator = new Simulator(recorded);
      double[] gains =
          IntStream.range(0, recorded.prompts().size())
              .mapToDouble(prompt -> quality(simulator, recorded, prompt) - mean(recorded, prompt))
              .toArray();
      return Bootstrap.mean(gains, Bootstrap.RESAMPLES, BOOTSTRAP_SEED);
    }

    private double quality(Simulator simulator, RecordedReadings recorded, int prompt) {
      int size = recorded.prompts().get(prompt).size();
      List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
      double sum = 0;
      for (int rotation = 0; rotation < size; rotation++) {
        Collections.rotate(order, 1);
        sum += simulator.run(plan, signals, prompt, order.subList(0, candidates)).quality();
      }
      return sum / size;
    }

    private static double mean(RecordedReadings recorded, int prompt) {
      return Arrays.stream(recorded.prompts().get(prompt).finals()).average().orElseThrow();
    }
  }
}
