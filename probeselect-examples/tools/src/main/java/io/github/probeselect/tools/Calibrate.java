package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.evaluation.Calibrator;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Calibration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures on some prompts what each signal of a bundle says at each fraction, and leaves it beside
 * the bundle, so that requests can give a budget.
 */
@Command(
    name = "calibrate",
    description =
        "Measures on some prompts how well each signal forecasts at each fraction, and writes the calibration that budgets need.",
    footer = {
      "",
      "Reads: the model, the --metric directory, and one prompt a line from --prompts.",
      "Writes: its recordings into --data, and the calibration: calibration.json in the bundle, or --output. Started again after a stop, it goes on where it was."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Calibrate implements Callable<Integer> {

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private MetricOption metric = new MetricOption();

  @Option(
      names = "--prompts",
      description =
          "A file with one prompt per line; the validation prompts of the default model if absent.")
  private @Nullable Path prompts;

  @Option(
      names = "--count",
      converter = AtLeastOne.class,
      description = "How many of them are used.")
  private int count = 48;

  @Option(
      names = "-n",
      converter = AtLeastOne.class,
      description = "Candidates per prompt; no plan starts more.")
  private int n = 32;

  @Option(names = "--first-seed", description = "The seed of the first candidate.")
  private long firstSeed = 3_000_000;

  @Option(names = "--fractions", split = ",", description = "Where a plan may cut.")
  private List<Double> fractions = List.of(0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6);

  @Option(
      names = "--data",
      defaultValue = "${sys:probeselect.work:-probeselect}/calibration",
      description = "Where the recordings lie; one directory per bundle.")
  private Path data = Path.of("");

  @Option(
      names = "--output",
      description = "The file to write; calibration.json in the bundle if absent.")
  private @Nullable Path output;

  /** Creates the command. */
  public Calibrate() {}

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline = model.openUncalibrated();
        ChosenMetrics metrics = metric.open(pipeline)) {
      QualityMetric metric = metrics.first();
      Dataset recorded = record(pipeline);
      Calibration calibration;
      try (ProgressBar bar = new ProgressBar("scoring", recorded.prompts().size())) {
        calibration =
            Calibrator.calibrate(
                pipeline,
                recorded,
                Calibrator.signals(pipeline, metric),
                metric,
                (done, of) -> bar.stepTo(done));
      }
      Path file =
          output != null ? output : model.directory().orElse(Path.of("")).resolve(Calibration.FILE);
      calibration.write(file);
      System.out.println("written to " + file.toAbsolutePath());
    }
    return 0;
  }

  private Dataset record(Pipeline pipeline) throws IOException {
    List<String> chosen = PromptChoice.VALIDATION.read(prompts, count);
    CollectionSettings settings = CollectionSettings.of(fractions, n).withFirstSeed(firstSeed);
    Path directory = data.resolve(pipeline.manifest().name());
    return Recordings.collect(pipeline, chosen, settings, List.of(), Part.WHOLE, directory);
  }
}
