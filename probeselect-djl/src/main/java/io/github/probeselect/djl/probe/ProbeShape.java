package io.github.probeselect.djl.probe;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.error.InvalidRequestException;
import java.util.List;
import java.util.Set;

/**
 * The inputs and the size of the library's own probe network.
 *
 * @param inputs its inputs
 * @param metrics the metrics it predicts, one head each; the first is the selecting metric, whose
 *     predictions are the scores
 * @param width channels inside the network
 * @param heads attention heads; divides {@code width}
 * @param blocks transformer blocks
 * @param picture whether it predicts the finished image, which its metrics then score: its own
 *     decoder decodes the x0 prediction to a small image, and the network corrects that
 */
public record ProbeShape(
    ProbeInputs inputs, List<String> metrics, int width, int heads, int blocks, boolean picture) {

  /** Image pixels of the dense target on one grid cell along each side. */
  public static final int TARGET_FOLD = 8;

  /** Channels inside the small decoder of the x0 prediction. */
  public static final int DECODER_WIDTH = 64;

  /** The default number of channels inside the network. */
  public static final int WIDTH = 96;

  /** The default number of attention heads. */
  public static final int HEADS = 4;

  /** The default number of transformer blocks. */
  public static final int BLOCKS = 3;

  /** Copies the list. */
  public ProbeShape {
    metrics = List.copyOf(metrics);
  }

  /**
   * The shape of a probe of the usual size that reads all taps of a bundle.
   *
   * @throws InvalidRequestException if no network of that shape can be built
   */
  public static ProbeShape of(BundleManifest bundle, List<String> metrics, boolean picture) {
    return of(bundle, metrics, WIDTH, HEADS, BLOCKS, picture);
  }

  /**
   * The shape of a probe of the usual size that reads the given taps.
   *
   * @throws InvalidRequestException if no network of that shape can be built
   */
  public static ProbeShape of(
      BundleManifest bundle, List<Tap> taps, List<String> metrics, boolean picture) {
    return of(bundle, taps, metrics, WIDTH, HEADS, BLOCKS, picture);
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
    List<Tap> taps = bundle.taps();
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
    ProbeShape shape =
        new ProbeShape(ProbeInputs.of(bundle, taps), metrics, width, heads, blocks, picture);
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
    return inputs.fitTogether()
        && heads > 0
        && width > 0
        && width % heads == 0
        && blocks > 0
        && !metrics.isEmpty()
        && Set.copyOf(metrics).size() == metrics.size();
  }

  /** Rows of the grid. */
  public int gridHeight() {
    return inputs.gridHeight();
  }

  /** Columns of the grid. */
  public int gridWidth() {
    return inputs.gridWidth();
  }

  /** Cells of the grid. */
  public int cells() {
    return inputs.cells();
  }

  /** Channels of the stacked input: all taps, then the pixel-unshuffled x0 prediction. */
  public int inputChannels() {
    return inputs.inputChannels();
  }

  /** Channels of the first layer's input: the stacked input, then the small decoder's image. */
  public int stemChannels() {
    return inputChannels() + (picture ? targetChannels() : 0);
  }

  /** Values per cell of the dense target, a small version of the finished image. */
  public int targetChannels() {
    return 3 * TARGET_FOLD * TARGET_FOLD;
  }

  /** Columns of the image that the dense head predicts, in pixels. */
  public int targetWidth() {
    return gridWidth() * TARGET_FOLD;
  }

  /** Rows of the image that the dense head predicts, in pixels. */
  public int targetHeight() {
    return gridHeight() * TARGET_FOLD;
  }
}
