package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.Tap;
import io.github.probeselect.djl.network.Folding;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.JoinedActivations;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A trained probe that scores on the model's device. Activations of this backend are read where
 * they are, any others are copied. Thread-safe.
 */
final class DjlProbe implements Probe {

  /** How many candidates are scored in one go, so that any number fits memory. */
  private static final int ROWS_TOGETHER = 32;

  private final ProbeFile file;
  private final NativeArena arena;
  private final NDManager owner;
  private final ProbeNetwork network;
  private final String selects;
  private final Scale scale;

  /** Judges predicted pictures; null if the probe predicts none. */
  private final @Nullable QualityMetric metric;

  private DjlProbe(
      ProbeFile file,
      NativeArena arena,
      NDManager owner,
      ProbeNetwork network,
      @Nullable QualityMetric metric) {
    this.selects = file.shape().metrics().get(0);
    this.scale = Objects.requireNonNull(file.scales().get(selects), selects);
    this.file = file;
    this.arena = arena;
    this.owner = owner;
    this.network = network;
    this.metric = metric;
  }

  /**
   * Opens a probe, which ends with the arena at the latest.
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
      NativeArena arena) {
    try (json) {
      ProbeFile file = ProbeFile.read(json, name, manifest);
      QualityMetric metric =
          file.shape().picture() ? metrics.apply(file.shape().metrics().get(0)) : null;
      try (InputStream weights = siblings.apply(file.weights())) {
        return arena.call("opening probe " + name, temporary -> load(file, weights, arena, metric));
      }
    } catch (IOException e) {
      throw new BackendException("probe " + name + " cannot be read: " + e, e);
    }
  }

  private static DjlProbe load(
      ProbeFile file, InputStream weights, NativeArena arena, @Nullable QualityMetric metric) {
    NDManager owner = arena.newOwner();
    try {
      ProbeNetwork network = new ProbeNetwork(file.shape(), file.readWeights(weights, owner));
      return new DjlProbe(file, arena, owner, network, metric);
    } catch (RuntimeException e) {
      owner.close();
      throw e;
    }
  }

  @Override
  public String metric() {
    return selects;
  }

  @Override
  public double[] score(Observation observation) {
    return judge(observation).stream().mapToDouble(Judgement::score).toArray();
  }

  @Override
  public List<Judgement> judge(Observation observation) {
    return arena.call("scoring candidates", temporary -> judge(observation, temporary));
  }

  private List<Judgement> judge(Observation observation, NDManager temporary) {
    if (!owner.isOpen()) {
      throw new BackendException("the probe is closed; open it again to score");
    }
    NDArray grid = grid(observation, temporary);
    int size = observation.size();
    List<Judgement> judgements = new ArrayList<>();
    for (int from = 0, to; from < size; from = to) {
      to = Math.min(size, from + ROWS_TOGETHER);
      NDArray rows = to - from == size ? grid : grid.get(new NDIndex(from + ":" + to));
      judgements.addAll(judge(observation, rows, temporary));
    }
    return judgements;
  }

  private List<Judgement> judge(Observation observation, NDArray grid, NDManager temporary) {
    long rows = grid.getShape().get(0);
    ProbeShape shape = file.shape();
    NDArray fraction = temporary.full(new Shape(rows, 1), (float) observation.fractionDone());
    NDArray embedding =
        temporary.create(
            observation.conditioning().promptEmbedding(),
            new Shape(1, shape.promptTokens(), shape.promptChannels()));
    NDArray tokens = network.tokens(embedding).repeat(0, rows);
    NDArray input = network.input(grid);
    NDArray cells = network.cells(input, fraction, tokens);
    NDArray rewards = temporary.create(pictureRewards(observation.prompt(), input, cells));
    ProbeNetwork.Judgement judgement = network.judge(selects, rewards, cells);
    float[] scores = judgement.score().toFloatArray();
    float[] logVariances = judgement.logVariance().toFloatArray();
    List<Judgement> judgements = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      judgements.add(
          new Judgement(
              scale.restored(scores[row]), scale.deviation() * Math.exp(0.5 * logVariances[row])));
    }
    return judgements;
  }

  /** What the metric says of each predicted picture, standardised; zeros without pictures. */
  private float[] pictureRewards(String prompt, NDArray input, NDArray cells) {
    float[] standardised = new float[(int) cells.getShape().get(0)];
    if (metric != null) {
      double[] rewards = metric.scores(network.pictures(input, cells), prompt);
      for (int row = 0; row < rewards.length; row++) {
        standardised[row] = (float) scale.standardised(rewards[row]);
      }
    }
    return standardised;
  }

  /** Stacks the taps and the folded x0 prediction, {@code [N, inputChannels, h, w]}. */
  private NDArray grid(Observation observation, NDManager temporary) {
    ProbeShape shape = file.shape();
    NDList planes = new NDList();
    for (Tap tap : shape.taps()) {
      planes.add(tap(observation.activations(), tap, temporary));
    }
    planes.add(predictions(observation, shape, temporary));
    return NDArrays.concat(planes, 1);
  }

  private static NDArray tap(Activations activations, Tap tap, NDManager temporary) {
    if (activations instanceof JoinedActivations joined) {
      NDList parts = new NDList();
      joined.parts().forEach(part -> parts.add(tap(part, tap, temporary)));
      return NDArrays.concat(parts, 0);
    }
    if (activations instanceof DjlActivations here) {
      NDArray array = here.tap(tap.name()).duplicate();
      array.attach(temporary);
      return array;
    }
    int rows = activations.size();
    float[] values = new float[rows * tap.count()];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(
          activations.values(row, tap.name()), 0, values, row * tap.count(), tap.count());
    }
    return temporary.create(
        values, new Shape(rows, tap.channels(), tap.gridHeight(), tap.gridWidth()));
  }

  private static NDArray predictions(
      Observation observation, ProbeShape shape, NDManager temporary) {
    int rows = observation.size();
    int channels = shape.latentChannels() * ProbeShape.FOLD * ProbeShape.FOLD;
    float[] values = new float[rows * channels * shape.cells()];
    for (int row = 0; row < rows; row++) {
      float[] folded =
          Folding.originalPrediction(
              observation.originalPredictions().get(row), observation.shape(), shape);
      System.arraycopy(folded, 0, values, row * folded.length, folded.length);
    }
    return temporary.create(
        values, new Shape(rows, channels, shape.gridHeight(), shape.gridWidth()));
  }

  @Override
  public void close() {
    arena.release(owner);
  }
}
