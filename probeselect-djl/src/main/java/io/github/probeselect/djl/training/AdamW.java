package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.djl.network.Scaling;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW with gradient clipping by global norm, on weights that live outside the graph (Loshchilov
 * and Hutter 2019, algorithm 2). The moments belong to the manager given.
 */
final class AdamW {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.99;
  private static final double EPSILON = 1e-8;
  private static final double MAX_NORM = 1;

  private final ProbeWeights weights;
  private final double weightDecay;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final Map<String, NDArray> squares = new LinkedHashMap<>();
  private int updates;

  AdamW(ProbeWeights weights, double weightDecay, NDManager manager) {
    this.weights = weights;
    this.weightDecay = weightDecay;
    weights
        .arrays()
        .forEach(
            (name, weight) -> {
              means.put(name, manager.zeros(weight.getShape()));
              squares.put(name, manager.zeros(weight.getShape()));
            });
  }

  /** Updates the weights by one step. */
  void update(Map<String, NDArray> gradients, double learningRate) {
    updates++;
    double correction1 = 1 - Math.pow(BETA1, updates);
    double correction2 = 1 - Math.pow(BETA2, updates);
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double clip = Math.min(1, MAX_NORM / (norm(gradients) + EPSILON));
      gradients.forEach(
          (name, raw) -> {
            NDArray gradient = Scaling.times(raw, clip);
            NDArray mean = moment(means, name);
            NDArray square = moment(squares, name);
            mean.muli(BETA1).addi(Scaling.times(gradient, 1 - BETA1));
            square.muli(BETA2).addi(Scaling.times(gradient.square(), 1 - BETA2));
            NDArray weight = weights.get(name);
            if (weight.getShape().dimension() > 1) {
              weight.muli(1 - learningRate * weightDecay);
            }
            NDArray deviation = Scaling.times(square, 1 / correction2).sqrt().add(EPSILON);
            weight.subi(Scaling.times(mean, learningRate / correction1).div(deviation));
          });
    }
  }

  /** The running means of the gradients and of their squares, by name of the weight. */
  void copyTo(Map<String, float[]> arrays) {
    TrainingCheckpoint.copy("means", means, arrays);
    TrainingCheckpoint.copy("squares", squares, arrays);
  }

  /** Goes on from a checkpoint. */
  void restore(TrainingCheckpoint checkpoint) {
    checkpoint.restore("means", means);
    checkpoint.restore("squares", squares);
    updates = checkpoint.position().updates();
  }

  private static NDArray moment(Map<String, NDArray> moments, String name) {
    NDArray moment = moments.get(name);
    if (moment == null) {
      throw new IllegalArgumentException("no weight named " + name);
    }
    return moment;
  }

  private static double norm(Map<String, NDArray> gradients) {
    double sum = 0;
    for (NDArray gradient : gradients.values()) {
      sum += gradient.square().sum().getFloat();
    }
    return Math.sqrt(sum);
  }
}
