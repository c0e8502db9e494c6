package io.github.probeselect.scenes;

/**
 * The textures of backgrounds: which pixels of a 16 x 16 tile are darker than the rest. A prompt
 * leaves {@link #PLAIN} unnamed.
 */
public enum Texture {
  /** No texture. */
  PLAIN {
    @Override
    double darkness(int x, int y) {
      return 0;
    }
  },
  /** Upright stripes, four pixels dark and four light. */
  STRIPED {
    @Override
    double darkness(int x, int y) {
      return x % 8 < 4 ? 1 : 0;
    }
  },
  /** Checks of eight pixels. */
  CHECKERED {
    @Override
    double darkness(int x, int y) {
      return x / 8 == y / 8 ? 1 : 0;
    }
  },
  /** Dark dots of about five pixels, every eight pixels. */
  DOTTED {
    @Override
    double darkness(int x, int y) {
      double distance = Math.hypot(x % 8 - 3.5, y % 8 - 3.5);
      return Math.min(1, Math.max(0, 2.6 - distance));
    }
  };

  /** How much darker the dark pixels are drawn, in 8-bit steps of every channel. */
  static final double CONTRAST = 24;

  /**
   * How dark a pixel of the tile is, in [0, 1].
   *
   * @param x column of the tile, 0 to 15
   * @param y row of the tile, 0 to 15
   */
  abstract double darkness(int x, int y);
}
