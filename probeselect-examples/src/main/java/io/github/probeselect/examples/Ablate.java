package io.github.probeselect.examples;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.djl.training.Previews;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.Shown;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingData;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.djl.training.TrainingSettings.Terms;
import io.github.probeselect.evaluation.SelectionReport;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains probes that lack something, all with the same few prompts and updates, and reports what
 * each of them selects on held-out prompts. Started again after a stop, it goes on where it was.
 */
@Command(name = "Ablate", mixinStandardHelpOptions = true, showDefaultValues = true)
public final class Ablate implements Callable<Integer> {

  private static final long BOOTSTRAP_SEED = 0;

  @Option(names = "--bundle", description = "A bundle directory; the default model if absent.")
  private @Nullable Path bundle;

  @Option(names = "--training", required = true, description = "The dataset to learn from.")
  private Path training = Path.of("");

  @Option(names = "--validation", required = true, description = "The dataset to choose by.")
  private Path validation = Path.of("");

  @Option(names = "--test", required = true, description = "The dataset to report on.")
  private Path test = Path.of("");

  @Option(names = "--metric", description = "What is predicted.")
  private String metric = "scene-reward";

  @Option(names = "--fraction", description = "Where the probes judge.")
  private double fraction = 0.2;

  @Option(names = "--prompts", description = "How many prompts a probe learns from.")
  private int prompts = 300;

  @Option(names = "--validation-prompts", description = "How many prompts it is chosen by.")
  private int validationPrompts = 40;

  @Option(names = "--epochs", description = "Epochs of predicting the finished image.")
  private int epochs = 16;

  @Option(names = "--work", description = "Where the results so far lie.")
  private Path work = Path.of("probeselect-examples", "target", "ablations");

  @Option(names = "--output", description = "Where the report is written.")
  private Path output = Path.of("docs", "evaluation");

  /** Runs the example. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Ablate()).execute(args));
  }

  /** One probe: what is left out, and how it is trained. */
  private record Variant(
      String group,
      String name,
      int prompts,
      Shown shown,
      TrainingSettings settings,
      boolean picture) {}

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline =
        bundle == null ? ProbeSelect.openDefault() : ProbeSelect.open(bundle)) {
      ProbeShape shape = ProbeShape.of(pipeline.manifest(), List.of(metric), 96, 4, 3, true);
      TrainingData learned = load(pipeline, training, shape);
      TrainingData chosen = load(pipeline, validation, shape).first(validationPrompts);
      TrainingData tested = load(pipeline, test, shape);
      Previews previews = Previews.decode(Dataset.open(training), pipeline.model(), shape, 2048);
      String name = pipeline.manifest().name();
      AblationReport report = new AblationReport(name, metric, fraction, prompts, tested.prompts());
      for (Variant variant : variants(shape, learned.prompts())) {
        Path result = work.resolve(name).resolve(variant.name().replaceAll("\\W+", "-") + ".json");
        if (!Files.exists(result)) {
          System.out.println("training: " + variant.name());
          SelectionReport selection = judge(pipeline, variant, learned, chosen, tested, previews);
          AblationReport.save(result, variant.group(), variant.name(), selection);
        }
        report.add(result);
        System.out.println(report.last());
      }
      System.out.println("written to " + report.write(output).toAbsolutePath());
    }
    return 0;
  }

  private TrainingData load(Pipeline pipeline, Path directory, ProbeShape shape)
      throws IOException {
    return TrainingData.load(
        Dataset.open(directory), pipeline.manifest(), shape, List.of(fraction));
  }

  private List<Variant> variants(ProbeShape shape, int available) {
    TrainingSettings settings = TrainingSettings.defaults().withEpochs(8, epochs, 4);
    Shown all = Shown.everything(shape);
    List<Variant> variants = new ArrayList<>();
    variants.add(new Variant("all", "everything", prompts, all, settings, true));
    for (Tap tap : shape.inputs().taps()) {
      Shown alone = all.withTaps(Set.of(tap.name()));
      variants.add(new Variant("taps", tap.name() + " alone", prompts, alone, settings, true));
    }
    Shown none = all.withTaps(Set.of());
    variants.add(new Variant("taps", "no tap", prompts, none, settings, true));
    TrainingSettings undecoded = settings.withEpochs(0, epochs, 4);
    Shown blind = all.withoutOriginalPrediction();
    variants.add(new Variant("taps", "no x0 prediction", prompts, blind, undecoded, true));
    variants.add(new Variant("taps", "x0 prediction not decoded", prompts, all, undecoded, true));
    for (int pooled = 2; pooled <= shape.gridHeight(); pooled *= 2) {
      String name =
          "taps on %d x %d cells"
              .formatted(shape.gridHeight() / pooled, shape.gridWidth() / pooled);
      variants.add(new Variant("grid", name, prompts, all.withPooled(pooled), settings, true));
    }
    for (int channels : new int[] {16, 4, 1}) {
      String name = "%d channels of each tap".formatted(channels);
      variants.add(
          new Variant("channels", name, prompts, all.withChannels(channels), settings, true));
    }
    for (int count : new int[] {prompts / 4, prompts / 2, prompts * 2, prompts * 4}) {
      if (count <= available) {
        String name = count + " training prompts";
        variants.add(new Variant("data", name, count, all, settings, true));
      }
    }
    variants.addAll(objectives(settings, all));
    return variants;
  }

  private List<Variant> objectives(TrainingSettings settings, Shown all) {
    TrainingSettings pictureOnly = settings.withEpochs(8, epochs, 0);
    TrainingSettings published = TrainingSettings.published();
    return List.of(
        objective("picture alone, no head", pictureOnly, all, true),
        objective("no ranking term", settings.withTerms(new Terms(0, 1, 0, 0)), all, true),
        objective("no likelihood term", settings.withTerms(new Terms(1, 0, 0, 0)), all, true),
        objective("contrastive term", settings.withTerms(new Terms(1, 1, 0, 0.01)), all, true),
        objective("no picture", published.withTerms(new Terms(1, 1, 0, 0)), all, false),
        objective("published terms, no picture", published, all, false),
        objective(
            "published without contrastive",
            published.withTerms(new Terms(1, 1, 10, 0)),
            all,
            false),
        objective(
            "published without correlation",
            published.withTerms(new Terms(1, 1, 0, 10)),
            all,
            false));
  }

  private Variant objective(String name, TrainingSettings settings, Shown all, boolean picture) {
    return new Variant("objective", name, prompts, all, settings, picture);
  }

  private SelectionReport judge(
      Pipeline pipeline,
      Variant variant,
      TrainingData learned,
      TrainingData chosen,
      TrainingData tested,
      Previews previews) {
    ProbeShape own =
        ProbeShape.of(pipeline.manifest(), List.of(metric), 96, 4, 3, variant.picture());
    List<QualityMetric> judges = variant.picture() ? List.of(pipeline.metric(metric)) : List.of();
    TrainingData shown = learned.first(variant.prompts()).showing(variant.shown()).withShape(own);
    ProbeTrainer trainer =
        new ProbeTrainer(
            shown,
            chosen.showing(variant.shown()).withShape(own),
            previews,
            judges,
            variant.settings(),
            DeviceWorker.cpu());
    TrainingData judged = tested.showing(variant.shown()).withShape(own);
    try (TrainedProbe probe = trainer.train((part, epoch, of, loss, spearman) -> {})) {
      return probe.selection(judged, 1, BOOTSTRAP_SEED);
    }
  }
}
