package io.github.probeselect.research;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.Previews;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingData;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.tools.ModelOption;
import io.github.probeselect.tools.PlainErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains probes that lack something, all with the same few prompts and updates, and reports what
 * each of them selects on held-out prompts. Started again after a stop, it goes on where it was.
 */
@Command(
    name = "Ablate",
    description =
        "Trains probes that lack something and reports what each of them selects on held-out prompts.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Ablate implements Callable<Integer> {

  private static final long BOOTSTRAP_SEED = 0;
  private static final ProbeTrainer.Progress SILENT = (part, epoch, of, loss, spearman) -> {};

  @Mixin private ModelOption model = new ModelOption();

  @Option(names = "--training", required = true, description = "The dataset to learn from.")
  private Path training = Path.of("");

  @Option(names = "--validation", required = true, description = "The dataset to choose by.")
  private Path validation = Path.of("");

  @Option(names = "--test", required = true, description = "The dataset to report on.")
  private Path test = Path.of("");

  @Option(names = "--metric", description = "What is predicted.")
  private String metric = "scene-reward";

  @Option(names = "--fraction", description = "Where the probes score.")
  private double fraction = 0.2;

  @Option(names = "--prompts", description = "How many prompts a probe learns from.")
  private int prompts = 336;

  @Option(names = "--validation-prompts", description = "How many prompts it is chosen by.")
  private int validationPrompts = 20;

  @Option(names = "--epochs", description = "Epochs of predicting the finished image.")
  private int epochs = 20;

  @Option(names = "--work", description = "Where the results so far lie.")
  private Path work = Path.of("probeselect-examples", "target", "ablations");

  @Option(names = "--output", description = "Where the report is written.")
  private Path output = Path.of("docs", "evaluation");

  /** Runs the study. */
  public static void main(String[] args) {
    System.exit(PlainErrors.in(new CommandLine(new Ablate())).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline = model.open()) {
      String name = pipeline.manifest().name();
      ProbeShape shape = shape(pipeline, true);
      TrainingData learned = load(pipeline, training, shape);
      TrainingData chosen = load(pipeline, validation, shape).first(validationPrompts);
      TrainingData tested = load(pipeline, test, shape);
      Path results = work.resolve(name);
      AblationReport report = new AblationReport(name, metric, fraction, prompts, tested.prompts());
      for (AblationVariant variant :
          AblationVariant.all(shape, prompts, learned.prompts(), epochs)) {
        Path result = results.resolve(variant.name().replaceAll("\\W+", "-") + ".json");
        if (!Files.exists(result)) {
          ProbeTrainer trainer = trainer(pipeline, variant, learned, chosen);
          TrainingData scored =
              tested.showing(variant.shown()).withShape(shape(pipeline, variant.picture()));
          try (TrainedProbe probe =
              variant.decodes()
                  ? trainer.trainFrom(decoder(pipeline, learned, chosen, results), SILENT)
                  : trainer.train(SILENT)) {
            SelectionReport selection = probe.selection(scored, 1, BOOTSTRAP_SEED);
            AblationReport.save(result, variant.group(), variant.name(), selection);
          }
        }
        report.add(result);
        System.out.println(report.last());
      }
      System.out.println("written to " + report.write(output).toAbsolutePath());
    }
    return 0;
  }

  private ProbeShape shape(Pipeline pipeline, boolean picture) {
    return ProbeShape.of(pipeline.manifest(), List.of(metric), picture);
  }

  private TrainingData load(Pipeline pipeline, Path directory, ProbeShape shape)
      throws IOException {
    return TrainingData.load(
        Dataset.open(directory), pipeline.manifest(), shape, List.of(fraction));
  }

  private ProbeTrainer trainer(
      Pipeline pipeline, AblationVariant variant, TrainingData learned, TrainingData chosen) {
    ProbeShape own = shape(pipeline, variant.picture());
    return new ProbeTrainer(
        learned.first(variant.prompts()).showing(variant.shown()).withShape(own),
        chosen.showing(variant.shown()).withShape(own),
        Previews.none(),
        variant.picture() ? List.of(pipeline.metric(metric)) : List.of(),
        variant.withoutDecoder(),
        DeviceWorker.cpu());
  }

  /** A probe that has learned to decode x0 predictions and nothing else; trained once. */
  private Path decoder(Pipeline pipeline, TrainingData learned, TrainingData chosen, Path results)
      throws IOException {
    Path directory = results.resolve("decoder");
    Path json = directory.resolve("probe.json");
    if (!Files.exists(json)) {
      Previews previews =
          Previews.decode(Dataset.open(training), pipeline.model(), learned.shape(), 4096);
      TrainingSettings settings = TrainingSettings.defaults();
      ProbeTrainer trainer =
          new ProbeTrainer(
              learned,
              chosen,
              previews,
              List.of(pipeline.metric(metric)),
              settings.withEpochs(AblationVariant.DECODER_EPOCHS, 0, 0),
              DeviceWorker.cpu());
      try (TrainedProbe probe = trainer.train(SILENT)) {
        probe.write(directory, pipeline.manifest(), Map.of());
      }
    }
    return json;
  }
}
