package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InputMaskTest {

  /** Two taps of two channels and one latent channel on a grid of 2x2. */
  private static final ProbeShape SHAPE =
      new ProbeShape(
          new ProbeInputs(List.of(new Tap("early", 2, 2, 2), new Tap("late", 2, 2, 2)), 1, 3, 4),
          List.of("red"),
          8,
          2,
          1,
          true);

  private static final InputMask EVERYTHING = InputMask.everything(SHAPE);

  @Test
  void everythingIsEverything() {
    assertThat(EVERYTHING.of(grid(), SHAPE)).containsExactly(grid());
  }

  @Test
  void aTapThatIsNotShownIsZero() {
    float[] left = EVERYTHING.withTaps(Set.of("late")).of(grid(), SHAPE);

    assertThat(left).startsWith(0, 0, 0, 0, 0, 0, 0, 0, 9, 10, 11, 12, 13, 14, 15, 16, 17);
  }

  @Test
  void theFirstChannelsOfEachTapAreShown() {
    float[] left = EVERYTHING.withChannels(1).of(grid(), SHAPE);

    assertThat(left).startsWith(1, 2, 3, 4, 0, 0, 0, 0, 9, 10, 11, 12, 0, 0, 0, 0, 17);
  }

  @Test
  void tapsAreAveragedAndTheOriginalPredictionIsNot() {
    float[] left = EVERYTHING.withPooled(2).of(grid(), SHAPE);

    assertThat(left).startsWith(2.5f, 2.5f, 2.5f, 2.5f, 6.5f, 6.5f, 6.5f, 6.5f);
    assertThat(left).endsWith(29, 30, 31, 32);
  }

  @Test
  void theOriginalPredictionCanBeLeftOut() {
    float[] left = EVERYTHING.withoutX0Prediction().of(grid(), SHAPE);

    assertThat(left).startsWith(1, 2, 3).endsWith(new float[16]);
  }

  @Test
  void trainingDataIsShownTheSameWayAndStaysAsItWas() {
    Example example =
        new Example(
            "a cat",
            new float[12],
            List.of(new Example.Seed(7, List.of(grid()), new byte[0], new double[] {1})));
    TrainingData data = new TrainingData(List.of(example, example), SHAPE, List.of(0.2), Map.of());

    TrainingData less = data.showing(EVERYTHING.withTaps(Set.of())).first(1);

    assertThat(less.prompts()).isEqualTo(1);
    Example.Seed seed = less.examples().get(0).candidates().get(0);
    assertThat(seed.grids().get(0)).startsWith(new float[16]).endsWith(30, 31, 32);
    assertThat(seed.scores()).containsExactly(1);
    assertThat(data.examples().get(0).candidates().get(0).grids().get(0)).containsExactly(grid());
  }

  private static float[] grid() {
    float[] grid = new float[SHAPE.inputChannels() * SHAPE.cells()];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = i + 1;
    }
    return grid;
  }
}
