package io.github.probeselect.djl;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.ActivationExtractor;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Denoiser;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model that counts the rows its denoiser is given, and notes the latents of the first. Closing
 * it leaves the model underneath open.
 */
final class WatchedModel implements DiffusionModel {

  private final DiffusionModel model;
  private final BundleManifest manifest;
  private final AtomicInteger rows = new AtomicInteger();
  private final AtomicInteger capturedRows = new AtomicInteger();
  private final List<float[]> latents = new CopyOnWriteArrayList<>();

  WatchedModel(DiffusionModel model) {
    this(model, model.manifest().scheduler());
  }

  /** Has the model sampled by another scheduler than its own. */
  WatchedModel(DiffusionModel model, SchedulerSpec scheduler) {
    this.model = model;
    this.manifest = withScheduler(model.manifest(), scheduler);
  }

  private static BundleManifest withScheduler(BundleManifest manifest, SchedulerSpec scheduler) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode fields = json.valueToTree(manifest);
    fields.set("scheduler", json.valueToTree(scheduler));
    return json.convertValue(fields, BundleManifest.class);
  }

  /** Rows of all denoiser calls. */
  int rows() {
    return rows.get();
  }

  /** Rows of the denoiser calls that read activations. */
  int capturedRows() {
    return capturedRows.get();
  }

  /**
   * The latents of a generation of one candidate after {@code step} of its steps, as the denoiser
   * is shown them; after 0 steps they are the noise.
   */
  float[] latentsAfter(int step) {
    return latents.get(step);
  }

  private void note(DenoiserBatch batch) {
    rows.addAndGet(batch.size());
    latents.add(batch.latents().get(0));
  }

  @Override
  public BundleManifest manifest() {
    return manifest;
  }

  @Override
  public Conditioning encode(String prompt, String negativePrompt) {
    return model.encode(prompt, negativePrompt);
  }

  @Override
  public Denoiser denoiser() {
    return batch -> {
      note(batch);
      return model.denoiser().predict(batch);
    };
  }

  @Override
  public ActivationExtractor activationExtractor() {
    return new ActivationExtractor() {
      @Override
      public List<Tap> taps() {
        return model.activationExtractor().taps();
      }

      @Override
      public Capture capture(DenoiserBatch batch) {
        note(batch);
        capturedRows.addAndGet(batch.size());
        return model.activationExtractor().capture(batch);
      }
    };
  }

  @Override
  public Optional<Probe> probe(double fractionDone) {
    return model.probe(fractionDone);
  }

  @Override
  public Probe openProbe(Path file) {
    return model.openProbe(file);
  }

  @Override
  public QualityMetric metric(String name) {
    return model.metric(name);
  }

  @Override
  public RgbImage decode(float[] finished, LatentShape shape) {
    latents.add(finished);
    return model.decode(finished, shape);
  }

  @Override
  public void close() {}
}
