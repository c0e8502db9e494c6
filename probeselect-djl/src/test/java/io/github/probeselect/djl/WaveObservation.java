package io.github.probeselect.djl;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Observation;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** What a Python script can make too: every value is {@code sin(0.61 i + phase)}. */
final class WaveObservation {

  private static final double FREQUENCY = 0.61;

  private WaveObservation() {}

  /**
   * Candidates as {@code models/tests/golden/probe.py} makes them.
   *
   * @param candidates which of its candidates, from 0
   */
  static Observation of(
      BundleManifest manifest, LatentShape latents, double fractionDone, List<Integer> candidates) {
    List<Tap> taps = manifest.taps();
    List<float[]> predictions =
        candidates.stream().map(c -> wave(latents.count(), 10 * c + taps.size())).toList();
    int promptValues =
        manifest.promptEmbeddingShape().stream().mapToInt(i -> i).reduce(1, Math::multiplyExact);
    return new Observation(
        "a wave",
        LongStream.range(0, candidates.size()).boxed().toList(),
        new WaveActivations(taps, candidates),
        predictions,
        predictions,
        latents,
        candidates.stream().map(c -> 0.0).toList(),
        fractionDone,
        new WaveConditioning(promptValues));
  }

  private static float[] wave(int count, double phase) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.sin(FREQUENCY * i + phase);
    }
    return values;
  }

  private record WaveActivations(List<Tap> taps, List<Integer> candidates) implements Activations {
    @Override
    public int size() {
      return candidates.size();
    }

    @Override
    public float[] values(int row, String tap) {
      int index =
          IntStream.range(0, taps.size())
              .filter(i -> taps.get(i).name().equals(tap))
              .findFirst()
              .orElseThrow();
      return wave(taps.get(index).count(), 10 * candidates.get(row) + index);
    }

    @Override
    public void close() {}
  }

  private record WaveConditioning(int promptValues) implements Conditioning {
    @Override
    public float[] promptEmbedding() {
      return wave(promptValues, -1);
    }

    @Override
    public List<Truncation> truncations() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
