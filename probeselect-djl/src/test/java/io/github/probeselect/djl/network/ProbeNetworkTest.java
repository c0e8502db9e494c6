package io.github.probeselect.djl.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.image.RgbImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a picture's pixels lie in the network's arrays. */
class ProbeNetworkTest {

  private static final ProbeShape SHAPE =
      new ProbeShape(
          new ProbeInputs(List.of(new Tap("mid_block", 2, 1, 2)), 1, 3, 4),
          List.of("red"),
          8,
          2,
          1,
          true);

  @Test
  void theSmallDecodersPixelsLieWhereTheImageHasThem() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ProbeWeights weights = ProbeWeights.random(SHAPE, manager, 1);
      float[] pattern = new float[3 * 4 * 4];
      for (int i = 0; i < pattern.length; i++) {
        pattern[i] = i / 255f - 0.5f;
      }
      weights.get("decoder.last.bias").set(pattern);
      ProbeNetwork network = new ProbeNetwork(SHAPE, weights);
      NDArray grid = manager.randomNormal(new Shape(1, SHAPE.inputChannels(), 1, 2));

      NDArray input = network.input(grid);
      NDArray cells =
          network.cells(input, manager.zeros(new Shape(1, 1)), manager.zeros(new Shape(1, 3, 8)));
      RgbImage picture = network.pictures(input, cells).get(0);

      // The layer that corrects the decoder's picture begins at zero.
      assertThat(picture.width()).isEqualTo(16);
      assertThat(picture.height()).isEqualTo(8);
      for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 16; x++) {
          int place = y % 4 * 4 + x % 4;
          assertThat(picture.red(x, y)).isEqualTo(place);
          assertThat(picture.green(x, y)).isEqualTo(16 + place);
          assertThat(picture.blue(x, y)).isEqualTo(32 + place);
        }
      }
    }
  }

  @Test
  void theSmallDecoderReadsLatentsAsAMap() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ProbeWeights weights = ProbeWeights.random(SHAPE, manager, 1);
      // What comes out is a constant and the latent cell's own value, doubled, in all its pixels.
      centre(weights, "decoder.first", 0, 0, 1);
      centre(weights, "decoder.second", 0, 0, 0);
      centre(weights, "decoder.third", 0, 0, 0);
      centre(weights, "decoder.last", -1, 0, 2);
      ProbeNetwork network = new ProbeNetwork(SHAPE, weights);
      float[] latents = {3, 4, 5, 6, 7, 8, 9, 10};
      float[] folded = PixelUnshuffle.fold(latents, 1, 2, 4, 1, 2, ProbeInputs.FOLD);

      float[] preview =
          network
              .preview(manager.create(folded, new Shape(1, SHAPE.inputs().foldedChannels(), 1, 2)))
              .toFloatArray();

      float[] image = new float[3 * 8 * 16];
      for (int i = 0; i < image.length; i++) {
        int row = i / 16 % 8;
        int column = i % 16;
        image[i] = 0.5f + 2 * latents[row / 4 * 4 + column / 4];
      }
      assertThat(preview)
          .usingComparatorWithPrecision(0.02f)
          .containsExactly(PixelUnshuffle.fold(image, 3, 8, 16, 1, 2, ProbeShape.TARGET_FOLD));
      assertThat(preview[0]).isEqualTo(6.5f, within(0.02f));
    }
  }

  /** Makes a convolution pass its input channel on, through the centre of its kernel alone. */
  private static void centre(
      ProbeWeights weights, String name, int output, int input, float factor) {
    NDArray kernel = weights.get(name + ".weight");
    Shape shape = kernel.getShape();
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int out = 0; out < shape.get(0); out++) {
      if (out == output || output < 0) {
        values[Math.toIntExact((out * shape.get(1) + input) * 9 + 4)] = factor;
      }
    }
    kernel.set(values);
  }
}
