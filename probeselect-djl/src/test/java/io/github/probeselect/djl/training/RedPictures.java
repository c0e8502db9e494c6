package io.github.probeselect.djl.training;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.model.QualityMetric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Training data whose reward is the red of the picture, which the activations tell. */
final class RedPictures {

  private static final ProbeShape SHAPE = shape(true);

  /** Scores a picture by its red. */
  static final QualityMetric RED =
      QualityMetric.of("brightness", (image, prompt) -> image.red(0, 0) / 255.0);

  private RedPictures() {}

  static ProbeShape shape(boolean picture) {
    return new ProbeShape(
        new ProbeInputs(List.of(new Tap("mid_block", 4, 2, 2)), 1, 3, 4),
        List.of("brightness"),
        8,
        2,
        1,
        picture);
  }

  /** Latents whose decoded picture is as bright as they are large. */
  static Previews previews() {
    Random random = new Random(11);
    List<Previews.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 128; i++) {
      float[] folded = new float[SHAPE.inputs().foldedChannels() * SHAPE.cells()];
      float light = random.nextFloat();
      Arrays.fill(folded, light);
      byte[] picture = new byte[SHAPE.targetChannels() * SHAPE.cells()];
      Arrays.fill(picture, (byte) Math.round(255 * light));
      pairs.add(new Previews.Pair(folded, picture));
    }
    return new Previews(pairs);
  }

  static TrainingData data(String name, int prompts, long seed) {
    return data(SHAPE, name, prompts, seed);
  }

  /**
   * Finished pictures whose red is what one channel of the tap says, more clearly at the later of
   * two fractions; the reward is that red. The x0 prediction is grey.
   */
  static TrainingData data(ProbeShape shape, String name, int prompts, long seed) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int prompt = 0; prompt < prompts; prompt++) {
      List<Example.Seed> seeds = new ArrayList<>();
      for (int candidate = 0; candidate < 4; candidate++) {
        float red = random.nextFloat();
        List<float[]> grids = new ArrayList<>();
        for (float clear : new float[] {3, 4}) {
          float[] grid = gaussian(random, shape.inputChannels() * shape.cells());
          Arrays.fill(grid, 0, shape.cells(), clear * (red - 0.5f));
          for (int i = shape.inputs().tapChannels() * shape.cells(); i < grid.length; i++) {
            grid[i] = 0.5f + 0.05f * grid[i];
          }
          grids.add(grid);
        }
        byte[] target = new byte[shape.targetChannels() * shape.cells()];
        Arrays.fill(target, 0, target.length / 3, (byte) Math.round(255 * red));
        seeds.add(new Example.Seed(candidate, grids, target, new double[] {red}));
      }
      int promptValues = shape.inputs().promptTokens() * shape.inputs().promptChannels();
      examples.add(new Example(name + " " + prompt, gaussian(random, promptValues), seeds));
    }
    return new TrainingData(examples, shape, List.of(0.2, 0.4), Map.of());
  }

  private static float[] gaussian(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
