package io.github.probeselect.bundle;

/**
 * A module inside the denoiser whose output activation the exported model returns. The activation
 * is pooled to a fixed grid and projected to a fixed number of channels, whatever the image size.
 *
 * @param name the module path in the original network, such as {@code up_blocks.2.resnets.1}
 * @param channels channels after the projection
 * @param gridHeight rows after pooling
 * @param gridWidth columns after pooling
 */
public record Tap(String name, int channels, int gridHeight, int gridWidth) {

  /** The number of values of one candidate: {@code channels * gridHeight * gridWidth}. */
  public int count() {
    return channels * gridHeight * gridWidth;
  }
}
