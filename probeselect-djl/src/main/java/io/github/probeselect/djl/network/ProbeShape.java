package io.github.probeselect.djl.network;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.error.InvalidRequestException;
import java.util.List;
import java.util.Set;

/**
 * What a probe takes and how large it is.
 *
 * @param taps the activations it reads, all on the same grid
 * @param latentChannels channels of the x0 prediction, which is read folded onto the same grid
 * @param promptTokens rows of the prompt embedding
 * @param promptChannels columns of the prompt embedding
 * @param metrics the metrics it predicts, one head each; the first is the one that selects
 * @param width channels inside the network
 * @param heads attention heads; divides {@code width}
 * @param blocks transformer blocks
 * @param picture whether it predicts the finished image, which its metrics then judge: its own
 *     decoder makes a small picture of the x0 prediction, and the network corrects that
 */
public record ProbeShape(
    List<Tap> taps,
    int latentChannels,
    int promptTokens,
    int promptChannels,
    List<String> metrics,
    int width,
    int heads,
    int blocks,
    boolean picture) {

  /** How many cells of the x0 prediction fall on one grid cell along each side. */
  public static final int FOLD = 2;

  /** Image pixels of the dense target on one grid cell along each side. */
  public static final int TARGET_FOLD = 8;

  /** Channels inside the small decoder of the x0 prediction. */
  public static final int DECODER_WIDTH = 64;

  /** Copies the lists. */
  public ProbeShape {
    taps = List.copyOf(taps);
    metrics = List.copyOf(metrics);
  }

  /**
   * The shape of a probe that reads all taps of a bundle.
   *
   * @throws InvalidRequestException if no network of that shape can be built
   */
  public static ProbeShape of(
      BundleManifest bundle,
      List<String> metrics,
      int width,
      int heads,
      int blocks,
      boolean picture) {
    List<Tap> taps = bundle.taps().stream().map(BundleManifest.TapSpec::toTap).toList();
    return of(bundle, taps, metrics, width, heads, blocks, picture);
  }

  /**
   * The shape of a probe that reads the given taps.
   *
   * @throws InvalidRequestException if no network of that shape can be built
   */
  public static ProbeShape of(
      BundleManifest bundle,
      List<Tap> taps,
      List<String> metrics,
      int width,
      int heads,
      int blocks,
      boolean picture) {
    List<Integer> prompt = bundle.promptEmbeddingShape();
    ProbeShape shape =
        new ProbeShape(
            taps,
            bundle.latents().channels(),
            prompt.get(0),
            prompt.get(1),
            metrics,
            width,
            heads,
            blocks,
            picture);
    if (!shape.fitsTogether()) {
      throw new InvalidRequestException(
          "a probe needs taps on one grid, heads that divide its width, blocks and metrics, got "
              + shape);
    }
    return shape;
  }

  /**
   * Whether a network of this shape can be built: taps on one grid, heads that divide the width,
   * different metrics.
   */
  public boolean fitsTogether() {
    return !taps.isEmpty()
        && taps.stream()
            .allMatch(
                tap ->
                    tap.gridHeight() == taps.get(0).gridHeight()
                        && tap.gridWidth() == taps.get(0).gridWidth())
        && heads > 0
        && width > 0
        && width % heads == 0
        && blocks > 0
        && !metrics.isEmpty()
        && Set.copyOf(metrics).size() == metrics.size();
  }

  /** Rows of the grid. */
  public int gridHeight() {
    return taps.get(0).gridHeight();
  }

  /** Columns of the grid. */
  public int gridWidth() {
    return taps.get(0).gridWidth();
  }

  /** Cells of the grid. */
  public int cells() {
    return gridHeight() * gridWidth();
  }

  /** Channels of all taps. */
  public int tapChannels() {
    return taps.stream().mapToInt(Tap::channels).sum();
  }

  /** Channels of the folded x0 prediction. */
  public int foldedChannels() {
    return latentChannels * FOLD * FOLD;
  }

  /** Channels of the stacked input: all taps, then the folded x0 prediction. */
  public int inputChannels() {
    return tapChannels() + foldedChannels();
  }

  /** Channels that the first layer reads: the stacked input, then the small decoder's picture. */
  public int stemChannels() {
    return inputChannels() + (picture ? targetChannels() : 0);
  }

  /** Values per cell of the dense target, a small picture of the finished image. */
  public int targetChannels() {
    return 3 * TARGET_FOLD * TARGET_FOLD;
  }

  /** Columns of the picture that the dense head predicts, in pixels. */
  public int targetWidth() {
    return gridWidth() * TARGET_FOLD;
  }

  /** Rows of the picture that the dense head predicts, in pixels. */
  public int targetHeight() {
    return gridHeight() * TARGET_FOLD;
  }
}
