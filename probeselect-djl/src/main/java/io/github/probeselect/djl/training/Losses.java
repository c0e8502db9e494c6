package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.network.Scaling;

/** The terms of the training objective. */
final class Losses {

  /** Stands for minus infinity in a softmax without making 0 * infinity. */
  private static final float EXCLUDED = -1e9f;

  private static final double CONTRASTIVE_TEMPERATURE = 0.1;

  private Losses() {}

  /**
   * Listwise ranking inside each prompt: the mean over candidates i of {@code -log(exp(s_i/t) / sum
   * over R(i) of exp(s_j/t))}, where R(i) holds i and every candidate of the same prompt whose
   * reward is lower by at least {@code margin} (Probe-Select, with the group taken as the seeds of
   * one prompt).
   *
   * @param scores {@code [groups * seeds]}, prompt by prompt
   */
  static NDArray ranking(
      NDArray scores,
      float[] rewards,
      int groups,
      int seeds,
      double temperature,
      double margin,
      NDManager manager) {
    float[] mask = new float[groups * seeds * seeds];
    for (int group = 0; group < groups; group++) {
      for (int i = 0; i < seeds; i++) {
        for (int j = 0; j < seeds; j++) {
          boolean ranked =
              i == j
                  || (rewards[group * seeds + j] < rewards[group * seeds + i]
                      && rewards[group * seeds + j] <= rewards[group * seeds + i] - margin);
          mask[(group * seeds + i) * seeds + j] = ranked ? 0 : EXCLUDED;
        }
      }
    }
    NDArray logits =
        Scaling.times(scores.reshape(groups, 1, seeds), 1 / temperature)
            .add(manager.create(mask, new Shape(groups, seeds, seeds)));
    NDArray own = manager.eye(seeds).reshape(1, seeds, seeds);
    return Scaling.times(logits.logSoftmax(2).mul(own).sum(), -1.0 / (groups * seeds));
  }

  /**
   * Gaussian likelihood of the residuals r of scores and rewards less their prompt's means: the
   * mean of {@code (r^2 exp(-v) + v) / 2}. It ignores differences between prompts, and fits v, the
   * logarithm of the expected squared error.
   *
   * @param scores {@code [groups * seeds]}, prompt by prompt
   * @param logVariances {@code [groups * seeds]}
   */
  static NDArray likelihood(
      NDArray scores,
      NDArray logVariances,
      float[] rewards,
      int groups,
      int seeds,
      NDManager manager) {
    NDArray residual =
        centred(manager.create(rewards), groups, seeds).sub(centred(scores, groups, seeds));
    NDArray variances = logVariances.reshape(groups, seeds);
    return Scaling.times(residual.square().mul(variances.neg().exp()).add(variances).mean(), 0.5);
  }

  /**
   * One minus the mean over prompts of the correlation (Pearson) of scores and rewards.
   *
   * @param scores {@code [groups * seeds]}, prompt by prompt
   */
  static NDArray correlation(
      NDArray scores, float[] rewards, int groups, int seeds, NDManager manager) {
    NDArray x = centred(scores, groups, seeds);
    NDArray y = centred(manager.create(rewards), groups, seeds);
    int[] within = {1};
    NDArray norms = x.square().sum(within).mul(y.square().sum(within)).add(1e-8f).sqrt();
    return x.mul(y).sum(within).div(norms).mean().neg().add(1);
  }

  private static NDArray centred(NDArray values, int groups, int seeds) {
    NDArray rows = values.reshape(groups, seeds);
    return rows.sub(rows.mean(new int[] {1}, true));
  }

  /**
   * Contrastive alignment (InfoNCE) of each candidate with its own prompt among the prompts of the
   * batch; candidates of the same prompt are not negatives of each other.
   *
   * @param candidates {@code [groups * seeds, d]}, unit length
   * @param prompts {@code [groups, d]}, unit length
   */
  static NDArray contrastive(
      NDArray candidates, NDArray prompts, int groups, int seeds, NDManager manager) {
    float[] own = new float[groups * seeds * groups];
    for (int row = 0; row < groups * seeds; row++) {
      own[row * groups + row / seeds] = 1;
    }
    NDArray logits =
        Scaling.times(candidates.matMul(prompts.transpose()), 1 / CONTRASTIVE_TEMPERATURE);
    NDArray chosen =
        logits.logSoftmax(1).mul(manager.create(own, new Shape((long) groups * seeds, groups)));
    return Scaling.times(chosen.sum(), -1.0 / (groups * seeds));
  }

  /** The mean squared difference. */
  static NDArray squared(NDArray prediction, NDArray target) {
    return prediction.sub(target).square().mean();
  }
}
