package io.github.probeselect.research;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.InputMask;
import io.github.probeselect.djl.training.Previews;
import io.github.probeselect.djl.training.ProbeTrainer;
import io.github.probeselect.djl.training.TrainedProbe;
import io.github.probeselect.djl.training.TrainingData;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.evaluation.RecordedSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The recipe as published: features with its rows and per-sample principal components, which {@code
 * models/probeselect_models/research/published_recipe.py} has taken from the pipeline, and its
 * losses.
 */
final class PublishedRecipe {

  private static final String NAME = "published recipe";

  private PublishedRecipe() {}

  /**
   * Trains on the recipe's features, and scores the test prompts by the result.
   *
   * @param directory holds the datasets {@code training}, {@code validation} and {@code test}; the
   *     probe is kept there, and not trained again
   */
  static RecordedSignal train(BundleManifest bundle, Path directory, String metric)
      throws IOException {
    Dataset test = Dataset.open(directory.resolve("test"));
    DatasetHeader header = test.header();
    ProbeShape shape = ProbeShape.of(bundle, header.taps(), List.of(metric), false);
    List<Double> fractions = List.of(header.fractionDone(0));
    Path kept = directory.resolve("probe");
    Path trained = kept.resolve("probe.json");
    boolean known = Files.exists(trained);
    TrainingSettings settings = TrainingSettings.published();
    ProbeTrainer trainer =
        new ProbeTrainer(
            load(Dataset.open(directory.resolve("training")), bundle, shape, fractions),
            load(Dataset.open(directory.resolve("validation")), bundle, shape, fractions),
            Previews.none(),
            List.of(),
            known ? settings.withEpochs(0, 0, 0) : settings,
            DeviceWorker.cpu());
    Map<String, double[]> scores = new HashMap<>();
    ProbeTrainer.Progress silent = (part, epoch, of, loss, spearman) -> {};
    try (TrainedProbe probe = known ? trainer.trainFrom(trained, silent) : trainer.train(silent)) {
      if (!known) {
        probe.write(kept, bundle, Map.of());
      }
      TrainingData tested = load(test, bundle, shape, fractions);
      List<double[]> predicted = probe.scores(tested);
      for (int i = 0; i < predicted.size(); i++) {
        scores.put(tested.prompt(i), predicted.get(i));
      }
    }
    return RecordedSignal.of(
        NAME,
        (prompt, observation) -> {
          double[] unknown = new double[prompt.candidates()];
          Arrays.fill(unknown, Double.NaN);
          if (prompt.header().fractionDone(observation) != header.fractionDone(0)) {
            return unknown;
          }
          double[] scored = scores.get(prompt.prompt());
          if (scored == null || prompt.header().firstSeed() != header.firstSeed()) {
            throw new InvalidDatasetException(
                String.format(
                    Locale.ROOT,
                    "%s has no features of the seeds from %d on of '%s'; take them from the evaluation's own recordings",
                    test.directory(),
                    prompt.header().firstSeed(),
                    prompt.prompt()));
          }
          return scored;
        });
  }

  /**
   * What its principal components cost, in a sentence for the report.
   *
   * @param directory holds the {@code cost.json} that {@code published_recipe.py} has measured
   */
  static String cost(Path directory) throws IOException {
    JsonNode cost = new ObjectMapper().readTree(directory.resolve("cost.json").toFile());
    double own = cost.required("pcaSecondsPerSample").asDouble();
    double evaluation = cost.required("evaluationSecondsPerSample").asDouble();
    StringBuilder sentence = new StringBuilder();
    sentence.append(
        String.format(
            Locale.ROOT,
            "The published recipe's principal components, computed for every sample on its own, took %.1f ms a sample on one core, beside %.1f ms for a denoiser evaluation of this small model; of activations of the size of",
            1000 * own,
            1000 * evaluation));
    cost.required("paperSize")
        .properties()
        .forEach(
            size ->
                sentence.append(
                    String.format(
                        Locale.ROOT,
                        " %s %.2f s,",
                        size.getKey(),
                        size.getValue().required("pcaSecondsPerSample").asDouble())));
    return sentence.append(" where the taps' fixed projection is a part of the module.").toString();
  }

  /** The recipe sees activations alone. */
  private static TrainingData load(
      Dataset dataset, BundleManifest bundle, ProbeShape shape, List<Double> fractions) {
    return TrainingData.load(dataset, bundle, shape, fractions)
        .showing(InputMask.everything(shape).withoutX0Prediction());
  }
}
