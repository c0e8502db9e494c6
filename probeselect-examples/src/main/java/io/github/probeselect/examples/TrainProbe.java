package io.github.probeselect.examples;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.ProbeInstaller;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.djl.training.Collector;
import io.github.probeselect.djl.training.Dataset;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Collects activations and rewards through a bundle, trains a probe on them, and writes it; with
 * {@code --install} also into the bundle. Started again after a stop, it goes on with the
 * collection where it was.
 */
@Command(name = "TrainProbe", mixinStandardHelpOptions = true, showDefaultValues = true)
public final class TrainProbe implements Callable<Integer> {

  @Option(names = "--bundle", description = "A bundle directory; the default model if absent.")
  private @Nullable Path bundle;

  @Option(names = "--training-prompts", description = "A file with one prompt per line.")
  private Path trainingPrompts = Path.of("models", "prompts", "train.txt");

  @Option(names = "--training-count", description = "How many of them are used.")
  private int trainingCount = 750;

  @Option(names = "--training-seeds", description = "Candidates per training prompt.")
  private int trainingSeeds = 4;

  @Option(names = "--validation-prompts", description = "A file with one prompt per line.")
  private Path validationPrompts = Path.of("models", "prompts", "validation.txt");

  @Option(names = "--validation-count", description = "How many of them are used.")
  private int validationCount = 50;

  @Option(names = "--validation-seeds", description = "Candidates per validation prompt.")
  private int validationSeeds = 8;

  @Option(names = "--metric", description = "The metric of the bundle that is learned.")
  private String metric = "scene-reward";

  @Option(names = "--fraction", description = "The decision point.")
  private double fraction = 0.2;

  @Option(names = "--width", description = "Channels inside the probe.")
  private int width = 64;

  @Option(names = "--picture-epochs", description = "Epochs of predicting the finished image.")
  private int pictureEpochs = TrainingSettings.defaults().pictureEpochs();

  @Option(names = "--ranking-epochs", description = "Epochs of ranking after that.")
  private int rankingEpochs = TrainingSettings.defaults().rankingEpochs();

  @Option(names = "--data", description = "Where the collection lies.")
  private Path data = Path.of("probeselect-examples", "target", "probe-data");

  @Option(names = "--output", description = "Where the probe is written.")
  private Path output = Path.of("probeselect-examples", "target", "probe");

  @Option(names = "--install", description = "Put the probe into the bundle given by --bundle.")
  private boolean install;

  /** Runs the example. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new TrainProbe()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline =
        bundle == null ? ProbeSelect.openDefault() : ProbeSelect.open(bundle)) {
      Dataset training = collect(pipeline, trainingPrompts, trainingCount, trainingSeeds, "train");
      Dataset validation =
          collect(pipeline, validationPrompts, validationCount, validationSeeds, "validation");
      TrainingSettings settings =
          TrainingSettings.defaults().withEpochs(pictureEpochs, rankingEpochs);
      ProbeTrainer trainer =
          new ProbeTrainer(
              training, validation, pipeline.metric(metric), settings, DeviceWorker.cpu());
      try (TrainedProbe probe = trainer.train(TrainProbe::print)) {
        Path json =
            probe.write(
                output,
                training,
                pipeline.manifest(),
                provenance(training, validation, settings, probe));
        System.out.println("written to " + json.toAbsolutePath());
      }
    }
    if (install && bundle != null) {
      ProbeInstaller.install(bundle, output, fraction);
      System.out.println("installed into " + bundle.toAbsolutePath());
    }
    return 0;
  }

  private Dataset collect(Pipeline pipeline, Path file, int count, int seeds, String name)
      throws IOException {
    List<String> prompts = Files.readAllLines(file);
    ProbeShape shape = Collector.shape(pipeline.manifest(), width, 4, 2);
    Collector collector = new Collector(pipeline, shape, fraction, seeds);
    try (ProgressBar bar = new ProgressBar("collecting " + name, count)) {
      return collector
          .collect(prompts, count, data.resolve(name), (done, of) -> bar.stepTo(done))
          .rewarded(pipeline, pipeline.metric(metric));
    }
  }

  private static Map<String, Object> provenance(
      Dataset training, Dataset validation, TrainingSettings settings, TrainedProbe probe) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("training", training.key());
    provenance.put("trainingPrompts", training.prompts());
    provenance.put("validation", validation.key());
    provenance.put("validationPrompts", validation.prompts());
    provenance.put("validationWithinPromptSpearman", probe.validationSpearman());
    provenance.put("settings", settings.toString());
    return provenance;
  }

  private static void print(String part, int epoch, int of, double loss, double validation) {
    System.out.printf(
        Locale.ROOT, "%s %d/%d  loss %.5f  validation %.5f%n", part, epoch, of, loss, validation);
  }
}
