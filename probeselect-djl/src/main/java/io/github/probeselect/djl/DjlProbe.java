package io.github.probeselect.djl;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.djl.network.NetworkProbeFile;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeFileReader;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.TorchScriptProbeFile;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.BatchLimit;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A trained probe that scores on the model's device. Thread-safe. */
final class DjlProbe implements Probe {

  private final ProbeFile file;
  private final String version;
  private final NativeArena arena;
  private final NDManager owner;
  private final ProbeScorer scorer;

  /** The number of candidates scored in one call; its memory is released before the next call. */
  private final BatchLimit rowsTogether = BatchLimit.of(16);

  private DjlProbe(
      ProbeFile file, String version, NativeArena arena, NDManager owner, ProbeScorer scorer) {
    this.file = file;
    this.version = version;
    this.arena = arena;
    this.owner = owner;
    this.scorer = scorer;
  }

  /**
   * Opens a probe, which the arena closes at the latest.
   *
   * @param name its name in messages
   * @param json the content of its JSON file; closed by this method
   * @param siblings opens a file that lies beside the JSON file
   * @param metrics finds a metric of the model by its name
   * @throws io.github.probeselect.error.InvalidProbeException if it is damaged, made for another
   *     model or tap, or a module that does not do what its JSON says; nothing stays open then
   */
  static DjlProbe open(
      String name,
      InputStream json,
      Function<String, InputStream> siblings,
      BundleManifest manifest,
      Function<String, QualityMetric> metrics,
      NativeArena arena) {
    try (json) {
      byte[] content = json.readAllBytes();
      String version = Checksums.sha256(new ByteArrayInputStream(content));
      ProbeFile file = ProbeFileReader.read(new ByteArrayInputStream(content), name, manifest);
      try (InputStream weights = siblings.apply(file.weights())) {
        return arena.call(
            "opening probe " + name,
            temporary -> {
              NDManager owner = arena.newOwner();
              try {
                ProbeScorer scorer = scorer(name, file, weights, metrics, owner, temporary);
                return new DjlProbe(file, version, arena, owner, scorer);
              } catch (RuntimeException e) {
                owner.close();
                throw e;
              }
            });
      }
    } catch (IOException e) {
      throw new InvalidProbeException("probe " + name + " cannot be read: " + e, e);
    }
  }

  private static ProbeScorer scorer(
      String name,
      ProbeFile file,
      InputStream weights,
      Function<String, QualityMetric> metrics,
      NDManager owner,
      NDManager temporary) {
    if (file instanceof NetworkProbeFile network) {
      return NetworkScorer.open(network, weights, metrics, owner);
    }
    return TorchScriptScorer.open(name, (TorchScriptProbeFile) file, weights, owner, temporary);
  }

  /** The checksum of its JSON file, which contains the checksum of the weights. */
  @Override
  public String version() {
    return version;
  }

  @Override
  public String metric() {
    return file.selects();
  }

  @Override
  public double[] score(Observation observation) {
    return scores(observation).stream().mapToDouble(Score::value).toArray();
  }

  @Override
  public List<Score> scores(Observation observation) {
    List<Score> scores = new ArrayList<>();
    rowsTogether.evaluate(
        observation.size(),
        (from, to) ->
            scores.addAll(
                arena.call(
                    to - from,
                    "scoring candidates",
                    temporary -> scores(observation, from, to, temporary))));
    return scores;
  }

  private List<Score> scores(Observation observation, int from, int to, NDManager temporary) {
    if (!owner.isOpen()) {
      throw new BackendException("the probe is closed; open it again to score");
    }
    ProbeReading reading = ProbeReading.of(observation, from, to, file.inputs(), temporary);
    return restored(scorer.score(reading), observation.fractionDone());
  }

  /** Converts standardised scores to the metric's unit. */
  private List<Score> restored(ProbeNetwork.ScoreTensors standardised, double fractionDone) {
    Scale scale = file.scale();
    double deviation = scale.deviation() * file.deviationFactor(fractionDone);
    float[] values = standardised.score().toFloatArray();
    float[] logVariances = standardised.logVariance().toFloatArray();
    List<Score> scores = new ArrayList<>();
    for (int row = 0; row < values.length; row++) {
      scores.add(
          new Score(scale.restored(values[row]), deviation * Math.exp(0.5 * logVariances[row])));
    }
    return scores;
  }

  @Override
  public void close() {
    arena.release(owner);
  }
}
