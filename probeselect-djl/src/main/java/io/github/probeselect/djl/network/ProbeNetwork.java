package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The probe: a transformer over the cells of the activation grid that also reads the prompt.
 *
 * <ul>
 *   <li>trunk: stacked taps and folded x0 prediction {@code [N, C, h, w]} to cells {@code [N, h*w,
 *       d]}, each block attending to the other cells and to the prompt's tokens
 *   <li>dense head: cells to a small picture of the finished image, which the metrics then judge
 *   <li>one head per metric: corrects that judgement, and says how far off it may be
 *   <li>alignment: the mean activation and the mean token in one space, for the contrastive loss
 * </ul>
 *
 * A pure function of weights and inputs; results belong to the manager of the first input.
 */
public final class ProbeNetwork {

  private static final float EPSILON = 1e-5f;

  /** A variance beyond these, on a logarithmic scale, is no longer told apart. */
  private static final double LOG_VARIANCE_LIMIT = 6;

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
   * @param tokens {@code [N, tokens, d]}
   * @return cells {@code [N, h*w, d]}
   */
  public NDArray cells(NDArray grid, NDArray fractionDone, NDArray tokens) {
    NDArray fraction =
        linear(Activation.gelu(linear(fractionDone, "fraction.first")), "fraction.second");
    NDArray x = stem(grid).add(weights.get("position")).add(fraction.expandDims(1));
    for (int i = 0; i < shape.blocks(); i++) {
      String block = "block" + i;
      NDArray own = normalize(x, block + ".self.norm");
      x = x.add(attend(own, own, block + ".self"));
      x = x.add(attend(normalize(x, block + ".text.norm"), tokens, block + ".text"));
      NDArray inner = linear(normalize(x, block + ".norm"), block + ".first");
      x = x.add(linear(Activation.gelu(inner), block + ".second"));
    }
    return normalize(x, "norm");
  }

  /** The grid's cells before anything else is known, {@code [N, h*w, d]}. */
  private NDArray stem(NDArray grid) {
    long rows = grid.getShape().get(0);
    return linear(
        grid.reshape(rows, shape.inputChannels(), shape.cells()).transpose(0, 2, 1), "stem");
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

  /** Predicts the dense target, {@code [N, h*w, targetChannels]}, from cells. */
  public NDArray dense(NDArray cells) {
    return linear(cells, "picture");
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
   * Judges by one metric: what it says of the predicted picture, weighed, and a correction.
   *
   * @param metric one of the shape's metrics
   * @param pictureReward {@code [N]}, standardised; zeros if no picture is predicted
   * @param cells {@code [N, h*w, d]}
   */
  public Judgement judge(String metric, NDArray pictureReward, NDArray cells) {
    String head = "head." + metric;
    NDArray share = linear(cells, head + ".pool").softmax(1);
    NDArray found = cells.mul(share).sum(new int[] {1});
    NDArray seen = NDArrays.concat(new NDList(found, pictureReward.expandDims(1)), 1);
    NDArray out = linear(Activation.gelu(linear(seen, head + ".first")), head + ".second");
    return new Judgement(
        pictureReward.mul(weights.get(head + ".blend")).add(out.get(":, 0")),
        out.get(":, 1").clip(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT));
  }

  /**
   * What a head says, standardised.
   *
   * @param score {@code [N]}
   * @param logVariance the logarithm of the expected squared error of each score, {@code [N]}
   */
  public record Judgement(NDArray score, NDArray logVariance) {}

  /** Where grids lie in the common space of the contrastive loss, {@code [N, d]}, unit length. */
  public NDArray alignGrid(NDArray grid) {
    return unit(linear(Activation.gelu(stem(grid)).mean(new int[] {1}), "align.grid"));
  }

  /** Where prompts lie in the common space of the contrastive loss, {@code [P, d]}, unit length. */
  public NDArray alignTokens(NDArray tokens) {
    return unit(linear(tokens.mean(new int[] {1}), "align.text"));
  }

  private NDArray attend(NDArray from, NDArray to, String name) {
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

  private static NDArray unit(NDArray x) {
    return x.div(x.square().sum(new int[] {-1}, true).add(1e-8f).sqrt());
  }
}
