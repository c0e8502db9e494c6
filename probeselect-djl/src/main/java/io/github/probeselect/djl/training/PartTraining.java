package io.github.probeselect.djl.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.djl.network.Scaling;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The training of one part on the device, epoch by epoch. It starts from the best weights, and
 * replaces them by the running mean of its own where that is better. Its arrays belong to the
 * manager given.
 */
final class PartTraining {

  private static final double WARM_UP = 0.05;
  private static final int PREVIEWS_PER_BATCH = 32;

  private final Part part;
  private final int epochs;
  private final TrainingSettings settings;
  private final Objective objective;
  private final Validation validator;
  private final BestWeights best;
  private final CountedRandom random;
  private final NDManager manager;
  private final ProbeWeights weights;
  private final ProbeWeights average;
  private final AdamW optimizer;
  private int update;

  PartTraining(
      Part part,
      int epochs,
      TrainingSettings settings,
      Objective objective,
      Validation validator,
      BestWeights best,
      CountedRandom random,
      NDManager manager) {
    this.part = part;
    this.epochs = epochs;
    this.settings = settings;
    this.objective = objective;
    this.validator = validator;
    this.best = best;
    this.random = random;
    this.manager = manager;
    this.weights = best.weights.copy(manager);
    this.average = best.weights.copy(manager);
    this.optimizer = new AdamW(weights, settings.weightDecay(), manager);
  }

  /**
   * The result of an epoch.
   *
   * @param loss the mean training loss
   * @param spearman the within-prompt Spearman on the validation prompts
   */
  record Epoch(double loss, double spearman) {}

  /** Copies all that the next epoch depends on. */
  TrainingCheckpoint checkpoint(Map<String, String> dependsOn, int epoch, int withoutImprovement) {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    TrainingCheckpoint.copy("best", best.weights.arrays(), arrays);
    TrainingCheckpoint.copy("weights", weights.arrays(), arrays);
    TrainingCheckpoint.copy("average", average.arrays(), arrays);
    optimizer.copyTo(arrays);
    return new TrainingCheckpoint(
        TrainingCheckpoint.Position.of(
            dependsOn, part, epoch, withoutImprovement, best.spearman(), random.drawn(), update),
        arrays);
  }

  /** Goes on after the epoch that the checkpoint was written after. */
  void restore(TrainingCheckpoint from) {
    best.restore(from);
    from.restore("weights", weights.arrays());
    from.restore("average", average.arrays());
    optimizer.restore(from);
    random.advanceTo(from.position().drawn());
    update = from.position().updates();
  }

  /** Passes once over the training data, and validates the running mean of the weights. */
  Epoch epoch() {
    double loss = 0;
    List<List<Integer>> batches = batches();
    for (List<Integer> chosen : batches) {
      double done = (double) update++ / (epochs * batches.size());
      loss += step(chosen, done);
      follow();
    }
    double spearman = validator.withinPromptSpearman(average, manager);
    best.offer(average, spearman);
    return new Epoch(loss / batches.size(), spearman);
  }

  private List<List<Integer>> batches() {
    int count = objective.examples(part);
    int together = part == Part.PREVIEW ? PREVIEWS_PER_BATCH : settings.promptsPerBatch();
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, random);
    return IntStream.range(0, (count + together - 1) / together)
        .mapToObj(batch -> order.subList(batch * together, Math.min(count, (batch + 1) * together)))
        .toList();
  }

  /** One update of the weights that the part trains. */
  private double step(List<Integer> chosen, double done) {
    ProbeShape shape = objective.shape();
    try (NDManager local = manager.newSubManager()) {
      ProbeWeights leaves = weights.copy(local);
      Map<String, NDArray> learning = new LinkedHashMap<>();
      leaves
          .arrays()
          .forEach(
              (name, leaf) -> {
                if (learns(name, shape)) {
                  leaf.setRequiresGradient(true);
                  learning.put(name, leaf);
                }
              });
      float value;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        ProbeNetwork network = new ProbeNetwork(shape, leaves);
        NDArray loss = objective.loss(part, network, chosen, done, random, local);
        value = loss.getFloat();
        collector.backward(loss);
      }
      learning.replaceAll((name, leaf) -> leaf.getGradient());
      optimizer.update(learning, learningRate(done));
      return value;
    }
  }

  private boolean learns(String name, ProbeShape shape) {
    boolean decoder = name.startsWith("decoder");
    if (part == Part.PREVIEW || decoder) {
      return part == Part.PREVIEW && decoder;
    }
    boolean whole = part == Part.PICTURE || !shape.picture();
    if (name.startsWith("align")) {
      return settings.terms().contrastive() > 0 && whole;
    }
    return name.startsWith("head") ? part == Part.RANKING : whole;
  }

  /** Linear warm-up, then a cosine to zero. */
  private double learningRate(double done) {
    return settings.learningRate()
        * (done < WARM_UP ? done / WARM_UP + 1e-3 : 0.5 * (1 + Math.cos(Math.PI * done)));
  }

  /** Moves the running mean of the weights after them. */
  private void follow() {
    double decay = Math.min(settings.emaDecay(), update / (update + 10.0));
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      average
          .arrays()
          .forEach(
              (name, array) -> array.muli(decay).addi(Scaling.times(weights.get(name), 1 - decay)));
    }
  }
}
