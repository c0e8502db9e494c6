package io.github.probeselect.scenes;

/** The colours of objects, with the sRGB values in which they are drawn, give or take a jitter. */
public enum ObjectColour {
  /** Red, 215 40 40. */
  RED(215, 40, 40),
  /** Orange, 245 140 30. */
  ORANGE(245, 140, 30),
  /** Yellow, 245 220 50. */
  YELLOW(245, 220, 50),
  /** Green, 45 155 65. */
  GREEN(45, 155, 65),
  /** Blue, 45 80 215. */
  BLUE(45, 80, 215),
  /** Purple, 135 60 175. */
  PURPLE(135, 60, 175),
  /** White, 250 250 250. */
  WHITE(250, 250, 250),
  /** Black, 25 25 25. */
  BLACK(25, 25, 25);

  private final int red;
  private final int green;
  private final int blue;

  ObjectColour(int red, int green, int blue) {
    this.red = red;
    this.green = green;
    this.blue = blue;
  }

  /** Where the colour lies in L*a*b*. */
  Lab lab() {
    return Lab.ofRgb(red, green, blue);
  }
}
