package io.github.probeselect.research;

import io.github.probeselect.Candidate;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.Session;
import io.github.probeselect.dataset.PromptFile;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.tools.ChosenMetrics;
import io.github.probeselect.tools.MetricOption;
import io.github.probeselect.tools.ModelOption;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Finds out what weights in half precision cost: the same prompts and seeds with bundles of the
 * same pipeline in other number types, their images and their scores against those of the first.
 */
@Command(
    name = "StudyHalfPrecision",
    description =
        "Compares bundles in half precision with the same model in float32: images, scores and selected seeds.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StudyHalfPrecision implements Callable<Integer> {

  private static final long FIRST_SEED = 7_000_000_000L;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Option(
      names = "--half",
      required = true,
      split = ",",
      description = "Bundles of the same pipeline with other weights.")
  private List<Path> halves = List.of();

  @Option(names = "--prompts", description = "A file with one prompt per line.")
  private Path prompts = Path.of("models", "prompts", "test.txt");

  @Option(names = "--count", description = "How many of them are used.")
  private int count = 40;

  @Option(names = "-n", description = "Candidates of each prompt.")
  private int n = 16;

  @Option(names = "-k", description = "How many of them a selection keeps.")
  private int k = 4;

  @Option(names = "--fraction", description = "When the candidates are scored.")
  private double fraction = 0.2;

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new StudyHalfPrecision())).execute(args));
  }

  /**
   * What became of the candidates of one prompt, in the order of their seeds.
   *
   * @param early their scores at the decision point
   * @param images all of them, finished
   * @param scores of the images
   */
  record Outcome(List<Double> early, List<RgbImage> images, List<Double> scores) {}

  @Override
  public Integer call() throws IOException {
    List<String> chosen = PromptFile.read(prompts, count);
    List<Pipeline> others = new ArrayList<>();
    try (Pipeline single = model.open();
        ChosenMetrics metrics = metric.open(single)) {
      QualityMetric metric = metrics.first();
      halves.forEach(half -> others.add(ProbeSelect.open(half)));
      List<PrecisionReport> reports = new ArrayList<>();
      halves.forEach(half -> reports.add(new PrecisionReport(half.getFileName().toString(), k)));
      try (ProgressBar bar = new ProgressBar("prompts", chosen.size())) {
        for (int i = 0; i < chosen.size(); i++) {
          long firstSeed = FIRST_SEED + (long) i * n;
          Outcome expected = run(single, single, metric, chosen.get(i), firstSeed);
          for (int other = 0; other < others.size(); other++) {
            reports
                .get(other)
                .add(expected, run(others.get(other), single, metric, chosen.get(i), firstSeed));
          }
          bar.step();
        }
      }
      System.out.println();
      System.out.println(PrecisionReport.HEAD);
      reports.forEach(report -> System.out.println(report.row()));
    } finally {
      others.forEach(Pipeline::close);
    }
    return 0;
  }

  /** Finishes all candidates; the probe and the metric are those of the bundle in float32. */
  private Outcome run(
      Pipeline pipeline, Pipeline single, QualityMetric metric, String prompt, long firstSeed) {
    Signal signal =
        single.manifest().probes().isEmpty()
            ? new PreviewProbe(pipeline.model(), metric)
            : single.probe();
    Session session =
        pipeline.request(prompt).candidates(n, firstSeed).keep(n).signals(signal).open();
    session.advance(DecisionPoint.fraction(fraction));
    List<Double> early =
        session.candidates().stream()
            .sorted(Comparator.comparingLong(Candidate::seed))
            .map(candidate -> candidate.score().orElseThrow())
            .toList();
    List<RgbImage> images =
        session.finish().images().stream()
            .sorted(Comparator.comparingLong(KeptImage::seed))
            .map(KeptImage::image)
            .toList();
    double[] scores = QualityMetric.Scores.of(metric, images, prompt).values();
    return new Outcome(early, images, DoubleStream.of(scores).boxed().toList());
  }
}
