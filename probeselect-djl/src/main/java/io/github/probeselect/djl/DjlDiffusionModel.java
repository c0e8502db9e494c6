package io.github.probeselect.djl;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.ActivationExtractor;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Denoiser;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A bundle loaded into PyTorch. Its {@link NativeArena} owns all native resources. */
final class DjlDiffusionModel implements DiffusionModel {

  private final BundleManifest manifest;
  private final Backend.Device device;
  private final NativeArena arena;
  private final TextEncoder textEncoder;
  private final TorchDenoiser denoiser;
  private final ImageDecoder imageDecoder;
  private final ImageDecoder previewDecoder;
  private final Map<String, QualityMetric> metrics;
  private final List<BundledProbe> probes;

  private DjlDiffusionModel(
      BundleManifest manifest,
      Backend.Device device,
      NativeArena arena,
      TextEncoder textEncoder,
      TorchDenoiser denoiser,
      ImageDecoder imageDecoder,
      ImageDecoder previewDecoder,
      Map<String, QualityMetric> metrics,
      List<BundledProbe> probes) {
    this.manifest = manifest;
    this.device = device;
    this.arena = arena;
    this.textEncoder = textEncoder;
    this.denoiser = denoiser;
    this.imageDecoder = imageDecoder;
    this.previewDecoder = previewDecoder;
    this.metrics = metrics;
    this.probes = probes;
  }

  /** A probe and the fraction done that it was trained at. */
  private record BundledProbe(double fraction, Probe probe) {}

  /**
   * Loads a bundle, testing each module as soon as it is loaded.
   *
   * @throws InvalidBundleException if a file cannot be used or does not fit the manifest; nothing
   *     stays open then
   */
  static DjlDiffusionModel open(Bundle bundle, Backend.Device device, DeviceWorker worker) {
    NativeArena arena = NativeArena.open("the model", worker);
    try {
      return arena.call(
          "opening bundle " + bundle.location(),
          temporary -> load(bundle, device, arena, temporary));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static DjlDiffusionModel load(
      Bundle bundle, Backend.Device device, NativeArena arena, NDManager temporary) {
    BundleManifest manifest = bundle.manifest();
    BundleTrial trial = new BundleTrial(bundle, temporary);
    NDManager modules = arena.newOwner();

    List<TextTokenizer> tokenizers = new ArrayList<>();
    for (BundleManifest.TokenizerSpec tokenizer : manifest.tokenizers()) {
      tokenizers.add(arena.own(TextTokenizer.open(bundle, tokenizer)));
    }
    ReleasableModule textEncoder =
        new ReleasableModule(bundle, manifest.textEncoder().file(), arena);
    arena.reliefBy(textEncoder::release);
    trial.textEncoder(textEncoder.module(), tokenizers);
    TorchModule denoiser = TorchModule.load(bundle, manifest.denoiser().file(), modules);
    trial.denoiser(denoiser);
    TorchModule vaeDecoder = TorchModule.load(bundle, manifest.vaeDecoder().file(), modules);
    trial.imageDecoder(vaeDecoder);
    int pixelsPerLatent = manifest.latents().pixelsPerLatent();
    ImageDecoder imageDecoder = new ImageDecoder(arena, vaeDecoder, pixelsPerLatent);
    ImageDecoder previewDecoder = imageDecoder;
    BundleManifest.ModuleSpec smaller = manifest.previewDecoder();
    if (smaller != null) {
      TorchModule module = TorchModule.load(bundle, smaller.file(), modules);
      trial.imageDecoder(module);
      previewDecoder = new ImageDecoder(arena, module, pixelsPerLatent);
    }
    Map<String, QualityMetric> metrics = new LinkedHashMap<>();
    for (BundleManifest.MetricSpec metric : manifest.metrics()) {
      TorchModule module = TorchModule.load(bundle, metric.file(), modules);
      TextTokenizer tokenizer = tokenizers.get(metric.tokenizer());
      trial.metric(module, tokenizer);
      String version = manifest.metricHash(metric);
      metrics.put(
          metric.name(), new TorchScriptMetric(arena, metric.name(), version, tokenizer, module));
    }
    Map<String, Probe> files = new HashMap<>();
    List<BundledProbe> probes = new ArrayList<>();
    for (BundleManifest.ProbeSpec spec : manifest.probes()) {
      Probe probe = files.computeIfAbsent(spec.file(), file -> open(bundle, file, metrics, arena));
      probes.add(new BundledProbe(spec.fraction(), probe));
    }
    return new DjlDiffusionModel(
        manifest,
        device,
        arena,
        new TextEncoder(arena, tokenizers, textEncoder, manifest),
        new TorchDenoiser(arena, denoiser, manifest),
        imageDecoder,
        previewDecoder,
        metrics,
        probes);
  }

  private static Probe open(
      Bundle bundle, String file, Map<String, QualityMetric> metrics, NativeArena arena) {
    String folder = file.substring(0, file.lastIndexOf('/') + 1);
    return DjlProbe.open(
        file + " of bundle " + bundle.location(),
        bundle.read(file),
        sibling -> bundle.read(folder + sibling),
        bundle.manifest(),
        metrics::get,
        arena);
  }

  @Override
  public BundleManifest manifest() {
    return manifest;
  }

  @Override
  public Backend.Device device() {
    return device;
  }

  @Override
  public Conditioning encode(String prompt, String negativePrompt) {
    return textEncoder.encode(prompt, negativePrompt);
  }

  @Override
  public Denoiser denoiser() {
    return denoiser;
  }

  @Override
  public ActivationExtractor activationExtractor() {
    return denoiser;
  }

  @Override
  public Optional<Probe> probe(double fractionDone) {
    return probes.stream()
        .min(Comparator.comparingDouble(bundled -> Math.abs(bundled.fraction() - fractionDone)))
        .map(BundledProbe::probe);
  }

  @Override
  public Probe openProbe(Path file) {
    return DjlProbe.open(
        file.toString(),
        read(file),
        sibling -> read(file.resolveSibling(sibling)),
        manifest,
        this::metric,
        arena);
  }

  private static InputStream read(Path file) {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new InvalidProbeException("a file of the probe cannot be read: " + e, e);
    }
  }

  @Override
  public QualityMetric metric(String name) {
    QualityMetric metric = metrics.get(name);
    if (metric == null) {
      throw new InvalidRequestException(
          "bundle "
              + manifest.name()
              + " has no metric '"
              + name
              + "'; "
              + (metrics.isEmpty()
                  ? "it has none; open one with ProbeSelect.openMetric(directory), or make one of a"
                      + " function with QualityMetric.of(...)"
                  : "it has " + metrics.keySet()));
    }
    return metric;
  }

  @Override
  public RgbImage decode(float[] latents, LatentShape shape) {
    return imageDecoder.decode(latents, shape);
  }

  @Override
  public RgbImage preview(float[] x0Prediction, LatentShape shape) {
    return previewDecoder.decode(x0Prediction, shape);
  }

  @Override
  public boolean releaseTextEncoder() {
    return textEncoder.release();
  }

  @Override
  public OptionalLong freeMemory() {
    return arena.freeMemory();
  }

  @Override
  public void close() {
    arena.close();
  }
}
