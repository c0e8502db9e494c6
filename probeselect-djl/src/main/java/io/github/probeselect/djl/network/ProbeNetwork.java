package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The probe: a convolutional trunk over the activation grid, and the prompt's tokens attending to
 * it.
 *
 * <ul>
 *   <li>trunk: stacked taps and folded x0 prediction {@code [N, C, h, w]} to cells {@code [N, h*w,
 *       d]}
 *   <li>dense head: cells to a small picture of the finished image, which the metric then judges
 *   <li>match: the prompt's tokens attend to the cells, and what they find corrects that judgement
 *   <li>alignment: mean cell and mean token in one space, for the contrastive loss
 * </ul>
 *
 * A pure function of weights and inputs; results belong to the manager of the first input.
 */
public final class ProbeNetwork {

  /** Residual blocks of the trunk. */
  static final int BLOCKS = 2;

  private static final float EPSILON = 1e-5f;

  private final ProbeShape shape;
  private final ProbeWeights weights;

  /** Makes a network of the given weights. */
  public ProbeNetwork(ProbeShape shape, ProbeWeights weights) {
    this.shape = shape;
    this.weights = weights;
  }

  /**
   * Reads the grid.
   *
   * @param grid {@code [N, inputChannels, h, w]}
   * @param fractionDone {@code [N, 1]}
   * @return cells {@code [N, h*w, d]}
   */
  public NDArray cells(NDArray grid, NDArray fractionDone) {
    NDArray x = convolve(grid, "stem");
    for (int block = 0; block < BLOCKS; block++) {
      NDArray inner = convolve(Activation.gelu(x), "block" + block + ".first");
      x = x.add(convolve(Activation.gelu(inner), "block" + block + ".second"));
    }
    NDArray cells = x.reshape(x.getShape().get(0), shape.width(), shape.cells()).transpose(0, 2, 1);
    NDArray fraction = linear(fractionDone, "fraction").expandDims(1);
    return normalize(cells.add(weights.get("position")).add(fraction), "grid.norm");
  }

  /** Predicts the dense target, {@code [N, h*w, targetChannels]}, from cells. */
  public NDArray dense(NDArray cells) {
    return linear(Activation.gelu(linear(cells, "dense.first")), "dense.second");
  }

  /**
   * Reads prompt embeddings.
   *
   * @param embedding {@code [P, tokens, promptChannels]}
   * @return tokens {@code [P, tokens, d]}
   */
  public NDArray tokens(NDArray embedding) {
    return normalize(linear(embedding, "text").add(weights.get("text.position")), "text.norm");
  }

  /** The predicted finished images, one per row of cells. */
  public List<RgbImage> pictures(NDArray cells) {
    int size = 3 * shape.targetHeight() * shape.targetWidth();
    float[] planes = picture(cells).toFloatArray();
    List<RgbImage> pictures = new ArrayList<>();
    for (int from = 0; from < planes.length; from += size) {
      float[] picture = Arrays.copyOfRange(planes, from, from + size);
      pictures.add(RgbImage.ofPlanes(shape.targetWidth(), shape.targetHeight(), picture));
    }
    return pictures;
  }

  /**
   * The predicted finished image as planes, {@code [N, 3, targetHeight, targetWidth]}, mostly in
   * [0, 1].
   */
  public NDArray picture(NDArray cells) {
    long rows = cells.getShape().get(0);
    int fold = ProbeShape.TARGET_FOLD;
    return dense(cells)
        .reshape(new Shape(rows, shape.gridHeight(), shape.gridWidth(), 3, fold, fold))
        .transpose(0, 3, 1, 4, 2, 5)
        .reshape(new Shape(rows, 3, shape.targetHeight(), shape.targetWidth()));
  }

  /**
   * The score: what the metric says of the predicted picture, weighed, and what the prompt's tokens
   * find in the cells.
   *
   * @param pictureReward {@code [M]}, standardised
   * @return {@code [M]}, standardised
   */
  public NDArray score(NDArray pictureReward, NDArray cells, NDArray tokens) {
    return pictureReward.mul(weights.get("blend")).add(match(cells, tokens));
  }

  /**
   * Scores pairs of cells and tokens, row by row.
   *
   * @param cells {@code [M, h*w, d]}
   * @param tokens {@code [M, tokens, d]}
   * @return scores {@code [M]}
   */
  public NDArray match(NDArray cells, NDArray tokens) {
    NDArray x = tokens;
    for (int layer = 0; layer < shape.layers(); layer++) {
      String name = "layer" + layer;
      x = normalize(x.add(attend(x, cells, name)), name + ".norm");
      NDArray inner = Activation.gelu(linear(x, name + ".first"));
      x = normalize(x.add(linear(inner, name + ".second")), name + ".norm2");
    }
    NDArray share = linear(x, "pool").softmax(1);
    NDArray found = x.mul(share).sum(new int[] {1});
    NDArray score = linear(Activation.gelu(linear(found, "head.first")), "head.second");
    return score.reshape(-1);
  }

  /** Where cells lie in the common space of the contrastive loss, {@code [N, d]}, unit length. */
  public NDArray alignCells(NDArray cells) {
    return unit(linear(cells.mean(new int[] {1}), "align.grid"));
  }

  /** Where prompts lie in the common space of the contrastive loss, {@code [P, d]}, unit length. */
  public NDArray alignTokens(NDArray tokens) {
    return unit(linear(tokens.mean(new int[] {1}), "align.text"));
  }

  private NDArray attend(NDArray tokens, NDArray cells, String layer) {
    NDArray query = heads(linear(tokens, layer + ".query"));
    NDArray key = heads(linear(cells, layer + ".key"));
    NDArray value = heads(linear(cells, layer + ".value"));
    double scale = 1 / Math.sqrt((double) shape.width() / shape.heads());
    NDArray weight = query.matMul(key.transpose(0, 1, 3, 2)).mul(scale).softmax(3);
    NDArray mixed = weight.matMul(value).transpose(0, 2, 1, 3);
    long rows = tokens.getShape().get(0);
    return linear(mixed.reshape(rows, -1, shape.width()), layer + ".output");
  }

  private NDArray heads(NDArray x) {
    long rows = x.getShape().get(0);
    return x.reshape(rows, -1, shape.heads(), shape.width() / shape.heads()).transpose(0, 2, 1, 3);
  }

  private NDArray convolve(NDArray x, String name) {
    return Conv2d.conv2d(
            x,
            weights.get(name + ".weight"),
            weights.get(name + ".bias"),
            new Shape(1, 1),
            new Shape(1, 1))
        .singletonOrThrow();
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

  private static NDArray unit(NDArray x) {
    return x.div(x.square().sum(new int[] {-1}, true).add(1e-8f).sqrt());
  }
}
