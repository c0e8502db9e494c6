package io.github.probeselect.djl.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.Spearman;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Trains a probe. The objective has four terms: listwise ranking between the seeds of one prompt,
 * regression of the reward under the candidate's own and similar prompts, a dense term that
 * predicts the finished image in small, and contrastive alignment with the prompt. The running mean
 * of the weights with the best within-prompt Spearman on validation prompts is kept.
 */
public final class ProbeTrainer {

  private static final double WARM_UP = 0.05;

  private final Dataset training;
  private final Dataset validation;
  private final ProbeShape shape;
  private final TrainingSettings settings;
  private final DeviceWorker worker;

  /**
   * Makes a trainer.
   *
   * @throws InvalidRequestException if the two sets share a prompt or do not record the same thing
   */
  public ProbeTrainer(
      Dataset training, Dataset validation, TrainingSettings settings, DeviceWorker worker) {
    Splits.check(training, validation);
    this.training = training;
    this.validation = validation;
    this.shape = training.shape();
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
      ProbeWeights weights = ProbeWeights.random(shape, manager, settings.seed());
      ProbeWeights average = weights.copy(manager);
      ProbeWeights best = weights.copy(kept);
      AdamW optimizer = new AdamW(weights, settings.weightDecay(), manager);
      Random random = new Random(settings.seed());
      double bestCorrelation = Double.NEGATIVE_INFINITY;
      int update = 0;
      int perEpoch = batches(training.prompts());
      for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
        List<Integer> order =
            new ArrayList<>(IntStream.range(0, training.prompts()).boxed().toList());
        Collections.shuffle(order, random);
        double loss = 0;
        for (int batch = 0; batch < perEpoch; batch++) {
          double done = (double) update / (perEpoch * settings.epochs());
          loss += step(weights, optimizer, chosen(order, batch), done, scale, random, manager);
          update++;
          follow(average, weights, Math.min(settings.emaDecay(), update / (update + 10.0)));
        }
        double correlation = withinPromptSpearman(average, scale, manager);
        if (correlation > bestCorrelation) {
          bestCorrelation = correlation;
          overwrite(best, average);
        }
        progress.epoch(epoch, settings.epochs(), loss / perEpoch, correlation);
      }
      return new TrainedProbe(best, scale, bestCorrelation, kept, worker);
    } catch (RuntimeException e) {
      kept.close();
      throw e;
    }
  }

  private double step(
      ProbeWeights weights,
      AdamW optimizer,
      List<Integer> chosen,
      double done,
      RewardScale scale,
      Random random,
      NDManager manager) {
    try (NDManager local = manager.newSubManager()) {
      ProbeWeights leaves = weights.copy(local);
      leaves.arrays().values().forEach(leaf -> leaf.setRequiresGradient(true));
      Batch batch =
          Batch.training(
              training,
              chosen,
              settings.neighbourPrompts(),
              scale.mean(),
              scale.deviation(),
              random,
              local);
      float value;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray loss = loss(new ProbeNetwork(shape, leaves), batch, done, local);
        value = loss.getFloat();
        collector.backward(loss);
      }
      Map<String, NDArray> gradients = new LinkedHashMap<>();
      leaves.arrays().forEach((name, leaf) -> gradients.put(name, leaf.getGradient()));
      optimizer.update(gradients, learningRate(done));
      return value;
    }
  }

  private NDArray loss(ProbeNetwork network, Batch batch, double done, NDManager local) {
    NDArray cells = network.cells(batch.grid, batch.fraction);
    NDArray tokens = network.tokens(batch.prompts);
    NDArray scores =
        network.match(
            cells.get(batch.pairCandidate.toType(DataType.INT64, false)),
            tokens.get(batch.pairPrompt.toType(DataType.INT64, false)));
    NDArray own = scores.get("0:" + batch.rows());
    double temperature = Math.pow(0.1, done);
    double margin = 0.4 * (1 - done);
    NDArray ranking =
        Losses.ranking(
            own, batch.ownRewards, batch.groups, batch.seeds, temperature, margin, local);
    NDArray contrastive =
        Losses.contrastive(
            network.alignCells(cells),
            network.alignTokens(tokens.get("0:" + batch.groups)),
            batch.groups,
            batch.seeds,
            local);
    return ranking
        .mul((float) settings.rankingWeight())
        .add(Losses.squared(scores, batch.pairReward).mul((float) settings.regressionWeight()))
        .add(Losses.squared(network.dense(cells), batch.target).mul((float) settings.denseWeight()))
        .add(contrastive.mul((float) settings.contrastiveWeight()));
  }

  /** Linear warm-up, then a cosine to zero. */
  private double learningRate(double done) {
    return settings.learningRate()
        * (done < WARM_UP ? done / WARM_UP + 1e-3 : 0.5 * (1 + Math.cos(Math.PI * done)));
  }

  private static void follow(ProbeWeights average, ProbeWeights weights, double decay) {
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

  private double withinPromptSpearman(ProbeWeights weights, RewardScale scale, NDManager manager) {
    ProbeNetwork network = new ProbeNetwork(shape, weights);
    double sum = 0;
    int counted = 0;
    List<Integer> order = IntStream.range(0, validation.prompts()).boxed().toList();
    for (int number = 0; number < batches(validation.prompts()); number++) {
      try (NDManager local = manager.newSubManager()) {
        Batch batch =
            Batch.evaluation(
                validation, chosen(order, number), scale.mean(), scale.deviation(), local);
        NDArray cells = network.cells(batch.grid, batch.fraction);
        NDArray tokens = network.tokens(batch.prompts);
        float[] scores =
            network
                .match(cells, tokens.get(batch.pairPrompt.toType(DataType.INT64, false)))
                .toFloatArray();
        for (int group = 0; group < batch.groups; group++) {
          double correlation =
              Spearman.correlation(
                  slice(scores, group, batch.seeds), slice(batch.ownRewards, group, batch.seeds));
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

  private int batches(int prompts) {
    return (prompts + settings.promptsPerBatch() - 1) / settings.promptsPerBatch();
  }

  private List<Integer> chosen(List<Integer> order, int batch) {
    int from = batch * settings.promptsPerBatch();
    return order.subList(from, Math.min(order.size(), from + settings.promptsPerBatch()));
  }

  /** Is told how a training goes. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after every epoch with the mean loss and the within-prompt Spearman on validation
     * prompts.
     */
    void epoch(int epoch, int ofEpochs, double loss, double validationSpearman);
  }
}
