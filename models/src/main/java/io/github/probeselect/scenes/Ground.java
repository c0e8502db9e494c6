package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The background of an image: its colour, its texture, and how far each pixel stands out from it.
 *
 * <p>The colour is first taken as the median of a frame along the edge, where objects rarely are,
 * then as the mean of all pixels close to that.
 */
final class Ground {

  /** Width of the frame at the edge, in pixels. */
  private static final int FRAME = 3;

  /** Pixels further than this from the background, in L*a*b* units, belong to something else. */
  static final double OUTSTANDING = 13;

  /** The lightness by which unknown and known shading may move a background pixel. */
  private static final double ROUGH_SHADE = 7;

  private static final double SHADE = 3;

  /**
   * How far, in L*a*b* units, a background may be from its name's colour; lightness counts less.
   */
  private static final double COLOUR_TOLERANCE = 7;

  private static final double LIGHTNESS_WEIGHT = 0.3;

  private final int width;
  private final double[] rgb;
  private final Lab lab;
  private final TextureFit texture;
  private final double[] outstanding;

  private Ground(int width, double[] rgb, TextureFit texture, double[] outstanding) {
    this.width = width;
    this.rgb = rgb;
    this.lab = lab(rgb, 0);
    this.texture = texture;
    this.outstanding = outstanding;
  }

  /** Estimates the background of an image whose colours in L*a*b* are {@code colours}. */
  static Ground of(RgbImage image, Lab[] colours) {
    int width = image.width();
    Lab frame = medianOfFrame(colours, width);
    boolean[] ground = new boolean[colours.length];
    for (int at = 0; at < ground.length; at++) {
      ground[at] = difference(colours[at], frame, ROUGH_SHADE) < OUTSTANDING;
    }
    ground = withoutNeighboursOfObjects(ground, width);
    double[] rgb = new double[3];
    double[] brightness = new double[ground.length];
    int count = 0;
    for (int at = 0; at < ground.length; at++) {
      int x = at % width;
      int y = at / width;
      brightness[at] = (image.red(x, y) + image.green(x, y) + image.blue(x, y)) / 3.0;
      if (ground[at]) {
        rgb[0] += image.red(x, y);
        rgb[1] += image.green(x, y);
        rgb[2] += image.blue(x, y);
        count++;
      }
    }
    for (int channel = 0; channel < 3; channel++) {
      rgb[channel] /= Math.max(1, count);
    }
    TextureFit texture = new TextureFit(new Tile(brightness, ground, width));
    Ground result = new Ground(width, rgb, texture, new double[ground.length]);
    result.measure(colours);
    return result;
  }

  private void measure(Lab[] colours) {
    Lab[] shaded = new Lab[Tile.CELLS];
    Arrays.setAll(shaded, cell -> lab(rgb, texture.shade(cell)));
    for (int at = 0; at < outstanding.length; at++) {
      outstanding[at] = difference(colours[at], shaded[Tile.cell(at % width, at / width)], SHADE);
    }
  }

  /** How far pixel {@code at}, counted row by row, stands out, in L*a*b* units. */
  double outstanding(int at) {
    return outstanding[at];
  }

  /**
   * The background's value at a pixel, had nothing been drawn there; channel 0 is red, 0 to 255.
   */
  double value(int x, int y, int channel) {
    return rgb[channel] + texture.shade(Tile.cell(x, y));
  }

  /** How far a colour stands out from the background, shaded or not, in L*a*b* units. */
  double contrast(Lab colour) {
    return difference(colour, lab, ROUGH_SHADE);
  }

  /** How well the colour fits the name, in [0, 1]. */
  double likelihood(BackgroundColour name) {
    double sum = 0;
    for (BackgroundColour each : BackgroundColour.values()) {
      sum += Math.exp(-squaredDeviation(each) / (2 * COLOUR_TOLERANCE * COLOUR_TOLERANCE));
    }
    double own = squaredDeviation(name);
    double share =
        Math.exp(-own / (2 * COLOUR_TOLERANCE * COLOUR_TOLERANCE)) / Math.max(sum, 1e-300);
    return share * (1 - Ramp.smooth(2 * COLOUR_TOLERANCE, 5 * COLOUR_TOLERANCE, Math.sqrt(own)));
  }

  /** How well the texture fits the name, in [0, 1]. */
  double likelihood(Texture name) {
    return texture.likelihood(name);
  }

  private double squaredDeviation(BackgroundColour name) {
    double lightness = LIGHTNESS_WEIGHT * (lab.lightness() - name.lab().lightness());
    return lab.squaredChroma(name.lab()) + lightness * lightness;
  }

  /** The difference of two colours, lightness beyond {@code shade} only. */
  private static double difference(Lab one, Lab other, double shade) {
    double lightness = Math.max(0, Math.abs(one.lightness() - other.lightness()) - shade);
    return Math.sqrt(one.squaredChroma(other) + lightness * lightness);
  }

  /** Median lightness and chroma of the frame; shading moves the chroma hardly at all. */
  private static Lab medianOfFrame(Lab[] colours, int width) {
    int height = colours.length / width;
    List<Lab> frame = new ArrayList<>();
    for (int at = 0; at < colours.length; at++) {
      int x = at % width;
      int y = at / width;
      if (Math.min(Math.min(x, width - 1 - x), Math.min(y, height - 1 - y)) < FRAME) {
        frame.add(colours[at]);
      }
    }
    return new Lab(median(frame, Lab::lightness), median(frame, Lab::a), median(frame, Lab::b));
  }

  private static double median(List<Lab> colours, ToDoubleFunction<Lab> part) {
    return colours.stream().mapToDouble(part).sorted().toArray()[colours.size() / 2];
  }

  /** Removes what is within two pixels of an object, where anti-aliasing mixes the colours. */
  private static boolean[] withoutNeighboursOfObjects(boolean[] ground, int width) {
    boolean[] result = ground.clone();
    int height = ground.length / width;
    for (int at = 0; at < ground.length; at++) {
      if (ground[at]) {
        continue;
      }
      int x = at % width;
      int y = at / width;
      for (int v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++) {
        for (int u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u++) {
          result[v * width + u] = false;
        }
      }
    }
    return result;
  }

  private static Lab lab(double[] rgb, double shade) {
    return Lab.ofRgb(eightBit(rgb[0] + shade), eightBit(rgb[1] + shade), eightBit(rgb[2] + shade));
  }

  private static int eightBit(double value) {
    return (int) Math.rint(Math.min(255, Math.max(0, value)));
  }
}
