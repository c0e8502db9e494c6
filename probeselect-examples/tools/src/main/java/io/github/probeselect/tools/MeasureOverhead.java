package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult.Timings;
import io.github.probeselect.Pipeline;
import io.github.probeselect.evaluation.PairedTimes;
import io.github.probeselect.selection.DecisionPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures what capturing activations, scoring and choosing add to denoising, on models so large
 * that a whole run takes hours: in trajectories of two steps, of which the first is captured and
 * scored, and the second is not.
 */
@Command(
    name = "measure-overhead",
    description =
        "Measures a step of the denoiser, and what capturing activations, scoring and choosing add to it.",
    footer = {
      "",
      "Reads: the model, and the --metric directory if the bundle has no probe.",
      "Writes: nothing; it prints seconds, and ratios with their range."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MeasureOverhead implements Callable<Integer> {

  private static final int STEPS = 2;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Mixin private SelectionOption selection = new SelectionOption();

  @Option(
      names = "--size",
      description = "The side of the square images in pixels; the model's default size if absent.")
  private int size;

  @Option(
      names = "--rows",
      converter = AtLeastOne.class,
      description = "How many candidates are evaluated together.")
  private int rows = 1;

  @Option(
      names = "--rounds",
      converter = AtLeastOne.class,
      description = "How many generations are timed, after one that is not.")
  private int rounds = 5;

  /** Creates the command. */
  public MeasureOverhead() {}

  @Override
  public Integer call() {
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      int finished = rows;
      int started = 2 * rows;
      GenerationRequest request =
          pipeline
              .request(MeasureCost.PROMPT)
              .candidates(started)
              .keep(finished)
              .microBatchSize(rows)
              .steps(STEPS)
              .decideAt(DecisionPoint.step(1))
              .signals(metrics.signals());
      if (size > 0) {
        request = request.size(size, size);
      }
      print(timed(request), pipeline.model().manifest().defaults().steps());
      return 0;
    }
  }

  private List<Timings> timed(GenerationRequest request) {
    List<Timings> timings = new ArrayList<>();
    for (int round = -1; round < rounds; round++) {
      Timings each = request.generate().timings();
      if (round >= 0) {
        timings.add(each);
      }
    }
    return timings;
  }

  private void print(List<Timings> timings, int steps) {
    double[] step = each(timings, round -> perRow(round.remaining(), rows));
    double[] captured =
        each(timings, round -> perRow(round.early(), 2 * rows) / perRow(round.remaining(), rows));
    double[] scored =
        each(timings, round -> perRow(round.decide(), 2 * rows) / perRow(round.remaining(), rows));
    double[] decoded =
        each(timings, round -> perRow(round.decode(), rows) / perRow(round.remaining(), rows));
    System.out.printf(
        Locale.ROOT,
        "a step of a candidate   fastest %.4f s, median %.4f s, %d together%n",
        Arrays.stream(step).min().orElseThrow(),
        PairedTimes.median(step),
        rows);
    Ratios.print("a step with its activations captured : without", captured, "rounds");
    Ratios.print("scoring a candidate and choosing : a step", scored, "rounds");
    Ratios.print("decoding an image : a step", decoded, "rounds");
    int early = DecisionPoint.fraction(0.2).stepsDone(steps);
    double added = PairedTimes.median(captured) - 1 + PairedTimes.median(scored);
    double evaluations = selection.n() * early + selection.k() * (steps - early);
    System.out.printf(
        Locale.ROOT,
        "capturing, scoring and choosing : denoising, keep %d of %d after %d of %d steps   %.2f%%%n",
        selection.k(),
        selection.n(),
        early,
        steps,
        100 * selection.n() * added / evaluations);
  }

  private static double perRow(Duration time, int rows) {
    return time.toNanos() * 1e-9 / rows;
  }

  private static double[] each(List<Timings> timings, ToDoubleFunction<Timings> value) {
    return timings.stream().mapToDouble(value).toArray();
  }
}
