package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.NetworkProbeFile;
import io.github.probeselect.djl.network.ProbeFileReader;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains a probe in three parts. First its small decoder learns to make the picture of an x0
 * prediction. Then the trunk learns to predict the finished image, a dense target that teaches far
 * more per candidate than its reward does. Last the heads, which correct the score of each metric
 * for the predicted image, learn to rank the seeds of a prompt and to estimate their errors; where
 * no image is predicted the trunk learns in this part. The running mean of the weights with the
 * best within-prompt Spearman on validation prompts is kept.
 */
public final class ProbeTrainer {

  private final TrainingData training;
  private final TrainingData validation;
  private final List<QualityMetric> metrics;
  private final Optional<Path> checkpoint;
  private final Previews previews;
  private final ProbeShape shape;
  private final TrainingSettings settings;
  private final DeviceWorker worker;
  private final ImageScorer scorer;
  private final Objective objective;
  private final Validation validator;

  /**
   * Creates a trainer.
   *
   * @param previews the training data of the small decoder; none for a probe that predicts no image
   * @param metrics the metrics of the shape, in its order; used only if an image is predicted
   * @throws io.github.probeselect.error.InvalidDatasetException if the two sets share a prompt or
   *     differ in shape or fractions
   * @throws InvalidRequestException if a metric of the shape is missing
   */
  public ProbeTrainer(
      TrainingData training,
      TrainingData validation,
      Previews previews,
      List<QualityMetric> metrics,
      TrainingSettings settings,
      DeviceWorker worker) {
    this(training, validation, previews, metrics, settings, worker, Optional.empty());
  }

  private ProbeTrainer(
      TrainingData training,
      TrainingData validation,
      Previews previews,
      List<QualityMetric> metrics,
      TrainingSettings settings,
      DeviceWorker worker,
      Optional<Path> checkpoint) {
    Splits.check(training, validation);
    this.training = training;
    this.validation = validation;
    this.metrics = List.copyOf(metrics);
    this.checkpoint = checkpoint;
    this.previews = previews;
    this.shape = training.shape();
    this.settings = settings;
    this.worker = worker;
    List<String> names = metrics.stream().map(QualityMetric::name).toList();
    if (shape.picture() && !names.equals(shape.metrics())) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the probe scores predicted images by %s, but the metrics given are %s",
              shape.metrics(),
              names));
    }
    this.scorer = new ImageScorer(shape, List.copyOf(metrics), training.scales());
    this.objective = new Objective(training, previews, scorer, settings.terms());
    this.validator = new Validation(validation, scorer, training.scales());
  }

  /**
   * Trains the probe. {@code progress} is called on the calling thread after every epoch. Between
   * two epochs other tasks may use the device. The caller closes the result.
   */
  public TrainedProbe train(Progress progress) {
    return train(Optional.empty(), progress);
  }

  /**
   * This trainer, writing its state to a file after every epoch. A training of the same data and
   * settings that finds the file goes on from it, and gives the same probe as one that was not
   * interrupted. The file is not deleted: the caller does so once the probe is written.
   *
   * @param file its directory must exist
   */
  public ProbeTrainer withCheckpoint(Path file) {
    return new ProbeTrainer(
        training, validation, previews, metrics, settings, worker, Optional.of(file));
  }

  /**
   * Trains starting from the weights of another probe, which may be of another model: weights of
   * the same name and shape are copied, others are initialised at random.
   *
   * @param probe the JSON file of a probe of this library
   * @throws InvalidProbeException if it is damaged or of another kind
   */
  public TrainedProbe trainFrom(Path probe, Progress progress) {
    return train(Optional.of(probe), progress);
  }

  private TrainedProbe train(Optional<Path> start, Progress progress) {
    NDManager kept = worker.call(() -> NDManager.newBaseManager(worker.device()));
    NDManager manager = worker.call(() -> NDManager.newBaseManager(worker.device()));
    try {
      BestWeights best = worker.call(() -> beginning(start, kept, manager));
      CountedRandom random = new CountedRandom(settings.seed());
      Resumption resumption = resumption(start);
      if (shape.picture()) {
        learn(Part.PREVIEW, settings.previewEpochs(), best, random, manager, progress, resumption);
        learn(Part.PICTURE, settings.pictureEpochs(), best, random, manager, progress, resumption);
      }
      learn(Part.RANKING, settings.rankingEpochs(), best, random, manager, progress, resumption);
      Map<String, List<Double>> deviations =
          worker.call(() -> validator.deviationFactors(best.weights, manager));
      return new TrainedProbe(
          best.weights, deviations, training, scorer, best.spearman(), kept, worker);
    } catch (RuntimeException | Error e) {
      worker.run(kept::close);
      throw e;
    } finally {
      worker.run(manager::close);
    }
  }

  private BestWeights beginning(Optional<Path> start, NDManager kept, NDManager manager) {
    ProbeWeights first = ProbeWeights.random(shape, kept, settings.seed());
    start.ifPresent(probe -> first.adopt(read(probe, manager)));
    return new BestWeights(first, validator.withinPromptSpearman(first, manager));
  }

  private static ProbeWeights read(Path probe, NDManager manager) {
    try (InputStream json = Files.newInputStream(probe)) {
      if (!(ProbeFileReader.parse(json, probe.toString()) instanceof NetworkProbeFile file)) {
        throw new InvalidProbeException(
            "probe " + probe + " is a TorchScript module; start from a probe of this library");
      }
      try (InputStream weights = Files.newInputStream(probe.resolveSibling(file.weights()))) {
        return file.readWeights(weights, manager);
      }
    } catch (IOException e) {
      throw new InvalidProbeException("probe " + probe + " cannot be read: " + e, e);
    }
  }

  /** What a training goes on from, and all that it depends on. */
  private Resumption resumption(Optional<Path> start) {
    if (checkpoint.isEmpty()) {
      return Resumption.NONE;
    }
    Map<String, String> dependsOn = new TreeMap<>();
    dependsOn.put("settings", settings.toString());
    dependsOn.put("shape", shape.toString());
    dependsOn.put("training", training.provenance().toString());
    dependsOn.put("validation", validation.provenance().toString());
    dependsOn.put("fractions", training.fractions().toString());
    dependsOn.put("previews", Integer.toString(previews.pairs().size()));
    dependsOn.put(
        "metrics",
        metrics.stream().map(each -> each.name() + " " + each.version()).toList().toString());
    dependsOn.put("start", start.map(Resumption::checksum).orElse("none"));
    return Resumption.of(checkpoint.get(), dependsOn);
  }

  /** Trains one part, starting from the best weights, which it replaces by better ones. */
  private void learn(
      Part part,
      int epochs,
      BestWeights best,
      CountedRandom random,
      NDManager manager,
      Progress progress,
      Resumption resumption) {
    if (resumption.isPast(part)) {
      return;
    }
    PartTraining learning =
        worker.call(
            () ->
                new PartTraining(
                    part, epochs, settings, objective, validator, best, random, manager));
    int epochsWithoutImprovement = 0;
    int done = 0;
    Optional<TrainingCheckpoint> within = resumption.within(part);
    if (within.isPresent()) {
      worker.run(() -> learning.restore(within.get()));
      epochsWithoutImprovement = within.get().position().withoutImprovement();
      done = within.get().position().epoch();
    }
    for (int epoch = done + 1;
        epoch <= epochs && epochsWithoutImprovement < settings.patience();
        epoch++) {
      double before = best.spearman();
      PartTraining.Epoch learned = worker.call(learning::epoch);
      epochsWithoutImprovement = best.spearman() > before ? 0 : epochsWithoutImprovement + 1;
      int without = epochsWithoutImprovement;
      int finished = epoch;
      resumption
          .file()
          .ifPresent(
              file ->
                  Resumption.write(
                      file,
                      worker.call(
                          () -> learning.checkpoint(resumption.settings(), finished, without))));
      progress.epoch(part.title, epoch, epochs, learned.loss(), learned.spearman());
    }
  }

  /** Receives the progress of a training. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after every epoch.
     *
     * @param part {@code preview}, {@code picture} or {@code ranking}
     * @param loss the mean training loss
     * @param spearman the within-prompt Spearman on the validation prompts
     */
    void epoch(String part, int epoch, int ofEpochs, double loss, double spearman);
  }
}
