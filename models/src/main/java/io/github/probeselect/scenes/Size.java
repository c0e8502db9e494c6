package io.github.probeselect.scenes;

/**
 * The sizes of objects. A prompt leaves {@link #MEDIUM} unnamed.
 *
 * <p>A size is a range of half extents in pixels: half the width of a circle, a triangle or a cross
 * of that size.
 */
public enum Size {
  /** About 7 pixels. */
  SMALL(6.3, 7.5),
  /** About 11 pixels, less in a crowd. */
  MEDIUM(9, 11.5),
  /** About 15 pixels. */
  LARGE(13.3, 15.3);

  /** Pixels beyond the range at which a half extent is halfway to another size. */
  private static final double TOLERANCE = 0.95;

  private final double smallest;
  private final double largest;

  Size(double smallest, double largest) {
    this.smallest = smallest;
    this.largest = largest;
  }

  /** How well a half extent in pixels fits this size, in [0, 1]. */
  double likelihood(double halfExtent) {
    double beyond = Math.max(0, Math.max(smallest - halfExtent, halfExtent - largest));
    return 1 - Ramp.smooth(0, 2 * TOLERANCE, beyond);
  }
}
