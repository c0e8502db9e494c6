package io.github.probeselect.apps;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Selects by a signal, a policy and a metric that are written here: copy one of them, and change
 * what it computes.
 */
@Command(
    name = "CustomSelection",
    description = "Selects by a signal, a policy and a metric of its own.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class CustomSelection implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = "a yellow star above a blue circle on a dotted pink background";

  @Option(names = "-n", description = "How many candidates are started.")
  private int n = 12;

  @Option(names = "-k", description = "How many images are wanted.")
  private int k = 2;

  @Option(names = "--output", description = "Where the files go.")
  private Path output = Path.of("probeselect-examples", "target", "custom-selection");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new CustomSelection()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline = model.open()) {
      GenerationResult result = generate(pipeline, prompt, n, k);
      for (KeptImage image : result.images()) {
        System.out.printf(
            Locale.ROOT,
            "seed %d: early score %.3f, colourfulness %.3f%n",
            image.seed(),
            image.score().orElse(Double.NaN),
            image.finalScore().orElse(Double.NaN));
      }
      result.writeTo(output);
      System.out.println("written to " + output.toAbsolutePath());
      return 0;
    }
  }

  /** Scores early by the signal, selects by the policy, and ranks the finished by the metric. */
  static GenerationResult generate(Pipeline pipeline, String prompt, int n, int k) {
    return pipeline
        .request(prompt)
        .candidates(n)
        .keep(k)
        .signals(new PredictedSpread())
        .policy(new AboveTheMean())
        .rescoreBy(QualityMetric.of("colourfulness", "1", CustomSelection::colourfulness))
        .generate();
  }

  /**
   * A signal: the standard deviation of a candidate's x0 prediction. A score must not depend on the
   * other candidates, and threads may call it at the same time.
   */
  static final class PredictedSpread implements Signal {

    @Override
    public String name() {
      return "predicted spread";
    }

    @Override
    public List<Score> scores(Observation observation) {
      return observation.x0Predictions().stream()
          .map(prediction -> new Score(standardDeviation(prediction), Double.NaN))
          .toList();
    }

    /** Without captured activations a step is cheaper. */
    @Override
    public boolean readsActivations() {
      return false;
    }

    private static double standardDeviation(float[] values) {
      double sum = 0;
      double squares = 0;
      for (float value : values) {
        sum += value;
        squares += (double) value * value;
      }
      double mean = sum / values.length;
      return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
    }
  }

  /**
   * A policy: keeps, of those that may go on, the candidates above the mean score of the round, and
   * at least as many as are wanted.
   */
  static final class AboveTheMean implements SelectionPolicy {

    @Override
    public List<ScoredCandidate> select(Round round) {
      double mean =
          round.candidates().stream()
              .mapToDouble(ScoredCandidate::score)
              .filter(Double::isFinite)
              .average()
              .orElse(Double.NaN);
      List<ScoredCandidate> best = round.bestFirst().subList(0, round.atMost());
      long above = best.stream().filter(candidate -> candidate.score() > mean).count();
      return best.subList(0, (int) Math.max(above, round.keep()));
    }
  }

  /** A metric: how far the colours are from grey on average, from 0 to 1. */
  static double colourfulness(RgbImage image, String prompt) {
    double sum = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int red = image.red(x, y);
        int green = image.green(x, y);
        int blue = image.blue(x, y);
        int most = Math.max(red, Math.max(green, blue));
        sum += most - Math.min(red, Math.min(green, blue));
      }
    }
    return sum / (255.0 * image.width() * image.height());
  }
}
