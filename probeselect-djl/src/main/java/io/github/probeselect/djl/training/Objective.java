package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.network.PixelUnshuffle;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.Scaling;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The losses of the parts of a training. */
final class Objective {

  private final TrainingData training;
  private final Previews previews;
  private final ImageScorer scorer;
  private final TrainingSettings.Terms terms;
  private final ProbeShape shape;
  private final Map<String, Scale> scales;

  Objective(
      TrainingData training, Previews previews, ImageScorer scorer, TrainingSettings.Terms terms) {
    this.training = training;
    this.previews = previews;
    this.scorer = scorer;
    this.terms = terms;
    this.shape = training.shape();
    this.scales = training.scales();
  }

  ProbeShape shape() {
    return shape;
  }

  /** How many examples an epoch of a part has: x0 predictions with their images, or prompts. */
  int examples(Part part) {
    return part == Part.PREVIEW ? previews.pairs().size() : training.prompts();
  }

  /**
   * The loss of a part on chosen examples.
   *
   * @param done the finished share of the part
   */
  NDArray loss(
      Part part,
      ProbeNetwork network,
      List<Integer> chosen,
      double done,
      Random random,
      NDManager local) {
    return switch (part) {
      case PREVIEW -> preview(network, chosen, local);
      case PICTURE -> picture(network, chosen, random, local);
      case RANKING -> ranking(network, chosen, done, random, local);
    };
  }

  /**
   * The mean absolute difference of the small decoder's images from the model's, on the chosen x0
   * predictions.
   */
  private NDArray preview(ProbeNetwork network, List<Integer> chosen, NDManager local) {
    int rows = chosen.size();
    int cells = shape.cells();
    float[] folded = new float[rows * shape.inputs().foldedChannels() * cells];
    float[] pictures = new float[rows * shape.targetChannels() * cells];
    for (int row = 0; row < rows; row++) {
      Previews.Pair pair = previews.pairs().get(chosen.get(row));
      System.arraycopy(pair.folded(), 0, folded, row * pair.folded().length, pair.folded().length);
      PixelUnshuffle.putPicture(pair.picture(), pictures, row * pair.picture().length);
    }
    long height = shape.gridHeight();
    long width = shape.gridWidth();
    NDArray made =
        network.preview(
            local.create(folded, new Shape(rows, shape.inputs().foldedChannels(), height, width)));
    NDArray right = local.create(pictures, new Shape(rows, shape.targetChannels(), height, width));
    return made.sub(right).abs().mean();
  }

  /**
   * The mean squared difference of the predicted from the finished images of the chosen prompts,
   * with the contrastive term.
   */
  private NDArray picture(
      ProbeNetwork network, List<Integer> chosen, Random random, NDManager local) {
    Batch batch = batch(chosen, random, local);
    NDArray tokens = network.tokens(batch.prompts);
    NDArray input = network.input(batch.grid);
    NDArray cells = network.cells(input, batch.fraction, tokens.get(batch.promptOf));
    NDArray loss = Losses.squared(network.dense(input, cells), batch.target);
    return withContrastive(loss, network, batch, input, tokens, local);
  }

  /**
   * The loss of the heads on the chosen prompts.
   *
   * @param done the finished share of the training
   */
  private NDArray ranking(
      ProbeNetwork network, List<Integer> chosen, double done, Random random, NDManager local) {
    Batch batch = batch(chosen, random, local);
    NDArray tokens = network.tokens(batch.prompts);
    NDArray input = network.input(batch.grid);
    NDArray cells = network.cells(input, batch.fraction, tokens.get(batch.promptOf));
    NDArray loss = local.create(0f);
    for (int metric = 0; metric < shape.metrics().size(); metric++) {
      ProbeNetwork.ScoreTensors scores = scorer.score(network, metric, batch, input, cells, local);
      loss = loss.add(headLoss(scores, batch.scores.get(metric), batch, done, local));
    }
    return shape.picture() ? loss : withContrastive(loss, network, batch, input, tokens, local);
  }

  private NDArray headLoss(
      ProbeNetwork.ScoreTensors scores,
      float[] rewards,
      Batch batch,
      double done,
      NDManager local) {
    int groups = batch.groups;
    int seeds = batch.seeds;
    NDArray score = scores.score();
    NDArray loss = local.create(0f);
    if (terms.ranking() > 0) {
      double temperature = Math.pow(0.1, done);
      double margin = 0.4 * (1 - done);
      NDArray term = Losses.ranking(score, rewards, groups, seeds, temperature, margin, local);
      loss = loss.add(Scaling.times(term, terms.ranking()));
    }
    if (terms.likelihood() > 0) {
      NDArray term = Losses.likelihood(score, scores.logVariance(), rewards, groups, seeds, local);
      loss = loss.add(Scaling.times(term, terms.likelihood()));
    }
    if (terms.correlation() > 0) {
      NDArray term = Losses.correlation(score, rewards, groups, seeds, local);
      loss = loss.add(Scaling.times(term, terms.correlation()));
    }
    return loss;
  }

  private NDArray withContrastive(
      NDArray loss,
      ProbeNetwork network,
      Batch batch,
      NDArray input,
      NDArray tokens,
      NDManager local) {
    if (terms.contrastive() == 0) {
      return loss;
    }
    NDArray contrastive =
        Losses.contrastive(
            network.alignInput(input),
            network.alignTokens(tokens),
            batch.groups,
            batch.seeds,
            local);
    return loss.add(Scaling.times(contrastive, terms.contrastive()));
  }

  /** A batch in which each prompt is used at a random fraction. */
  private Batch batch(List<Integer> chosen, Random random, NDManager local) {
    int[] times = random.ints(training.prompts(), 0, training.fractions().size()).toArray();
    return new Batch(training, chosen, i -> times[i], scales, local);
  }
}
