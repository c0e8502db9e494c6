package io.github.probeselect.research;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.SecondWave;
import io.github.probeselect.dataset.PromptFile;
import io.github.probeselect.evaluation.Bootstrap;
import io.github.probeselect.evaluation.Interval;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.tools.ChosenMetrics;
import io.github.probeselect.tools.MetricOption;
import io.github.probeselect.tools.ModelOption;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Finds out whether a second wave near the best of the first is worth more than as many fresh
 * seeds: the same requests with and without, at the same cost.
 */
@Command(
    name = "StudySecondWave",
    description =
        "Compares a second wave of candidates near the best of the first with as many fresh seeds.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StudySecondWave implements Callable<Integer> {

  private static final long FIRST_SEED = 6_000_000_000L;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Option(names = "--prompts", description = "A file with one prompt per line.")
  private Path prompts = Path.of("models", "prompts", "test.txt");

  @Option(names = "--count", description = "How many of them are used.")
  private int count = 40;

  @Option(names = "-n", description = "Candidates of each request; one is kept.")
  private int n = 16;

  @Option(names = "--share", description = "Of them, how many wait.")
  private double share = 0.5;

  @Option(names = "--parents", split = ",", description = "Near how many of the best they start.")
  private List<Integer> parents = List.of(1, 3);

  @Option(names = "--strengths", split = ",", description = "How far from them.")
  private List<Double> strengths = List.of(0.1, 0.2, 0.35, 0.5);

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new StudySecondWave())).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<String> chosen = PromptFile.read(prompts, count);
    List<SecondWave> waves =
        parents.stream()
            .flatMap(few -> strengths.stream().map(far -> new SecondWave(share, few, far)))
            .toList();
    List<double[]> over =
        Stream.generate(() -> new double[chosen.size()]).limit(waves.size()).toList();
    List<Double> fresh = new ArrayList<>();
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      QualityMetric metric = metrics.first();
      Signal[] signals = metrics.signals();
      try (ProgressBar bar = new ProgressBar("prompts", chosen.size())) {
        for (int i = 0; i < chosen.size(); i++) {
          GenerationRequest request =
              pipeline
                  .request(chosen.get(i))
                  .candidates(n, FIRST_SEED + (long) i * n)
                  .keep(1)
                  .signals(signals)
                  .rescoreBy(metric);
          double plain = quality(request);
          fresh.add(plain);
          for (int wave = 0; wave < waves.size(); wave++) {
            over.get(wave)[i] = quality(request.secondWave(waves.get(wave))) - plain;
          }
          bar.step();
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%n%d candidates, %d prompts; fresh seeds alone: %.3f%n%n",
        n,
        chosen.size(),
        fresh.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
    System.out.println("| near the best | strength | over fresh seeds |");
    System.out.println("|---|---|---|");
    for (int wave = 0; wave < waves.size(); wave++) {
      Interval paired = Bootstrap.mean(over.get(wave), Bootstrap.RESAMPLES, 0);
      System.out.printf(
          Locale.ROOT,
          "| %d | %s | %+.3f [%+.3f, %+.3f] |%n",
          waves.get(wave).parents(),
          waves.get(wave).strength(),
          paired.value(),
          paired.low(),
          paired.high());
    }
    return 0;
  }

  /** Of the one image that is returned. */
  private static double quality(GenerationRequest request) {
    return request.generate().candidates().stream()
        .filter(candidate -> candidate.finalScore().isPresent())
        .mapToDouble(candidate -> candidate.finalScore().orElseThrow())
        .max()
        .orElseThrow();
  }
}
