package io.github.probeselect.scenes;

/** The colours of backgrounds, with the sRGB values in which they are drawn. */
public enum BackgroundColour {
  /** Gray, 150 150 150. */
  GRAY(150, 150, 150),
  /** Pink, 245 185 205. */
  PINK(245, 185, 205),
  /** Cyan, 160 220 230. */
  CYAN(160, 220, 230),
  /** Tan, 205 180 145. */
  TAN(205, 180, 145);

  private final int red;
  private final int green;
  private final int blue;

  BackgroundColour(int red, int green, int blue) {
    this.red = red;
    this.green = green;
    this.blue = blue;
  }

  /** Where the colour lies in L*a*b*. */
  Lab lab() {
    return Lab.ofRgb(red, green, blue);
  }
}
