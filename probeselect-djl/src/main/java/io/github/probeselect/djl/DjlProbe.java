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
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A trained probe that scores on the model's device. Thread-safe. */
final class DjlProbe implements Probe {

  /** How many candidates are scored in one go; what that takes is released before the next. */
  private static final int ROWS_TOGETHER = 16;

  private final ProbeFile file;
  private final String version;
  private final NativeArena arena;
  private final NDManager owner;
  private final ProbeJudge judge;

  private DjlProbe(
      ProbeFile file, String version, NativeArena arena, NDManager owner, ProbeJudge judge) {
    this.file = file;
    this.version = version;
    this.arena = arena;
    this.owner = owner;
    this.judge = judge;
  }

  /**
   * Opens a probe, which ends with the arena at the latest.
   *
   * @param name what to call it in messages
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
                ProbeJudge judge = judge(name, file, weights, metrics, owner, temporary);
                return new DjlProbe(file, version, arena, owner, judge);
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

  private static ProbeJudge judge(
      String name,
      ProbeFile file,
      InputStream weights,
      Function<String, QualityMetric> metrics,
      NDManager owner,
      NDManager temporary) {
    if (file instanceof NetworkProbeFile network) {
      return NetworkJudge.open(network, weights, metrics, owner);
    }
    return TorchScriptJudge.open(name, (TorchScriptProbeFile) file, weights, owner, temporary);
  }

  /** The checksum of its JSON file, which has that of the weights. */
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
    List<Judgement> judgements = new ArrayList<>();
    for (int from = 0, to; from < observation.size(); from = to) {
      to = Math.min(observation.size(), from + ROWS_TOGETHER);
      try (NDManager chunk = temporary.newSubManager()) {
        ProbeReading reading = ProbeReading.of(observation, from, to, file.inputs(), chunk);
        judgements.addAll(restored(judge.judge(reading), observation.fractionDone()));
      }
    }
    return judgements;
  }

  /** In the metric's unit. */
  private List<Judgement> restored(ProbeNetwork.Judgement standardised, double fractionDone) {
    Scale scale = file.scale();
    double deviation = scale.deviation() * file.deviationFactor(fractionDone);
    float[] scores = standardised.score().toFloatArray();
    float[] logVariances = standardised.logVariance().toFloatArray();
    List<Judgement> judgements = new ArrayList<>();
    for (int row = 0; row < scores.length; row++) {
      judgements.add(
          new Judgement(
              scale.restored(scores[row]), deviation * Math.exp(0.5 * logVariances[row])));
    }
    return judgements;
  }

  @Override
  public void close() {
    arena.release(owner);
  }
}
