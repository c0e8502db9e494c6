package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.ActivationExtractor;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Denoiser;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A model on several devices, as signals and metrics made outside a request see it: they, and the
 * probes and metrics obtained from it, compute on the device of the request that calls them, and
 * outside any request on the first device.
 */
final class PooledModel implements DiffusionModel {

  private final ModelPool pool;

  PooledModel(ModelPool pool) {
    this.pool = pool;
  }

  private DiffusionModel here() {
    return pool.models().get(pool.here());
  }

  @Override
  public BundleManifest manifest() {
    return here().manifest();
  }

  @Override
  public Backend.Device device() {
    return here().device();
  }

  @Override
  public Conditioning encode(String prompt, String negativePrompt) {
    return here().encode(prompt, negativePrompt);
  }

  @Override
  public Denoiser denoiser() {
    return batch -> here().denoiser().predict(batch);
  }

  @Override
  public ActivationExtractor activationExtractor() {
    return new ActivationExtractor() {
      @Override
      public List<Tap> taps() {
        return here().activationExtractor().taps();
      }

      @Override
      public Capture capture(DenoiserBatch batch) {
        return here().activationExtractor().capture(batch);
      }
    };
  }

  @Override
  public Optional<Probe> probe(double fractionDone) {
    List<Probe> probes = new ArrayList<>();
    pool.models().forEach(model -> model.probe(fractionDone).ifPresent(probes::add));
    return probes.isEmpty() ? Optional.empty() : Optional.of(new PooledProbe(pool, probes));
  }

  @Override
  public Probe openProbe(Path file) {
    List<Probe> probes = new ArrayList<>();
    try {
      pool.models().forEach(model -> probes.add(model.openProbe(file)));
      return new PooledProbe(pool, probes);
    } catch (RuntimeException | Error e) {
      probes.forEach(Probe::close);
      throw e;
    }
  }

  @Override
  public QualityMetric metric(String name) {
    return new PooledMetric(pool, pool.models().stream().map(model -> model.metric(name)).toList());
  }

  @Override
  public RgbImage decode(float[] latents, LatentShape shape) {
    return here().decode(latents, shape);
  }

  @Override
  public RgbImage preview(float[] x0Prediction, LatentShape shape) {
    return here().preview(x0Prediction, shape);
  }

  @Override
  public boolean releaseTextEncoder() {
    boolean released = false;
    for (DiffusionModel model : pool.models()) {
      released |= model.releaseTextEncoder();
    }
    return released;
  }

  @Override
  public OptionalLong freeMemory() {
    return here().freeMemory();
  }

  @Override
  public void close() {
    pool.close();
  }

  /** A probe, on every device. */
  private record PooledProbe(ModelPool pool, List<Probe> probes) implements Probe {

    private Probe here() {
      return probes.get(pool.here());
    }

    @Override
    public String name() {
      return here().name();
    }

    @Override
    public String version() {
      return here().version();
    }

    @Override
    public String metric() {
      return here().metric();
    }

    @Override
    public boolean readsActivations() {
      return here().readsActivations();
    }

    @Override
    public double[] score(Observation observation) {
      return here().score(observation);
    }

    @Override
    public List<Score> scores(Observation observation) {
      return here().scores(observation);
    }

    @Override
    public void close() {
      ModelPool.closeAll(probes);
    }
  }

  /** A metric of the bundle, on every device. */
  private record PooledMetric(ModelPool pool, List<QualityMetric> metrics)
      implements QualityMetric {

    private QualityMetric here() {
      return metrics.get(pool.here());
    }

    @Override
    public String name() {
      return here().name();
    }

    @Override
    public String version() {
      return here().version();
    }

    @Override
    public double score(RgbImage image, String prompt) {
      return here().score(image, prompt);
    }

    @Override
    public double[] scores(List<RgbImage> images, String prompt) {
      return here().scores(images, prompt);
    }

    @Override
    public Optional<Conditioning.Reading> truncation(String prompt) {
      return here().truncation(prompt);
    }
  }
}
