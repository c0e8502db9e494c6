package io.github.probeselect.djl.training;

import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.djl.network.PixelUnshuffle;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.DiffusionModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recorded x0 predictions and their images by the model's decoder: the training data of a probe's
 * own small decoder. Immutable.
 */
public final class Previews {

  private static final Previews NONE = new Previews(List.of());

  private final List<Pair> pairs;

  Previews(List<Pair> pairs) {
    this.pairs = List.copyOf(pairs);
  }

  /**
   * One x0 prediction.
   *
   * @param folded on the probe's grid, {@code [foldedChannels, h, w]}
   * @param picture decoded, on the probe's grid, {@code [targetChannels, h, w]}, 0 to 255
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Pair(float[] folded, byte[] picture) {}

  /** For a probe that predicts no image. */
  public static Previews none() {
    return NONE;
  }

  /**
   * Decodes some of the x0 predictions of a dataset, spread evenly over its prompts, seeds and
   * observations. Those that decode to a void image are left out.
   *
   * @param count the number of x0 predictions, or all if there are fewer
   */
  public static Previews decode(
      Dataset dataset, DiffusionModel model, ProbeShape shape, int count) {
    int times = dataset.header().observedAfter().size();
    int perPrompt = dataset.header().seedsPerPrompt() * times;
    long all = (long) dataset.prompts().size() * perPrompt;
    List<Pair> pairs = new ArrayList<>();
    int[] place = new int[1];
    dataset.forEach(
        recorded -> {
          for (int i = 0; i < perPrompt; i++, place[0]++) {
            if (all <= count || (place[0] + 1L) * count / all > (long) place[0] * count / all) {
              pair(recorded, i / times, i % times, model, shape).ifPresent(pairs::add);
            }
          }
        });
    return new Previews(pairs);
  }

  private static Optional<Pair> pair(
      RecordedPrompt recorded, int candidate, int time, DiffusionModel model, ProbeShape shape) {
    LatentShape latents = recorded.header().latents();
    float[] prediction = recorded.x0Prediction(candidate, time);
    RgbImage image = model.decode(prediction, latents);
    return image.isVoid()
        ? Optional.empty()
        : Optional.of(
            new Pair(
                PixelUnshuffle.x0Prediction(prediction, latents, shape.inputs()),
                PixelUnshuffle.picture(image, shape)));
  }

  List<Pair> pairs() {
    return pairs;
  }
}
