package io.github.probeselect.research;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.evaluation.Bootstrap;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.evaluation.PairedTimes;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Spends budgets for real and looks at the clock: for every prompt the plan of each budget and the
 * best of N full runs, one after the other, so that other load falls on all alike.
 */
final class LiveBudgets {

  /** Past what any recording of the project uses. */
  private static final long FIRST_SEED = 5_000_000_000L;

  private static final int SEEDS_PER_PROMPT = 1000;

  private final Pipeline pipeline;
  private final QualityMetric metric;
  private final List<Double> budgets;
  private final List<Spent> planned;
  private final List<Spent> bestOf;

  /** What one use of time came to, prompt by prompt. */
  private static final class Spent {
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> gains = new ArrayList<>();

    private void add(GenerationResult result, double atRandom) {
      seconds.add(result.timings().total().toNanos() * 1e-9);
      gains.add(returned(result) - atRandom);
    }

    private double medianSeconds() {
      return PairedTimes.median(seconds.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private double[] gains() {
      return gains.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  /**
   * A budget, measured.
   *
   * @param fullRuns the budget
   * @param prompts on how many prompts
   * @param candidates how many the plan starts
   * @param seconds the median time that a planned request took
   * @param gain of what it returned over a random candidate
   * @param bestOfN the gain of full runs in the same time, interpolated between whole numbers of
   *     them
   * @param ratio how many times the gain of full runs it is
   */
  record Row(
      double fullRuns,
      int prompts,
      int candidates,
      double seconds,
      Interval gain,
      Interval bestOfN,
      Interval ratio) {}

  LiveBudgets(Pipeline pipeline, QualityMetric metric, List<Double> budgets) {
    this.pipeline = pipeline;
    this.metric = metric;
    this.budgets = budgets;
    this.planned = Stream.generate(Spent::new).limit(budgets.size()).toList();
    int most = (int) Math.ceil(budgets.stream().mapToDouble(Double::doubleValue).max().orElse(1));
    this.bestOf = Stream.generate(Spent::new).limit(most + 1L).toList();
  }

  /** Spends all budgets on each prompt. */
  List<Row> run(List<String> prompts, IntConsumer progress) {
    for (int i = 0; i < prompts.size(); i++) {
      spend(prompts.get(i), FIRST_SEED + (long) i * SEEDS_PER_PROMPT);
      progress.accept(i + 1);
    }
    return IntStream.range(0, budgets.size()).mapToObj(this::row).toList();
  }

  private Row row(int budget) {
    double fullRuns = budgets.get(budget);
    double seconds = planned.get(budget).medianSeconds();
    double[] gains = planned.get(budget).gains();
    double[] bestOfN = gainsIn(seconds);
    return new Row(
        fullRuns,
        gains.length,
        pipeline.plan(Budget.fullRuns(fullRuns), 1, metric).candidates(),
        seconds,
        Bootstrap.mean(gains, Bootstrap.RESAMPLES, 0),
        Bootstrap.mean(bestOfN, Bootstrap.RESAMPLES, 0),
        Bootstrap.ratio(gains, bestOfN, Bootstrap.RESAMPLES, 0));
  }

  private void spend(String prompt, long firstSeed) {
    List<GenerationResult> full =
        IntStream.rangeClosed(1, bestOf.size())
            .mapToObj(n -> all(prompt, n, firstSeed).generate())
            .toList();
    double atRandom =
        full.get(full.size() - 1).candidates().stream()
            .mapToDouble(candidate -> candidate.finalScore().orElseThrow())
            .average()
            .orElseThrow();
    for (int i = 0; i < full.size(); i++) {
      bestOf.get(i).add(full.get(i), atRandom);
    }
    for (int i = 0; i < budgets.size(); i++) {
      Budget budget = Budget.fullRuns(budgets.get(i));
      planned
          .get(i)
          .add(
              pipeline.request(prompt).seeds(firstSeed).budget(budget).rescoreBy(metric).generate(),
              atRandom);
    }
  }

  /** Every seed is finished and scored, and the best is returned. */
  private GenerationRequest all(String prompt, int n, long firstSeed) {
    return pipeline.request(prompt).candidates(n, firstSeed).cuts().keep(1).rescoreBy(metric);
  }

  private static double returned(GenerationResult result) {
    return result.candidates().stream()
        .filter(candidate -> candidate.outcome() == Outcome.KEPT)
        .findFirst()
        .map(Candidate::finalScore)
        .orElseThrow()
        .orElseThrow();
  }

  /**
   * What full runs gain in so many seconds, prompt by prompt: on the line between their
   * neighbouring numbers.
   */
  private double[] gainsIn(double seconds) {
    int n = 1;
    while (n + 1 < bestOf.size() && spent(n + 1).medianSeconds() < seconds) {
      n++;
    }
    double from = spent(n).medianSeconds();
    double share = (seconds - from) / (spent(n + 1).medianSeconds() - from);
    double[] fewer = spent(n).gains();
    double[] more = spent(n + 1).gains();
    return IntStream.range(0, fewer.length)
        .mapToDouble(prompt -> fewer[prompt] + share * (more[prompt] - fewer[prompt]))
        .toArray();
  }

  private Spent spent(int n) {
    return bestOf.get(n - 1);
  }
}
