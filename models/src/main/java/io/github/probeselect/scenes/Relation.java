package io.github.probeselect.scenes;

/** How the first object of a prompt stands to the second. */
public enum Relation {
  /** Left of the second. */
  LEFT_OF(1, 0),
  /** Right of the second. */
  RIGHT_OF(-1, 0),
  /** Above the second. */
  ABOVE(0, 1),
  /** Below the second. */
  BELOW(0, -1);

  /** Centres this far apart, in pixels, stand in a relation beyond doubt. */
  private static final double CLEAR = 5;

  private final int towardsX;
  private final int towardsY;

  Relation(int towardsX, int towardsY) {
    this.towardsX = towardsX;
    this.towardsY = towardsY;
  }

  /**
   * How far two objects stand in this relation, in [0, 1].
   *
   * @param dx pixels from the first centre to the second, to the right
   * @param dy pixels from the first centre to the second, downwards
   */
  double likelihood(double dx, double dy) {
    double along = towardsX * dx + towardsY * dy;
    return Ramp.smooth(-CLEAR / 2, CLEAR, along);
  }
}
