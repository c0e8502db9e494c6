package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.awt.Color;

/** A picture drawn object by object, for tests that vary one thing at a time. */
final class Canvas {

  static final Color RED = new Color(215, 40, 40);
  static final Color BLUE = new Color(45, 80, 215);
  static final Color WHITE = new Color(250, 250, 250);
  static final Color BLACK = new Color(25, 25, 25);
  static final Color GRAY_GROUND = new Color(150, 150, 150);
  static final Color PINK_GROUND = new Color(245, 185, 205);

  private final int width;
  private final int height;
  private final float[] planes;

  Canvas(int width, int height, Color ground) {
    this.width = width;
    this.height = height;
    this.planes = new float[3 * width * height];
    for (int at = 0; at < width * height; at++) {
      blend(at, ground, 1);
    }
  }

  static Canvas gray() {
    return new Canvas(64, 64, GRAY_GROUND);
  }

  /** Darkens the texture by {@code contrast} 8-bit steps. */
  Canvas texture(Texture texture, double contrast) {
    for (int at = 0; at < planes.length; at++) {
      int x = at % width % Tile.SIDE;
      int y = at / width % height % Tile.SIDE;
      planes[at] -= (float) (contrast / 255 * texture.darkness(x, y));
    }
    return this;
  }

  /** Draws a shape around a centre; lengths in pixels. */
  Canvas draw(Shape shape, Color colour, double x, double y, double halfExtent) {
    for (int at = 0; at < width * height; at++) {
      double u = (at % width + 0.5 - x) / halfExtent;
      double v = (at / width + 0.5 - y) / halfExtent;
      blend(at, colour, Math.min(1, Math.max(0, 0.5 - halfExtent * shape.distance(u, v))));
    }
    return this;
  }

  RgbImage image() {
    return RgbImage.ofPlanes(width, height, planes);
  }

  private void blend(int at, Color colour, double share) {
    float[] components = colour.getRGBColorComponents(null);
    for (int channel = 0; channel < 3; channel++) {
      int i = channel * width * height + at;
      planes[i] += (float) (share * (components[channel] - planes[i]));
    }
  }
}
