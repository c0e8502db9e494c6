package io.github.probeselect.djl.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.Spearman;
import io.github.probeselect.model.QualityMetric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Trains a probe in two parts. First the trunk learns to predict the finished image, a dense target
 * that teaches far more per candidate than its reward does, together with contrastive alignment
 * with the prompt. Then the score, what the metric says of the predicted image and a correction by
 * the prompt's tokens, learns to rank the seeds of each prompt. The running mean of the weights
 * with the best within-prompt Spearman on validation prompts is kept, the state before the second
 * part included.
 */
public final class ProbeTrainer {

  private static final double WARM_UP = 0.05;

  /** The second part moves weights that are already good. */
  private static final double RANKING_RATE = 0.2;

  /** The weights that only the first part teaches. */
  private static final Set<String> PICTURE_ONLY =
      Set.of("stem", "block0", "block1", "position", "fraction", "grid", "dense", "align");

  private final Dataset training;
  private final Dataset validation;
  private final ProbeShape shape;
  private final QualityMetric metric;
  private final TrainingSettings settings;
  private final DeviceWorker worker;

  /**
   * Makes a trainer.
   *
   * @param metric the metric that rewarded both sets
   * @throws InvalidRequestException if the two sets share a prompt or do not record the same thing
   */
  public ProbeTrainer(
      Dataset training,
      Dataset validation,
      QualityMetric metric,
      TrainingSettings settings,
      DeviceWorker worker) {
    Splits.check(training, validation);
    this.training = training;
    this.validation = validation;
    this.shape = training.shape();
    this.metric = metric;
    this.settings = settings;
    this.worker = worker;
  }

  /** Trains, and tells {@code progress} after every epoch. The caller closes the result. */
  public TrainedProbe train(Progress progress) {
    return worker.call(() -> trainOnDevice(progress));
  }

  private TrainedProbe trainOnDevice(Progress progress) {
    RewardScale scale = RewardScale.of(training);
    NDManager kept = NDManager.newBaseManager(worker.device());
    try (NDManager manager = NDManager.newBaseManager(worker.device())) {
      Random random = new Random(settings.seed());
      ProbeWeights weights = ProbeWeights.random(shape, manager, settings.seed());
      ProbeWeights average = learnPictures(weights, scale, random, progress, manager);
      ProbeNetwork pictured = new ProbeNetwork(shape, average);
      PictureRewards rewards = new PictureRewards(training, pictured, metric, scale, manager);
      PictureRewards checks = new PictureRewards(validation, pictured, metric, scale, manager);
      ProbeWeights best = average.copy(kept);
      double bestSpearman = withinPromptSpearman(average, checks, scale, manager);
      progress.epoch("ranking", 0, settings.rankingEpochs(), Double.NaN, bestSpearman);
      overwrite(weights, average);
      AdamW optimizer = new AdamW(weights, settings.weightDecay(), manager);
      int updates = settings.rankingEpochs() * batches(training.prompts());
      int update = 0;
      for (int epoch = 1; epoch <= settings.rankingEpochs(); epoch++) {
        double loss = 0;
        for (List<Integer> chosen : shuffled(random)) {
          double done = (double) update++ / updates;
          double rate = RANKING_RATE * learningRate(done);
          loss +=
              step(
                  weights,
                  optimizer,
                  rate,
                  false,
                  manager,
                  (network, local) ->
                      rankingLoss(
                          network,
                          new Batch(training, chosen, scale, local),
                          rewards,
                          done,
                          local));
          follow(average, weights, update);
        }
        double spearman = withinPromptSpearman(average, checks, scale, manager);
        if (spearman > bestSpearman) {
          bestSpearman = spearman;
          overwrite(best, average);
        }
        progress.epoch(
            "ranking",
            epoch,
            settings.rankingEpochs(),
            loss / batches(training.prompts()),
            spearman);
      }
      return new TrainedProbe(best, scale, bestSpearman, kept, worker);
    } catch (RuntimeException e) {
      kept.close();
      throw e;
    }
  }

  private ProbeWeights learnPictures(
      ProbeWeights weights,
      RewardScale scale,
      Random random,
      Progress progress,
      NDManager manager) {
    ProbeWeights average = weights.copy(manager);
    AdamW optimizer = new AdamW(weights, settings.weightDecay(), manager);
    int updates = settings.pictureEpochs() * batches(training.prompts());
    int update = 0;
    for (int epoch = 1; epoch <= settings.pictureEpochs(); epoch++) {
      double loss = 0;
      for (List<Integer> chosen : shuffled(random)) {
        double rate = learningRate((double) update++ / updates);
        loss +=
            step(
                weights,
                optimizer,
                rate,
                true,
                manager,
                (network, local) ->
                    pictureLoss(network, new Batch(training, chosen, scale, local), local));
        follow(average, weights, update);
      }
      progress.epoch(
          "picture",
          epoch,
          settings.pictureEpochs(),
          loss / batches(training.prompts()),
          validationError(average, scale, manager));
    }
    return average;
  }

  private NDArray pictureLoss(ProbeNetwork network, Batch batch, NDManager local) {
    NDArray cells = network.cells(batch.grid, batch.fraction);
    NDArray contrastive =
        Losses.contrastive(
            network.alignCells(cells),
            network.alignTokens(network.tokens(batch.prompts)),
            batch.groups,
            batch.seeds,
            local);
    return Losses.squared(network.dense(cells), batch.target)
        .add(contrastive.mul((float) settings.contrastiveWeight()));
  }

  private NDArray rankingLoss(
      ProbeNetwork network, Batch batch, PictureRewards rewards, double done, NDManager local) {
    double temperature = Math.pow(0.1, done);
    double margin = 0.4 * (1 - done);
    return Losses.ranking(
        scores(network, batch, rewards, local),
        batch.rewards,
        batch.groups,
        batch.seeds,
        temperature,
        margin,
        local);
  }

  private static NDArray scores(
      ProbeNetwork network, Batch batch, PictureRewards rewards, NDManager local) {
    NDArray tokens = network.tokens(batch.prompts).get(batch.promptOf);
    NDArray cells = network.cells(batch.grid, batch.fraction);
    return network.score(local.create(rewards.of(batch)), cells, tokens);
  }

  /** One update; where {@code pictures} is false, the weights that predict the picture stay. */
  private double step(
      ProbeWeights weights,
      AdamW optimizer,
      double rate,
      boolean pictures,
      NDManager manager,
      Objective objective) {
    try (NDManager local = manager.newSubManager()) {
      ProbeWeights leaves = weights.copy(local);
      Map<String, NDArray> learning = new LinkedHashMap<>();
      leaves
          .arrays()
          .forEach(
              (name, leaf) -> {
                if (isPicture(name) == pictures || name.startsWith("text")) {
                  leaf.setRequiresGradient(true);
                  learning.put(name, leaf);
                }
              });
      float value;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray loss = objective.loss(new ProbeNetwork(shape, leaves), local);
        value = loss.getFloat();
        collector.backward(loss);
      }
      learning.replaceAll((name, leaf) -> leaf.getGradient());
      optimizer.update(learning, rate);
      return value;
    }
  }

  private static boolean isPicture(String name) {
    int dot = name.indexOf('.');
    return PICTURE_ONLY.contains(dot < 0 ? name : name.substring(0, dot));
  }

  /** Linear warm-up, then a cosine to zero. */
  private double learningRate(double done) {
    return settings.learningRate()
        * (done < WARM_UP ? done / WARM_UP + 1e-3 : 0.5 * (1 + Math.cos(Math.PI * done)));
  }

  private void follow(ProbeWeights average, ProbeWeights weights, int update) {
    double decay = Math.min(settings.emaDecay(), update / (update + 10.0));
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      average
          .arrays()
          .forEach((name, array) -> array.muli(decay).addi(weights.get(name).mul(1 - decay)));
    }
  }

  private static void overwrite(ProbeWeights target, ProbeWeights source) {
    target.arrays().forEach((name, array) -> array.set(source.get(name).toFloatArray()));
  }

  /** The squared error of the predicted pictures of validation candidates. */
  private double validationError(ProbeWeights weights, RewardScale scale, NDManager manager) {
    ProbeNetwork network = new ProbeNetwork(shape, weights);
    double sum = 0;
    List<List<Integer>> batches = inOrder(validation.prompts());
    for (List<Integer> chosen : batches) {
      try (NDManager local = manager.newSubManager()) {
        Batch batch = new Batch(validation, chosen, scale, local);
        NDArray dense = network.dense(network.cells(batch.grid, batch.fraction));
        sum += Losses.squared(dense, batch.target).getFloat();
      }
    }
    return sum / batches.size();
  }

  private double withinPromptSpearman(
      ProbeWeights weights, PictureRewards rewards, RewardScale scale, NDManager manager) {
    ProbeNetwork network = new ProbeNetwork(shape, weights);
    double sum = 0;
    int counted = 0;
    for (List<Integer> chosen : inOrder(validation.prompts())) {
      try (NDManager local = manager.newSubManager()) {
        Batch batch = new Batch(validation, chosen, scale, local);
        float[] scores = scores(network, batch, rewards, local).toFloatArray();
        for (int group = 0; group < batch.groups; group++) {
          double correlation =
              Spearman.correlation(
                  slice(scores, group, batch.seeds), slice(batch.rewards, group, batch.seeds));
          if (!Double.isNaN(correlation)) {
            sum += correlation;
            counted++;
          }
        }
      }
    }
    return counted == 0 ? Double.NaN : sum / counted;
  }

  private static double[] slice(float[] values, int group, int size) {
    return IntStream.range(group * size, (group + 1) * size).mapToDouble(i -> values[i]).toArray();
  }

  private List<List<Integer>> shuffled(Random random) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, training.prompts()).boxed().toList());
    Collections.shuffle(order, random);
    return split(order);
  }

  private List<List<Integer>> inOrder(int prompts) {
    return split(IntStream.range(0, prompts).boxed().toList());
  }

  private List<List<Integer>> split(List<Integer> order) {
    return IntStream.range(0, batches(order.size()))
        .mapToObj(
            batch -> {
              int from = batch * settings.promptsPerBatch();
              return order.subList(from, Math.min(order.size(), from + settings.promptsPerBatch()));
            })
        .toList();
  }

  private int batches(int prompts) {
    return (prompts + settings.promptsPerBatch() - 1) / settings.promptsPerBatch();
  }

  private interface Objective {
    NDArray loss(ProbeNetwork network, NDManager local);
  }

  /** Is told how a training goes. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after every epoch.
     *
     * @param part {@code picture} or {@code ranking}
     * @param loss the mean training loss
     * @param validation on validation prompts, the squared error of the predicted picture, or the
     *     within-prompt Spearman
     */
    void epoch(String part, int epoch, int ofEpochs, double loss, double validation);
  }
}
