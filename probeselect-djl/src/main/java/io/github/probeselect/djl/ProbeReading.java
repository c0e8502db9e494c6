package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.network.PixelUnshuffle;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.internal.activations.JoinedActivations;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Observation;

/**
 * The inputs of a probe for N candidates of one prompt, as arrays. Activations of this backend are
 * used on the device, others are copied. To be used on the worker only.
 *
 * @param prompt the prompt
 * @param grid the stacked taps and the pixel-unshuffled x0 prediction, {@code [N, inputChannels, h,
 *     w]}
 * @param fraction the fraction done, {@code [N, 1]}
 * @param embedding the prompt embedding, {@code [1, tokens, channels]}
 */
record ProbeReading(String prompt, NDArray grid, NDArray fraction, NDArray embedding) {

  /**
   * Reads some candidates of an observation, those from {@code from}, before {@code to}; the arrays
   * belong to {@code manager}.
   */
  static ProbeReading of(
      Observation observation, int from, int to, ProbeInputs inputs, NDManager manager) {
    return new ProbeReading(
        observation.prompt(),
        grid(observation, from, to, inputs, manager),
        manager.full(new Shape(to - from, 1), (float) observation.fractionDone()),
        HeapNumbers.copied(
            observation.conditioning().promptEmbedding(),
            new Shape(1, inputs.promptTokens(), inputs.promptChannels()),
            manager));
  }

  /** The number of candidates. */
  int size() {
    return (int) grid.getShape().get(0);
  }

  private static NDArray grid(
      Observation observation, int from, int to, ProbeInputs inputs, NDManager manager) {
    NDList planes = new NDList();
    for (Tap tap : inputs.taps()) {
      NDList parts = new NDList();
      addRows(observation.activations(), from, to, tap, manager, parts);
      planes.add(parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 0));
    }
    planes.add(predictions(observation, from, to, inputs, manager));
    return NDArrays.concat(planes, 1);
  }

  private static void addRows(
      Activations activations, int from, int to, Tap tap, NDManager manager, NDList rows) {
    if (activations instanceof JoinedActivations joined) {
      int before = 0;
      for (Activations part : joined.parts()) {
        int first = Math.max(0, from - before);
        int last = Math.min(part.size(), to - before);
        if (first < last) {
          addRows(part, first, last, tap, manager, rows);
        }
        before += part.size();
      }
    } else if (activations instanceof DjlActivations here) {
      NDArray array = here.tap(tap.name()).get(new NDIndex(from + ":" + to));
      array.attach(manager);
      rows.add(array);
    } else {
      rows.add(copied(activations, from, to, tap, manager));
    }
  }

  private static NDArray copied(
      Activations activations, int from, int to, Tap tap, NDManager manager) {
    float[] values = new float[(to - from) * tap.count()];
    for (int row = from; row < to; row++) {
      float[] activation = activations.values(row, tap.name());
      System.arraycopy(activation, 0, values, (row - from) * tap.count(), tap.count());
    }
    return HeapNumbers.copied(
        values, new Shape(to - from, tap.channels(), tap.gridHeight(), tap.gridWidth()), manager);
  }

  private static NDArray predictions(
      Observation observation, int from, int to, ProbeInputs inputs, NDManager manager) {
    float[] values = new float[(to - from) * inputs.foldedChannels() * inputs.cells()];
    for (int row = from; row < to; row++) {
      float[] folded =
          PixelUnshuffle.x0Prediction(
              observation.x0Predictions().get(row), observation.shape(), inputs);
      System.arraycopy(folded, 0, values, (row - from) * folded.length, folded.length);
    }
    return HeapNumbers.copied(
        values,
        new Shape(to - from, inputs.foldedChannels(), inputs.gridHeight(), inputs.gridWidth()),
        manager);
  }
}
