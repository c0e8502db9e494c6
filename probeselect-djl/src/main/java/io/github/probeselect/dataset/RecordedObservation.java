package io.github.probeselect.dataset;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An observation that is read from a dataset instead of a running model. */
final class RecordedObservation {

  private RecordedObservation() {}

  static Observation of(RecordedPrompt prompt, int time) {
    List<Long> seeds = new ArrayList<>();
    List<float[]> latents = new ArrayList<>();
    List<float[]> predictions = new ArrayList<>();
    List<Double> gaps = new ArrayList<>();
    for (int j = 0; j < prompt.candidates(); j++) {
      seeds.add(prompt.seed(j));
      latents.add(prompt.latents(j, time));
      predictions.add(prompt.x0Prediction(j, time));
      gaps.add(prompt.guidanceGap(j, time));
    }
    return new Observation(
        prompt.prompt(),
        seeds,
        new Recorded(prompt, time),
        latents,
        predictions,
        prompt.header().latents(),
        gaps,
        prompt.header().fractionDone(time),
        new Embedded(prompt));
  }

  /** Activations that are read from the dataset. */
  private record Recorded(RecordedPrompt prompt, int time) implements Activations {
    @Override
    public int size() {
      return prompt.candidates();
    }

    @Override
    public float[] values(int row, String tap) {
      Tap found =
          prompt.header().taps().stream()
              .filter(known -> known.name().equals(tap))
              .findFirst()
              .orElseThrow(
                  () ->
                      new InvalidRequestException(
                          String.format(
                              Locale.ROOT,
                              "the dataset has no tap %s, only %s",
                              tap,
                              prompt.header().taps())));
      if (row < 0 || row >= size()) {
        throw new InvalidRequestException("there is no row " + row + " in " + size());
      }
      return prompt.activation(row, time, found);
    }

    @Override
    public void close() {}
  }

  /** A prompt whose embedding is read from the dataset. */
  private record Embedded(RecordedPrompt prompt) implements Conditioning {
    @Override
    public float[] promptEmbedding() {
      return prompt.embedding();
    }

    @Override
    public List<Truncation> truncations() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
