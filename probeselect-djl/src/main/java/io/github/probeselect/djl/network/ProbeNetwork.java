package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The probe: a transformer over the cells of the activation grid that also reads the prompt.
 *
 * <ul>
 *   <li>decoder: a few convolutions that decode the x0 prediction to a small image, far cheaper
 *       than the model's own decoder
 *   <li>trunk: stacked taps, folded x0 prediction and that picture to cells {@code [N, h*w, d]},
 *       each block attending to the other cells and to the prompt's tokens
 *   <li>dense head: what the cells add to that picture to get the finished image, which the metrics
 *       then score
 *   <li>one head per metric: corrects that score, and estimates its error
 *   <li>alignment: the mean activation and the mean token in one space, for the contrastive loss
 * </ul>
 *
 * A pure function of weights and inputs; results belong to the manager of the first input.
 */
public final class ProbeNetwork {

  private static final float EPSILON = 1e-5f;

  /** The log variance is clipped to this absolute value. */
  private static final double LOG_VARIANCE_LIMIT = 6;

  private final ProbeShape shape;
  private final ProbeWeights weights;

  /** Creates a network with the given weights. */
  public ProbeNetwork(ProbeShape shape, ProbeWeights weights) {
    this.shape = shape;
    this.weights = weights;
  }

  /**
   * The input of the trunk: the grid and, if an image is predicted, the small decoder's image.
   *
   * @param grid {@code [N, inputChannels, h, w]}
   * @return {@code [N, stemChannels, h, w]}
   */
  public NDArray input(NDArray grid) {
    if (!shape.picture()) {
      return grid;
    }
    return result(
        () -> {
          NDArray folded = grid.get(new NDIndex(":, " + shape.inputs().tapChannels() + ":"));
          return NDArrays.concat(new NDList(grid, preview(folded)), 1);
        });
  }

  /**
   * Decodes x0 predictions to small images.
   *
   * @param folded {@code [N, foldedChannels, h, w]}
   * @return {@code [N, targetChannels, h, w]}, each cell a patch, mostly in [0, 1]
   */
  public NDArray preview(NDArray folded) {
    long rows = folded.getShape().get(0);
    int fold = ProbeInputs.FOLD;
    int pixels = ProbeShape.TARGET_FOLD / fold;
    long height = (long) shape.gridHeight() * fold;
    long width = (long) shape.gridWidth() * fold;
    NDArray latents =
        folded
            .reshape(
                new Shape(
                    rows,
                    shape.inputs().latentChannels(),
                    fold,
                    fold,
                    shape.gridHeight(),
                    shape.gridWidth()))
            .transpose(0, 1, 4, 2, 5, 3)
            .reshape(new Shape(rows, shape.inputs().latentChannels(), height, width));
    NDArray x = convolve(latents, "decoder.first");
    x = x.add(convolve(Activation.gelu(x), "decoder.second"));
    x = x.add(convolve(Activation.gelu(x), "decoder.third"));
    NDArray picture =
        convolve(Activation.gelu(x), "decoder.last")
            .add(0.5f)
            .reshape(new Shape(rows, 3, pixels, pixels, height, width))
            .transpose(0, 1, 4, 2, 5, 3);
    int target = ProbeShape.TARGET_FOLD;
    return picture
        .reshape(new Shape(rows, 3, shape.gridHeight(), target, shape.gridWidth(), target))
        .transpose(0, 1, 3, 5, 2, 4)
        .reshape(new Shape(rows, shape.targetChannels(), shape.gridHeight(), shape.gridWidth()));
  }

  private NDArray convolve(NDArray x, String name) {
    return Conv2d.conv2d(
            x,
            weights.get(name + ".weight"),
            weights.get(name + ".bias"),
            new Shape(1, 1),
            new Shape(1, 1),
            new Shape(1, 1))
        .singletonOrThrow();
  }

  /**
   * Reads the input.
   *
   * @param input {@code [N, stemChannels, h, w]}
   * @param fractionDone {@code [N, 1]}
   * @param tokens {@code [N, tokens, d]}
   * @return cells {@code [N, h*w, d]}
   */
  public NDArray cells(NDArray input, NDArray fractionDone, NDArray tokens) {
    NDArray fraction =
        linear(Activation.gelu(linear(fractionDone, "fraction.first")), "fraction.second");
    NDArray x = result(() -> stem(input).add(weights.get("position")).add(fraction.expandDims(1)));
    for (int i = 0; i < shape.blocks(); i++) {
      String block = "block" + i;
      NDArray before = x;
      x = result(() -> block(before, tokens, block));
    }
    return normalize(x, "norm");
  }

  private NDArray block(NDArray cells, NDArray tokens, String name) {
    NDArray own = normalize(cells, name + ".self.norm");
    NDArray x = cells.add(attend(own, own, name + ".self"));
    x = x.add(attend(normalize(x, name + ".text.norm"), tokens, name + ".text"));
    NDArray inner = linear(normalize(x, name + ".norm"), name + ".first");
    return x.add(linear(Activation.gelu(inner), name + ".second"));
  }

  /** The linear projection of the input's cells, {@code [N, h*w, d]}. */
  private NDArray stem(NDArray input) {
    return linear(byCell(input), "stem");
  }

  /** Planes {@code [N, channels, h, w]} to cells {@code [N, h*w, channels]}. */
  private NDArray byCell(NDArray planes) {
    long rows = planes.getShape().get(0);
    return planes.reshape(rows, -1, shape.cells()).transpose(0, 2, 1);
  }

  /**
   * Reads prompt embeddings.
   *
   * @param embedding {@code [P, tokens, promptChannels]}
   * @return tokens {@code [P, tokens, d]}
   */
  public NDArray tokens(NDArray embedding) {
    return normalize(linear(embedding, "prompt"), "prompt.norm");
  }

  /**
   * Predicts the dense target.
   *
   * @param input {@code [N, stemChannels, h, w]}
   * @param cells the cells of that input
   * @return {@code [N, h*w, targetChannels]}
   */
  public NDArray dense(NDArray input, NDArray cells) {
    NDArray preview = input.get(new NDIndex(":, " + shape.inputChannels() + ":"));
    return byCell(preview).add(linear(cells, "picture"));
  }

  /**
   * The predicted finished image as planes, {@code [N, 3, targetHeight, targetWidth]}, mostly in
   * [0, 1].
   */
  public NDArray picture(NDArray input, NDArray cells) {
    long rows = cells.getShape().get(0);
    int fold = ProbeShape.TARGET_FOLD;
    return dense(input, cells)
        .reshape(new Shape(rows, shape.gridHeight(), shape.gridWidth(), 3, fold, fold))
        .transpose(0, 3, 1, 4, 2, 5)
        .reshape(new Shape(rows, 3, shape.targetHeight(), shape.targetWidth()));
  }

  /** The predicted finished images, one per row. */
  public List<RgbImage> pictures(NDArray input, NDArray cells) {
    int size = 3 * shape.targetHeight() * shape.targetWidth();
    float[] planes = picture(input, cells).toFloatArray();
    List<RgbImage> pictures = new ArrayList<>();
    for (int from = 0; from < planes.length; from += size) {
      float[] picture = Arrays.copyOfRange(planes, from, from + size);
      pictures.add(RgbImage.ofPlanes(shape.targetWidth(), shape.targetHeight(), picture));
    }
    return pictures;
  }

  /**
   * Scores by one metric: its score of the predicted picture, weighted, and a correction.
   *
   * @param metric one of the shape's metrics
   * @param pictureReward {@code [N]}, standardised; zeros if no image is predicted
   * @param cells {@code [N, h*w, d]}
   */
  public ScoreTensors score(String metric, NDArray pictureReward, NDArray cells) {
    String head = "head." + metric;
    NDArray found =
        result(
            () -> {
              NDArray share = linear(cells, head + ".pool").softmax(1);
              return cells.mul(share).sum(new int[] {1});
            });
    NDArray seen = NDArrays.concat(new NDList(found, pictureReward.expandDims(1)), 1);
    NDArray out = linear(Activation.gelu(linear(seen, head + ".first")), head + ".second");
    return new ScoreTensors(
        pictureReward.mul(weights.get(head + ".blend")).add(out.get(":, 0")),
        out.get(":, 1").clip(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT));
  }

  /**
   * The output of a head, standardised.
   *
   * @param score {@code [N]}
   * @param logVariance the logarithm of the expected squared error of each score, {@code [N]}
   */
  public record ScoreTensors(NDArray score, NDArray logVariance) {}

  /**
   * The embeddings of inputs in the common space of the contrastive loss, {@code [N, d]}, unit
   * length.
   */
  public NDArray alignInput(NDArray input) {
    return unit(linear(Activation.gelu(stem(input)).mean(new int[] {1}), "align.grid"));
  }

  /**
   * The embeddings of prompts in the common space of the contrastive loss, {@code [P, d]}, unit
   * length.
   */
  public NDArray alignTokens(NDArray tokens) {
    return unit(linear(tokens.mean(new int[] {1}), "align.text"));
  }

  private NDArray attend(NDArray from, NDArray to, String name) {
    return result(() -> attention(from, to, name));
  }

  private NDArray attention(NDArray from, NDArray to, String name) {
    NDArray query = heads(linear(from, name + ".query"));
    NDArray key = heads(linear(to, name + ".key"));
    NDArray value = heads(linear(to, name + ".value"));
    double scale = 1 / Math.sqrt((double) shape.width() / shape.heads());
    NDArray weight = Scaling.times(query.matMul(key.transpose(0, 1, 3, 2)), scale).softmax(3);
    NDArray mixed = weight.matMul(value).transpose(0, 2, 1, 3);
    long rows = from.getShape().get(0);
    return linear(mixed.reshape(rows, -1, shape.width()), name + ".output");
  }

  private NDArray heads(NDArray x) {
    long rows = x.getShape().get(0);
    return x.reshape(rows, -1, shape.heads(), shape.width() / shape.heads()).transpose(0, 2, 1, 3);
  }

  private NDArray linear(NDArray x, String name) {
    return Linear.linear(x, weights.get(name + ".weight"), weights.get(name + ".bias"))
        .singletonOrThrow();
  }

  private NDArray normalize(NDArray x, String name) {
    NDList normalized =
        LayerNorm.layerNorm(
            x,
            new Shape(shape.width()),
            weights.get(name + ".gamma"),
            weights.get(name + ".beta"),
            EPSILON);
    return normalized.singletonOrThrow();
  }

  /**
   * Returns the result of {@code work} and releases all its intermediate arrays, so that memory
   * holds one layer at a time.
   */
  private static NDArray result(Supplier<NDArray> work) {
    NDArray result;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      result = work.get();
      NDScope.unregister(result);
    }
    NDScope.register(result); // with the scope around this one, if there is one
    return result;
  }

  private static NDArray unit(NDArray x) {
    return x.div(x.square().sum(new int[] {-1}, true).add(1e-8f).sqrt());
  }
}
