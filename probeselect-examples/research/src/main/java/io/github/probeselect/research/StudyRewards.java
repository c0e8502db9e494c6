package io.github.probeselect.research;

import io.github.probeselect.evaluation.Bootstrap;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.internal.io.NpyArray;
import io.github.probeselect.internal.io.NpyArray.Layout;
import io.github.probeselect.internal.planning.Planner;
import io.github.probeselect.internal.planning.Simulator;
import io.github.probeselect.internal.planning.TwoCuts;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Plans budgets on recorded rewards of a model that is not here: half of the prompts to plan from,
 * the other half to score on, then the other way round. Beside the plans stand the best two cuts
 * that an exhaustive search finds on the same half, plain full runs, and the best of all seeds.
 */
@Command(
    name = "StudyRewards",
    description =
        "Plans budgets on recorded rewards of a model that is not here, and evaluates them on the prompts that they were not planned from.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StudyRewards implements Callable<Integer> {

  private static final String SIGNAL = "reward";
  private static final int DRAWS = 200;
  private static final long SEED = 11;

  @Parameters(
      description =
          "A NumPy file, float32 [prompts, seeds, steps]: the reward of the decoded x0 prediction"
              + " after each step; after the last one it is that of the finished image.")
  private Path rewards = Path.of("rewards.npy");

  @Option(names = "--shape", split = ",", description = "Prompts, seeds and steps in the file.")
  private List<Integer> shape = List.of(100, 200, 20);

  @Option(names = "--budgets", split = ",", description = "In full runs.")
  private List<Double> budgets = List.of(2.0, 3.0, 5.0);

  @Option(names = "--confidence", description = "Of the adaptive policy.")
  private double confidence = 0.98;

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new StudyRewards())).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<Calibration.Prompt> prompts = read();
    RecordedReadings even = trajectories(prompts, 0);
    RecordedReadings odd = trajectories(prompts, 1);
    for (double runs : budgets) {
      Replays planned = new Replays();
      Replays adaptive = new Replays();
      Replays twoCuts = new Replays();
      Replays plain = new Replays();
      for (RecordedReadings fitted : List.of(even, odd)) {
        RecordedReadings scored = fitted == even ? odd : even;
        Proposal proposal =
            new Planner(fitted, Costs.DENOISING_ONLY, true).plan(Budget.fullRuns(runs), 1);
        TwoCuts.Way best = new TwoCuts(fitted, SIGNAL).best(proposal.budget(), 1);
        System.out.println(proposal.explanation());
        System.out.printf(
            Locale.ROOT,
            "best two cuts: %d candidates, %s%n",
            best.candidates(),
            best.plan().cuts());
        SelectionPlan plan = proposal.plan();
        planned.add(scored, plan, proposal.candidates());
        adaptive.add(
            scored,
            new SelectionPlan(
                plan.steps(),
                plan.cuts(),
                1,
                SelectionPolicy.adaptive(confidence),
                plan.forecast(),
                true),
            proposal.candidates());
        twoCuts.add(scored, best.plan(), best.candidates());
        plain.add(
            scored,
            SelectionPlan.of(
                plan.steps(), List.of(), 1, SelectionPolicy.topK(), Forecast.latest(), true),
            (int) runs);
      }
      System.out.printf(Locale.ROOT, "%n%.0f full runs%n", runs);
      System.out.println("| use | mean final reward | evaluations | over the best two cuts |");
      System.out.println("|---|---|---|---|");
      plain.print("best of N", twoCuts);
      twoCuts.print("best two cuts", twoCuts);
      planned.print("planned", twoCuts);
      adaptive.print("planned, adaptive", twoCuts);
      System.out.println();
    }
    return 0;
  }

  /** What one use of a budget came to on the prompts it was not made from. */
  private static final class Replays {

    private final List<Double> qualities = new ArrayList<>();
    private double evaluations;

    /** Replays with draws that are the same for every use. */
    private void add(RecordedReadings scored, SelectionPlan plan, int candidates) {
      Simulator simulator = new Simulator(scored);
      Random random = new Random(SEED);
      for (int prompt = 0; prompt < scored.prompts().size(); prompt++) {
        List<Integer> order =
            new ArrayList<>(IntStream.range(0, scored.candidates()).boxed().toList());
        double sum = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
          Collections.shuffle(order, random);
          Simulator.Outcome outcome =
              simulator.run(plan, List.of(SIGNAL), prompt, order.subList(0, candidates));
          sum += outcome.quality();
          evaluations += (double) outcome.evaluations() / DRAWS;
        }
        qualities.add(sum / DRAWS);
      }
    }

    private void print(String use, Replays yardstick) {
      double[] over = new double[qualities.size()];
      for (int i = 0; i < over.length; i++) {
        over[i] = qualities.get(i) - yardstick.qualities.get(i);
      }
      Interval paired = Bootstrap.mean(over, Bootstrap.RESAMPLES, 0);
      System.out.printf(
          Locale.ROOT,
          "| %s | %.4f | %.1f | %+.4f [%+.4f, %+.4f] |%n",
          use,
          qualities.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
          evaluations / over.length,
          paired.value(),
          paired.low(),
          paired.high());
    }
  }

  private RecordedReadings trajectories(List<Calibration.Prompt> prompts, int half) {
    int steps = shape.get(2);
    return new RecordedReadings(
        new Calibration.Readings(
            steps,
            IntStream.range(1, steps).mapToObj(step -> new Point(SIGNAL, step)).toList(),
            IntStream.range(0, prompts.size())
                .filter(prompt -> prompt % 2 == half)
                .mapToObj(prompts::get)
                .toList()));
  }

  private List<Calibration.Prompt> read() throws IOException {
    int seeds = shape.get(1);
    int steps = shape.get(2);
    NpyArray array =
        NpyArray.read(
            Files.readAllBytes(rewards),
            Layout.of(NpyArray.Type.FLOAT32, shape.toArray(Integer[]::new)));
    List<Calibration.Prompt> prompts = new ArrayList<>();
    for (int prompt = 0; prompt < shape.get(0); prompt++) {
      double[][] scores = new double[seeds][steps - 1];
      double[] finals = new double[seeds];
      for (int seed = 0; seed < seeds; seed++) {
        float[] row = array.floats((prompt * seeds + seed) * steps, steps);
        for (int step = 0; step < steps - 1; step++) {
          scores[seed][step] = row[step];
        }
        finals[seed] = row[steps - 1];
      }
      prompts.add(new Calibration.Prompt(scores, finals));
    }
    return prompts;
  }
}
