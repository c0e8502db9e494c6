package io.github.probeselect.research;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.Previews;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingData;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Applies the probe of each model to the others, whose activations have the same pooled shape but
 * not the same meaning: as it is, and after learning from a few prompts of theirs.
 */
@Command(
    name = "Transfer",
    description =
        "Applies the probe of each model to the others, as it is and after learning from a few of their prompts.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Transfer implements Callable<Integer> {

  private static final long BOOTSTRAP_SEED = 0;

  @Option(names = "--bundles", split = ",", description = "Bundle directories with probes.")
  private List<Path> bundles =
      List.of(
          Path.of("models/src/main/resources/io/github/probeselect/models/tiny-sd2"),
          Path.of("models/tiny-sd3/bundle"),
          Path.of("models/tiny-flux/bundle"));

  @Option(
      names = "--data",
      required = true,
      description = "Holds BUNDLE/training, BUNDLE/validation and BUNDLE/test.")
  private Path data = Path.of("");

  @Option(names = "--fraction", description = "Where the probes score.")
  private double fraction = 0.2;

  @Option(names = "--prompts", description = "How many prompts a probe is adapted on.")
  private int prompts = 32;

  @Option(names = "--epochs", description = "Epochs of predicting the finished image, adapting.")
  private int epochs = 40;

  @Option(names = "--output", description = "Where the report is written.")
  private Path output = Path.of("docs", "evaluation");

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new Transfer())).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    TransferReport report = new TransferReport(fraction, prompts);
    for (Path target : bundles) {
      try (Pipeline pipeline = ProbeSelect.open(target)) {
        Applied applied = new Applied(pipeline);
        String to = applied.name;
        TrainingSettings none = TrainingSettings.defaults().withEpochs(0, 0, 0);
        TrainingSettings few = TrainingSettings.defaults().withEpochs(8, epochs, 8);
        report.add("nothing", to, TransferReport.ADAPTED, applied.report(Optional.empty(), few));
        for (Path source : bundles) {
          String from = Bundle.open(source).manifest().name();
          Optional<Path> probe = Optional.of(source.resolve("probe").resolve("probe.json"));
          report.add(from, to, TransferReport.AS_IT_IS, applied.report(probe, none));
          if (!source.equals(target)) {
            report.add(from, to, TransferReport.ADAPTED, applied.report(probe, few));
          }
        }
      }
    }
    System.out.println("written to " + report.write(output).toAbsolutePath());
    return 0;
  }

  /** What is recorded of the model that probes are applied to. */
  private final class Applied {
    private final Pipeline pipeline;
    private final String name;
    private final List<String> metrics;
    private final TrainingData training;
    private final TrainingData validation;
    private final TrainingData test;
    private final Previews previews;

    Applied(Pipeline pipeline) throws IOException {
      this.pipeline = pipeline;
      this.name = pipeline.manifest().name();
      this.metrics = List.of(metric(pipeline.manifest()));
      this.training = load("training").first(prompts);
      this.validation = load("validation").first(prompts);
      this.test = load("test");
      this.previews =
          Previews.decode(
              Dataset.open(data.resolve(name).resolve("training")),
              pipeline.model(),
              training.shape(),
              512);
    }

    private static String metric(BundleManifest manifest) {
      return manifest.metrics().stream()
          .findFirst()
          .map(BundleManifest.MetricSpec::name)
          .orElseThrow(
              () ->
                  new InvalidRequestException(
                      "the bundle "
                          + manifest.name()
                          + " has no metric, and probes that draw pictures need one inside the"
                          + " bundle; export it with --metric NAME=DIR"));
    }

    private TrainingData load(String set) throws IOException {
      ProbeShape shape = ProbeShape.of(pipeline.manifest(), metrics, true);
      Dataset dataset = Dataset.open(data.resolve(name).resolve(set));
      return TrainingData.load(dataset, pipeline.manifest(), shape, List.of(fraction));
    }

    /** Trains from a probe, or from nothing, and reports what the result selects. */
    SelectionReport report(Optional<Path> start, TrainingSettings settings) {
      ProbeTrainer trainer =
          new ProbeTrainer(
              training,
              validation,
              previews,
              metrics.stream().map(pipeline::metric).toList(),
              settings,
              DeviceWorker.cpu());
      ProbeTrainer.Progress silent = (part, epoch, of, loss, spearman) -> {};
      try (TrainedProbe probe =
          start.isPresent() ? trainer.trainFrom(start.get(), silent) : trainer.train(silent)) {
        return probe.selection(test, 1, BOOTSTRAP_SEED);
      }
    }
  }
}
