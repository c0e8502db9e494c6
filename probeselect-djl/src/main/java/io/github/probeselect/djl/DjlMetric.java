package io.github.probeselect.djl;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.QualityMetric;
import java.util.List;
import java.util.Optional;

/** A metric directory loaded into PyTorch. Its {@link NativeArena} owns all native resources. */
final class DjlMetric implements LearnedMetric {

  /** More than one, to check that rows do not affect each other. */
  private static final int TRIAL_ROWS = 2;

  /** Of the trial's images, in pixels: small and not square. */
  private static final int TRIAL_HEIGHT = 40;

  private static final int TRIAL_WIDTH = 56;

  private final NativeArena arena;
  private final QualityMetric metric;

  private DjlMetric(NativeArena arena, QualityMetric metric) {
    this.arena = arena;
    this.metric = metric;
  }

  /**
   * Loads a metric and tests it.
   *
   * @throws io.github.probeselect.error.InvalidMetricException if a file cannot be used, or the
   *     metric does not return scores; nothing stays open then
   */
  static DjlMetric open(MetricDirectory directory, DeviceWorker worker) {
    NativeArena arena = NativeArena.open("the metric " + directory.manifest().name(), worker);
    try {
      return arena.call(
          "opening metric " + directory.location(),
          temporary -> new DjlMetric(arena, load(directory, arena, temporary)));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static QualityMetric load(
      MetricDirectory directory, NativeArena arena, NDManager temporary) {
    MetricDirectory.Manifest manifest = directory.manifest();
    TextTokenizer tokenizer = arena.own(TextTokenizer.open(directory, manifest.tokenizer()));
    TorchModule module = TorchModule.load(directory, manifest.file(), arena.newOwner());
    String text = manifest.tokenizer().check().text();
    new ModuleTrial(directory, temporary)
        .metric(module, tokenizer, text, TRIAL_ROWS, TRIAL_HEIGHT, TRIAL_WIDTH);
    return new TorchScriptMetric(arena, manifest.name(), manifest.hash(), tokenizer, module);
  }

  @Override
  public String name() {
    return metric.name();
  }

  @Override
  public String version() {
    return metric.version();
  }

  @Override
  public double score(RgbImage image, String prompt) {
    return metric.score(image, prompt);
  }

  @Override
  public double[] scores(List<RgbImage> images, String prompt) {
    return metric.scores(images, prompt);
  }

  @Override
  public Optional<Conditioning.Reading> truncation(String prompt) {
    return metric.truncation(prompt);
  }

  @Override
  public void close() {
    arena.close();
  }
}
