package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.network.Folding;
import io.github.probeselect.djl.network.ProbeInputs;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.JoinedActivations;
import io.github.probeselect.model.Observation;

/**
 * What a probe reads of N candidates of one prompt, as arrays. Activations of this backend are read
 * where they are, any others are copied. To be used on the worker only.
 *
 * @param prompt the prompt
 * @param grid the stacked taps and the folded x0 prediction, {@code [N, inputChannels, h, w]}
 * @param fraction the fraction done, {@code [N, 1]}
 * @param embedding the prompt embedding, {@code [1, tokens, channels]}
 */
record ProbeReading(String prompt, NDArray grid, NDArray fraction, NDArray embedding) {

  /** Reads an observation; the arrays belong to {@code manager}. */
  static ProbeReading of(Observation observation, ProbeInputs inputs, NDManager manager) {
    return new ProbeReading(
        observation.prompt(),
        grid(observation, inputs, manager),
        manager.full(new Shape(observation.size(), 1), (float) observation.fractionDone()),
        manager.create(
            observation.conditioning().promptEmbedding(),
            new Shape(1, inputs.promptTokens(), inputs.promptChannels())));
  }

  /** The number of candidates. */
  int size() {
    return (int) grid.getShape().get(0);
  }

  /** Some of the candidates: those from {@code from}, before {@code to}. */
  ProbeReading rows(int from, int to) {
    NDIndex rows = new NDIndex(from + ":" + to);
    return new ProbeReading(prompt, grid.get(rows), fraction.get(rows), embedding);
  }

  private static NDArray grid(Observation observation, ProbeInputs inputs, NDManager manager) {
    NDList planes = new NDList();
    for (Tap tap : inputs.taps()) {
      planes.add(tap(observation.activations(), tap, manager));
    }
    planes.add(predictions(observation, inputs, manager));
    return NDArrays.concat(planes, 1);
  }

  private static NDArray tap(Activations activations, Tap tap, NDManager manager) {
    if (activations instanceof JoinedActivations joined) {
      NDList parts = new NDList();
      joined.parts().forEach(part -> parts.add(tap(part, tap, manager)));
      return NDArrays.concat(parts, 0);
    }
    if (activations instanceof DjlActivations here) {
      NDArray array = here.tap(tap.name()).duplicate();
      array.attach(manager);
      return array;
    }
    int rows = activations.size();
    float[] values = new float[rows * tap.count()];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(
          activations.values(row, tap.name()), 0, values, row * tap.count(), tap.count());
    }
    return manager.create(
        values, new Shape(rows, tap.channels(), tap.gridHeight(), tap.gridWidth()));
  }

  private static NDArray predictions(
      Observation observation, ProbeInputs inputs, NDManager manager) {
    int rows = observation.size();
    float[] values = new float[rows * inputs.foldedChannels() * inputs.cells()];
    for (int row = 0; row < rows; row++) {
      float[] folded =
          Folding.originalPrediction(
              observation.originalPredictions().get(row), observation.shape(), inputs);
      System.arraycopy(folded, 0, values, row * folded.length, folded.length);
    }
    return manager.create(
        values, new Shape(rows, inputs.foldedChannels(), inputs.gridHeight(), inputs.gridWidth()));
  }
}
