package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.network.Folding;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A trained probe that scores on the model's device. Activations of this backend are read where
 * they are, any others are copied. Thread-safe.
 */
final class DjlProbe implements Probe {

  private final ProbeFile file;
  private final DeviceWorker worker;
  private final NDManager manager;
  private final ProbeNetwork network;
  private final QualityMetric metric;
  private boolean closed;

  private DjlProbe(
      ProbeFile file,
      DeviceWorker worker,
      NDManager manager,
      ProbeNetwork network,
      QualityMetric metric) {
    this.file = file;
    this.worker = worker;
    this.manager = manager;
    this.network = network;
    this.metric = metric;
  }

  /**
   * Opens a probe.
   *
   * @param name what to call it in messages
   * @param json the content of its JSON file; closed by this method
   * @param siblings opens a file that lies beside the JSON file
   * @param metrics finds a metric of the model by its name
   * @throws io.github.probeselect.error.InvalidProbeException if it is damaged or made for another
   *     model or tap
   */
  static DjlProbe open(
      String name,
      InputStream json,
      Function<String, InputStream> siblings,
      BundleManifest manifest,
      Function<String, QualityMetric> metrics,
      DeviceWorker worker) {
    try (json) {
      ProbeFile file = ProbeFile.read(json, name, manifest);
      QualityMetric metric = metrics.apply(file.metric());
      try (InputStream weights = siblings.apply(file.weights())) {
        return worker.call(() -> load(file, weights, worker, metric));
      }
    } catch (IOException e) {
      throw new BackendException("probe " + name + " cannot be read: " + e, e);
    }
  }

  private static DjlProbe load(
      ProbeFile file, InputStream weights, DeviceWorker worker, QualityMetric metric) {
    NDManager manager = NDManager.newBaseManager(worker.device());
    try {
      ProbeNetwork network = new ProbeNetwork(file.shape(), file.readWeights(weights, manager));
      return new DjlProbe(file, worker, manager, network, metric);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public String metric() {
    return file.metric();
  }

  @Override
  public double[] score(Observation observation) {
    return worker.call(() -> scoreOnDevice(observation));
  }

  private double[] scoreOnDevice(Observation observation) {
    if (closed) {
      throw new BackendException("the probe is closed; open it again to score");
    }
    int rows = observation.size();
    ProbeShape shape = file.shape();
    try (NDManager step = manager.newSubManager()) {
      NDArray grid = grid(observation, step);
      NDArray fraction = step.full(new Shape(rows, 1), (float) observation.fractionDone());
      NDArray prompt =
          step.create(
                  observation.conditioning().promptEmbedding(),
                  new Shape(1, shape.promptTokens(), shape.promptChannels()))
              .repeat(0, rows);
      NDArray cells = network.cells(grid, fraction);
      float[] rewards = pictureRewards(observation.prompt(), cells, rows);
      NDArray score = network.score(step.create(rewards), cells, network.tokens(prompt));
      float[] values = score.toFloatArray();
      double[] scores = new double[rows];
      for (int row = 0; row < rows; row++) {
        scores[row] = file.mean() + file.scale() * values[row];
      }
      return scores;
    }
  }

  /** What the metric says of each predicted picture, standardised. */
  private float[] pictureRewards(String prompt, NDArray cells, int rows) {
    int width = file.shape().targetWidth();
    int height = file.shape().targetHeight();
    float[] planes = network.picture(cells).toFloatArray();
    float[] rewards = new float[rows];
    for (int row = 0; row < rows; row++) {
      int size = 3 * width * height;
      float[] picture = Arrays.copyOfRange(planes, row * size, (row + 1) * size);
      double reward = metric.score(RgbImage.ofPlanes(width, height, picture), prompt);
      rewards[row] = (float) ((reward - file.mean()) / file.scale());
    }
    return rewards;
  }

  /** Stacks the taps and the folded x0 prediction, {@code [N, inputChannels, h, w]}. */
  private NDArray grid(Observation observation, NDManager step) {
    ProbeShape shape = file.shape();
    NDList planes = new NDList();
    for (Tap tap : shape.taps()) {
      planes.add(tap(observation.activations(), tap, step));
    }
    planes.add(predictions(observation, shape, step));
    return NDArrays.concat(planes, 1);
  }

  private static NDArray tap(Activations activations, Tap tap, NDManager step) {
    if (activations instanceof DjlActivations here) {
      NDArray array = here.tap(tap.name()).duplicate();
      array.attach(step);
      return array;
    }
    int rows = activations.size();
    float[] values = new float[rows * tap.count()];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(
          activations.values(row, tap.name()), 0, values, row * tap.count(), tap.count());
    }
    return step.create(values, new Shape(rows, tap.channels(), tap.gridHeight(), tap.gridWidth()));
  }

  private static NDArray predictions(Observation observation, ProbeShape shape, NDManager step) {
    int rows = observation.size();
    int channels = shape.latentChannels() * ProbeShape.FOLD * ProbeShape.FOLD;
    float[] values = new float[rows * channels * shape.cells()];
    for (int row = 0; row < rows; row++) {
      float[] folded = Folding.originalPrediction(observation, row, shape);
      System.arraycopy(folded, 0, values, row * folded.length, folded.length);
    }
    return step.create(values, new Shape(rows, channels, shape.gridHeight(), shape.gridWidth()));
  }

  @Override
  public void close() {
    worker.run(
        () -> {
          closed = true;
          manager.close();
        });
  }
}
