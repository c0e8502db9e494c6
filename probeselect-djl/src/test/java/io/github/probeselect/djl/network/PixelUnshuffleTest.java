package io.github.probeselect.djl.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PixelUnshuffleTest {

  @Test
  void planesOfTheGridsOwnSizeAreFoldedIntoChannels() {
    float[] plane = {
      0, 1, 2, 3,
      4, 5, 6, 7,
      8, 9, 10, 11,
      12, 13, 14, 15
    };

    float[] folded = PixelUnshuffle.fold(plane, 1, 4, 4, 2, 2, 2);

    assertThat(folded)
        .as("the four cells of each 2 x 2 block, one plane for each place in the block")
        .containsExactly(0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15);
  }

  @Test
  void largerPlanesAreAveraged() {
    float[] plane = {1, 3, 5, 7, 1, 3, 5, 7};

    assertThat(PixelUnshuffle.fold(plane, 1, 2, 4, 1, 2, 1)).containsExactly(2, 6);
  }

  @Test
  void smallerPlanesAreRepeated() {
    assertThat(PixelUnshuffle.fold(new float[] {7}, 1, 1, 1, 2, 2, 1)).containsExactly(7, 7, 7, 7);
  }

  @Test
  void theShapeIsTheSameForEverySize() {
    assertThat(PixelUnshuffle.fold(new float[3 * 12 * 20], 3, 12, 20, 8, 8, 2)).hasSize(3 * 4 * 64);
  }
}
