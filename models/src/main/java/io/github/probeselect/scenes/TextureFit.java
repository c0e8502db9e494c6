package io.github.probeselect.scenes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which texture the background has.
 *
 * <p>The folded background is compared with every texture as it is drawn, under every even shift,
 * its contrast fitted within limits. A texture weighs exp(-E / 2σ²), where E is the mean squared
 * difference that its best fit leaves.
 */
final class TextureFit {

  private static final int SHIFT = 2;
  private static final double FAINTEST = 0.45 * Texture.CONTRAST;
  private static final double STRONGEST = 1.4 * Texture.CONTRAST;

  /** σ², in squared 8-bit steps. */
  private static final double TOLERANCE = 5;

  /** Each texture under each shift, as brightness of the cells: 0, or -1 where darkest. */
  private static final Map<Texture, List<double[]>> PATTERNS = new EnumMap<>(Texture.class);

  static {
    for (Texture texture : Texture.values()) {
      PATTERNS.put(texture, shifted(texture));
    }
  }

  private final Map<Texture, Double> likelihoods = new EnumMap<>(Texture.class);
  private final double[] shade = new double[Tile.CELLS];

  /** Fits the textures to a folded background. */
  TextureFit(Tile tile) {
    double least = Double.MAX_VALUE;
    double sum = 0;
    for (Map.Entry<Texture, List<double[]>> texture : PATTERNS.entrySet()) {
      double error = Double.MAX_VALUE;
      for (double[] pattern : texture.getValue()) {
        double variance = tile.variance(pattern);
        double covariance = tile.covariance(pattern);
        double contrast =
            variance > 0 ? Math.min(STRONGEST, Math.max(FAINTEST, covariance / variance)) : 0;
        double left = tile.variance() - 2 * contrast * covariance + contrast * contrast * variance;
        error = Math.min(error, left);
        if (left < least) {
          least = left;
          double mean = tile.mean(pattern);
          Arrays.setAll(shade, cell -> contrast * (pattern[cell] - mean));
        }
      }
      double weight = Math.exp(-error / (2 * TOLERANCE));
      likelihoods.put(texture.getKey(), weight);
      sum += weight;
    }
    double all = Math.max(sum, Double.MIN_NORMAL);
    likelihoods.replaceAll((texture, weight) -> weight / all);
  }

  /** The share of belief in a texture, in [0, 1]; the shares of all add up to 1. */
  double likelihood(Texture texture) {
    return likelihoods.getOrDefault(texture, 0.0);
  }

  /** How much brighter than the average background the best texture is in a cell of the tile. */
  double shade(int cell) {
    return shade[cell];
  }

  private static List<double[]> shifted(Texture texture) {
    List<double[]> patterns = new ArrayList<>();
    for (int down = 0; down < Tile.SIDE; down += SHIFT) {
      for (int right = 0; right < Tile.SIDE; right += SHIFT) {
        double[] pattern = new double[Tile.CELLS];
        for (int cell = 0; cell < Tile.CELLS; cell++) {
          int x = (cell + right) % Tile.SIDE;
          int y = (cell / Tile.SIDE + down) % Tile.SIDE;
          pattern[cell] = -texture.darkness(x, y);
        }
        if (patterns.stream().noneMatch(known -> Arrays.equals(known, pattern))) {
          patterns.add(pattern);
        }
      }
    }
    return patterns;
  }
}
