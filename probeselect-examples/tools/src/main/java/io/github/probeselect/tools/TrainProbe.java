package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.Previews;
import io.github.probeselect.djl.training.ProbeInstaller;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingData;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a probe on datasets that {@link Collect} has written; with {@code --install} it also puts
 * it into the bundle.
 */
@Command(
    name = "train",
    description =
        "Trains a probe on datasets that collect has written, and with --install puts it into the bundle.",
    footer = {
      "",
      "Reads: the datasets --training and --validation, and the model, whose decoder and metrics the probe learns from.",
      "Writes: probe.json and its weights into --output (docs/probe-format.md); with --install also into the bundle.",
      "Started again after an interruption with the same arguments, it goes on after the last epoch that was finished."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class TrainProbe implements Callable<Integer> {

  /** The state after the last epoch, beside the output of a training that is not finished. */
  static final String CHECKPOINT = "training.checkpoint";

  @Mixin private ModelOption model = new ModelOption();

  @Option(names = "--training", required = true, description = "The dataset to learn from.")
  private Path training = Path.of("");

  @Option(names = "--validation", required = true, description = "The dataset to choose by.")
  private Path validation = Path.of("");

  @Option(names = "--metrics", split = ",", description = "What is predicted; the first selects.")
  private List<String> metrics = List.of("scene-reward");

  @Option(names = "--fractions", split = ",", description = "Where the probe is trained.")
  private List<Double> fractions = List.of(0.1, 0.2, 0.3, 0.4);

  @Option(
      names = "--width",
      converter = AtLeastOne.class,
      description = "Channels inside the probe.")
  private int width = ProbeShape.WIDTH;

  @Option(
      names = "--blocks",
      converter = AtLeastOne.class,
      description = "Transformer blocks of the probe.")
  private int blocks = ProbeShape.BLOCKS;

  @Option(names = "--previews", description = "Decoded x0 predictions its decoder learns from.")
  private int previews = 8192;

  @Option(names = "--preview-epochs", description = "Epochs of decoding x0 predictions.")
  private int previewEpochs = TrainingSettings.defaults().previewEpochs();

  @Option(names = "--picture-epochs", description = "Epochs of predicting the finished image.")
  private int pictureEpochs = TrainingSettings.defaults().pictureEpochs();

  @Option(
      names = "--ranking-epochs",
      description = "Epochs of ranking after that; 4 if absent, or 24 with --published.")
  private @Nullable Integer rankingEpochs;

  @Option(names = "--from", description = "The JSON file of a probe to begin with.")
  private @Nullable Path from;

  @Option(names = "--published", description = "The published losses, without a picture.")
  private boolean published;

  @Option(
      names = "--output",
      defaultValue = "${sys:probeselect.work:-probeselect}/probe",
      description = "Where the probe is written.")
  private Path output = Path.of("");

  @Option(names = "--install", description = "Put the probe into the bundle given by --bundle.")
  private boolean install;

  /** Creates the command. */
  public TrainProbe() {}

  @Override
  public Integer call() throws IOException {
    if (install && model.directory().isEmpty()) {
      throw new InvalidRequestException(
          "--install needs --bundle DIR: the default model lies in a jar, which is not changed");
    }
    try (Pipeline pipeline = model.open()) {
      ProbeShape shape =
          ProbeShape.of(pipeline.manifest(), metrics, width, ProbeShape.HEADS, blocks, !published);
      Dataset dataset = Dataset.open(training);
      TrainingData learned = load(pipeline, dataset, shape);
      TrainingData chosen = load(pipeline, Dataset.open(validation), shape);
      // What cannot be written is refused before the long work.
      Files.createDirectories(output);
      TrainingSettings settings = settings();
      List<QualityMetric> pictureMetrics =
          published ? List.of() : metrics.stream().map(pipeline::metric).toList();
      Path checkpoint = output.resolve(CHECKPOINT);
      if (Files.exists(checkpoint)) {
        System.err.println("going on from " + checkpoint.toAbsolutePath());
      }
      ProbeTrainer trainer =
          new ProbeTrainer(
                  learned,
                  chosen,
                  decoded(pipeline, dataset, shape),
                  pictureMetrics,
                  settings,
                  DeviceWorker.cpu())
              .withCheckpoint(checkpoint);
      try (TrainedProbe probe =
          from == null
              ? trainer.train(TrainProbe::print)
              : trainer.trainFrom(from, TrainProbe::print)) {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("training", learned.provenance());
        provenance.put("validation", chosen.provenance());
        provenance.put("validationWithinPromptSpearman", probe.validationSpearman());
        provenance.put("settings", settings.toString());
        if (from != null) {
          try (InputStream json = Files.newInputStream(from)) {
            provenance.put("from", Checksums.sha256(json));
          }
        }
        Path json = probe.write(output, pipeline.manifest(), provenance);
        Files.deleteIfExists(checkpoint);
        System.out.println("written to " + json.toAbsolutePath());
      }
    }
    if (install) {
      Path bundle = model.directory().orElseThrow();
      ProbeInstaller.install(bundle, output, fractions);
      System.out.println("installed into " + bundle.toAbsolutePath());
    }
    return 0;
  }

  private TrainingSettings settings() {
    TrainingSettings chosen =
        published ? TrainingSettings.published() : TrainingSettings.defaults();
    return chosen.withEpochs(
        published ? 0 : previewEpochs,
        published ? 0 : pictureEpochs,
        rankingEpochs != null ? rankingEpochs : chosen.rankingEpochs());
  }

  private TrainingData load(Pipeline pipeline, Dataset dataset, ProbeShape shape) {
    return TrainingData.load(dataset, pipeline.manifest(), shape, fractions);
  }

  private Previews decoded(Pipeline pipeline, Dataset dataset, ProbeShape shape) {
    return shape.picture()
        ? Previews.decode(dataset, pipeline.model(), shape, previews)
        : Previews.none();
  }

  private static void print(String part, int epoch, int of, double loss, double spearman) {
    System.err.printf(
        Locale.ROOT,
        "%s %d/%d  loss %.5f  within-prompt Spearman on validation prompts %.3f%n",
        part,
        epoch,
        of,
        loss,
        spearman);
  }
}
