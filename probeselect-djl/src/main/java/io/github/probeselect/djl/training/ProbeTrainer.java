package io.github.probeselect.djl.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.djl.network.Scaling;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.Spearman;
import io.github.probeselect.model.QualityMetric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Trains a probe in two parts. First the trunk learns to predict the finished image, a dense target
 * that teaches far more per candidate than its reward does. Then the heads, which correct what each
 * metric says of the predicted image, learn to rank the seeds of a prompt and to say how far off
 * they are; where no image is predicted the trunk learns in this part. The running mean of the
 * weights with the best within-prompt Spearman on validation prompts is kept.
 */
public final class ProbeTrainer {

  private static final double WARM_UP = 0.05;
  private static final String PICTURE = "picture";
  private static final String RANKING = "ranking";

  private final TrainingData training;
  private final TrainingData validation;
  private final ProbeShape shape;
  private final List<QualityMetric> metrics;
  private final TrainingSettings settings;
  private final DeviceWorker worker;
  private final Map<String, Scale> scales;

  /**
   * Makes a trainer.
   *
   * @param metrics the metrics of the shape, in its order; only asked if a picture is predicted
   * @throws io.github.probeselect.error.InvalidDatasetException if the two sets share a prompt or
   *     do not hold the same thing
   * @throws InvalidRequestException if a metric that judges pictures is missing
   */
  public ProbeTrainer(
      TrainingData training,
      TrainingData validation,
      List<QualityMetric> metrics,
      TrainingSettings settings,
      DeviceWorker worker) {
    Splits.check(training, validation);
    this.training = training;
    this.validation = validation;
    this.shape = training.shape();
    this.metrics = List.copyOf(metrics);
    this.settings = settings;
    this.worker = worker;
    this.scales = training.scales();
    List<String> names = metrics.stream().map(QualityMetric::name).toList();
    if (shape.picture() && !names.equals(shape.metrics())) {
      throw new InvalidRequestException(
          "the probe judges predicted pictures by %s, but the metrics given are %s"
              .formatted(shape.metrics(), names));
    }
  }

  /** Trains, and tells {@code progress} after every epoch. The caller closes the result. */
  public TrainedProbe train(Progress progress) {
    return worker.call(() -> trainOnDevice(progress));
  }

  private TrainedProbe trainOnDevice(Progress progress) {
    NDManager kept = NDManager.newBaseManager(worker.device());
    try (NDManager manager = NDManager.newBaseManager(worker.device())) {
      ProbeWeights start = ProbeWeights.random(shape, manager, settings.seed());
      Best best = new Best(start.copy(kept), Double.NEGATIVE_INFINITY);
      Random random = new Random(settings.seed());
      if (shape.picture()) {
        learn(PICTURE, settings.pictureEpochs(), best, random, manager, progress);
      }
      learn(RANKING, settings.rankingEpochs(), best, random, manager, progress);
      calibrate(best.weights, manager);
      return new TrainedProbe(best.weights, training, scales, best.spearman, kept, worker);
    } catch (RuntimeException e) {
      kept.close();
      throw e;
    }
  }

  /** The best weights so far. */
  private static final class Best {
    final ProbeWeights weights;
    double spearman;

    Best(ProbeWeights weights, double spearman) {
      this.weights = weights;
      this.spearman = spearman;
    }
  }

  /** One part: starts from the best weights and leaves there what is better. */
  private void learn(
      String part, int epochs, Best best, Random random, NDManager manager, Progress progress) {
    ProbeWeights weights = best.weights.copy(manager);
    ProbeWeights average = best.weights.copy(manager);
    AdamW optimizer = new AdamW(weights, settings.weightDecay(), manager);
    int perEpoch = batches(training.prompts());
    int update = 0;
    int inVain = 0;
    for (int epoch = 1; epoch <= epochs && inVain < settings.patience(); epoch++) {
      double loss = 0;
      for (List<Integer> chosen : shuffled(random)) {
        double done = (double) update++ / (epochs * perEpoch);
        int[] times = random.ints(training.prompts(), 0, training.fractions().size()).toArray();
        loss +=
            step(
                weights,
                optimizer,
                learningRate(done),
                part,
                manager,
                (network, local) -> {
                  Batch batch = new Batch(training, chosen, i -> times[i], scales, local);
                  return part.equals(PICTURE)
                      ? pictureLoss(network, batch, local)
                      : rankingLoss(network, batch, done, local);
                });
        follow(average, weights, update);
      }
      double spearman = withinPromptSpearman(average, manager);
      inVain = spearman > best.spearman ? 0 : inVain + 1;
      if (spearman > best.spearman) {
        best.spearman = spearman;
        overwrite(best.weights, average);
      }
      progress.epoch(part, epoch, epochs, loss / perEpoch, spearman);
    }
  }

  private NDArray pictureLoss(ProbeNetwork network, Batch batch, NDManager local) {
    NDArray tokens = network.tokens(batch.prompts);
    NDArray cells = network.cells(batch.grid, batch.fraction, tokens.get(batch.promptOf));
    NDArray loss = Losses.squared(network.dense(cells), batch.target);
    return withContrastive(loss, network, batch, tokens, local);
  }

  private NDArray rankingLoss(ProbeNetwork network, Batch batch, double done, NDManager local) {
    double temperature = Math.pow(0.1, done);
    double margin = 0.4 * (1 - done);
    NDArray tokens = network.tokens(batch.prompts);
    NDArray cells = network.cells(batch.grid, batch.fraction, tokens.get(batch.promptOf));
    NDArray loss = local.create(0f);
    for (int m = 0; m < shape.metrics().size(); m++) {
      float[] rewards = batch.scores.get(m);
      ProbeNetwork.Judgement judged = judge(network, m, batch, cells, local);
      loss =
          loss.add(
                  Losses.ranking(
                      judged.score(),
                      rewards,
                      batch.groups,
                      batch.seeds,
                      temperature,
                      margin,
                      local))
              .add(
                  Losses.likelihood(
                      judged.score(),
                      judged.logVariance(),
                      rewards,
                      batch.groups,
                      batch.seeds,
                      local));
      if (settings.correlationWeight() > 0) {
        loss =
            loss.add(
                Scaling.times(
                    Losses.correlation(judged.score(), rewards, batch.groups, batch.seeds, local),
                    settings.correlationWeight()));
      }
    }
    return shape.picture() ? loss : withContrastive(loss, network, batch, tokens, local);
  }

  private NDArray withContrastive(
      NDArray loss, ProbeNetwork network, Batch batch, NDArray tokens, NDManager local) {
    if (settings.contrastiveWeight() == 0) {
      return loss;
    }
    NDArray contrastive =
        Losses.contrastive(
            network.alignGrid(batch.grid),
            network.alignTokens(tokens),
            batch.groups,
            batch.seeds,
            local);
    return loss.add(Scaling.times(contrastive, settings.contrastiveWeight()));
  }

  private ProbeNetwork.Judgement judge(
      ProbeNetwork network, int metric, Batch batch, NDArray cells, NDManager local) {
    float[] rewards = new float[batch.rows()];
    String name = shape.metrics().get(metric);
    if (shape.picture()) {
      Scale scale = Objects.requireNonNull(scales.get(name), name);
      for (int group = 0; group < batch.groups; group++) {
        int from = group * batch.seeds;
        NDArray own = cells.get(from + ":" + (from + batch.seeds));
        String prompt = batch.examples.get(group).prompt();
        double[] judged = metrics.get(metric).scores(network.pictures(own), prompt);
        for (int seed = 0; seed < judged.length; seed++) {
          rewards[from + seed] = (float) scale.standardised(judged[seed]);
        }
      }
    }
    return network.judge(name, local.create(rewards), cells);
  }

  /** One update of the weights that the part teaches. */
  private double step(
      ProbeWeights weights,
      AdamW optimizer,
      double rate,
      String part,
      NDManager manager,
      Objective objective) {
    try (NDManager local = manager.newSubManager()) {
      ProbeWeights leaves = weights.copy(local);
      Map<String, NDArray> learning = new LinkedHashMap<>();
      leaves
          .arrays()
          .forEach(
              (name, leaf) -> {
                if (learns(name, part)) {
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

  private boolean learns(String name, String part) {
    if (name.startsWith("align")) {
      return settings.contrastiveWeight() > 0 && (part.equals(PICTURE) || !shape.picture());
    }
    boolean head = name.startsWith("head");
    return part.equals(PICTURE) ? !head : head || !shape.picture();
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
          .forEach(
              (name, array) -> array.muli(decay).addi(Scaling.times(weights.get(name), 1 - decay)));
    }
  }

  private static void overwrite(ProbeWeights target, ProbeWeights source) {
    target.arrays().forEach((name, array) -> array.set(source.get(name).toFloatArray()));
  }

  /** Of the first metric, the mean over validation prompts, each seen at one of the fractions. */
  private double withinPromptSpearman(ProbeWeights weights, NDManager manager) {
    List<Double> correlations = new ArrayList<>();
    validate(
        weights,
        0,
        manager,
        (scores, logVariances, rewards, from, to) -> {
          double correlation =
              Spearman.correlation(slice(scores, from, to), slice(rewards, from, to));
          if (!Double.isNaN(correlation)) {
            correlations.add(correlation);
          }
        });
    return correlations.stream().mapToDouble(c -> c).average().orElse(Double.NEGATIVE_INFINITY);
  }

  /** Makes the expected squared errors right on average over the validation prompts. */
  private void calibrate(ProbeWeights weights, NDManager manager) {
    for (int m = 0; m < shape.metrics().size(); m++) {
      double[] sum = new double[2];
      validate(
          weights,
          m,
          manager,
          (scores, logVariances, rewards, from, to) -> {
            double score = mean(scores, from, to);
            double reward = mean(rewards, from, to);
            for (int i = from; i < to; i++) {
              double residual = rewards[i] - reward - scores[i] + score;
              sum[0] += residual * residual * Math.exp(-logVariances[i]);
              sum[1]++;
            }
          });
      if (sum[0] > 0) {
        NDArray bias = weights.get("head." + shape.metrics().get(m) + ".second.bias");
        float[] values = bias.toFloatArray();
        values[1] += (float) Math.log(sum[0] / sum[1]);
        bias.set(values);
      }
    }
  }

  private void validate(ProbeWeights weights, int metric, NDManager manager, GroupVisitor visitor) {
    ProbeNetwork network = new ProbeNetwork(shape, weights);
    IntUnaryOperator times = i -> i % validation.fractions().size();
    for (List<Integer> chosen : inOrder(validation.prompts())) {
      try (NDManager local = manager.newSubManager()) {
        Batch batch = new Batch(validation, chosen, times, scales, local);
        NDArray tokens = network.tokens(batch.prompts).get(batch.promptOf);
        NDArray cells = network.cells(batch.grid, batch.fraction, tokens);
        ProbeNetwork.Judgement judged = judge(network, metric, batch, cells, local);
        float[] scores = judged.score().toFloatArray();
        float[] logVariances = judged.logVariance().toFloatArray();
        for (int group = 0; group < batch.groups; group++) {
          int from = group * batch.seeds;
          visitor.visit(scores, logVariances, batch.scores.get(metric), from, from + batch.seeds);
        }
      }
    }
  }

  private static double mean(float[] values, int from, int to) {
    return IntStream.range(from, to).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static double[] slice(float[] values, int from, int to) {
    return IntStream.range(from, to).mapToDouble(i -> values[i]).toArray();
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

  /** Is shown the rows of one prompt after the other. */
  private interface GroupVisitor {
    void visit(float[] scores, float[] logVariances, float[] rewards, int from, int to);
  }

  /** Is told how a training goes. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after every epoch.
     *
     * @param part {@code picture} or {@code ranking}
     * @param loss the mean training loss
     * @param spearman the within-prompt Spearman on the validation prompts
     */
    void epoch(String part, int epoch, int ofEpochs, double loss, double spearman);
  }
}
