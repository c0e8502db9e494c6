package io.github.probeselect.testing;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.ActivationExtractor;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.Denoiser;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A deterministic model in plain Java. The prediction for a row depends on that row's latents, the
 * timestep and the prompt of the branch, and on nothing else in the batch; its activations are
 * means of that prediction. It counts what it is asked for, knows what has not been closed, refuses
 * calls that break the contract of {@link DiffusionModel}, and runs the faults a test has placed.
 * Thread-safe.
 */
public final class FakeModel implements DiffusionModel {

  private final BundleManifest manifest;
  private final Device device;
  private final Optional<Probe> probe;
  private final Map<Stage, AtomicInteger> calls = new EnumMap<>(Stage.class);
  private final AtomicInteger rows = new AtomicInteger();
  private final AtomicInteger unconditionalRows = new AtomicInteger();
  private final AtomicInteger largestBatch = new AtomicInteger();
  private final AtomicInteger textEncoderReleases = new AtomicInteger();
  private final FakeFaults faults = new FakeFaults();
  private final Set<Object> open =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
  private volatile FakeMemory memory = new FakeMemory(Integer.MAX_VALUE, false);
  private volatile boolean textEncoderLoaded = true;
  private volatile boolean closed;
  private volatile boolean closedWhileInUse;

  /** Creates the model of {@link FakeBundle#manifest()}. */
  public FakeModel() {
    this(FakeBundle.manifest());
  }

  /**
   * Creates a model that does what {@code manifest} says; it ships a probe if the manifest does.
   */
  public FakeModel(BundleManifest manifest) {
    this(manifest, Device.CPU);
  }

  /** Creates a model that says it is on {@code device}. */
  public FakeModel(BundleManifest manifest, Device device) {
    this.manifest = manifest;
    this.device = device;
    for (Stage stage : Stage.values()) {
      calls.put(stage, new AtomicInteger());
    }
    this.probe =
        manifest.probes().isEmpty()
            ? Optional.empty()
            : Optional.of(new FakeProbe(this, manifest.taps().get(0)));
  }

  /**
   * Runs {@code action} at the beginning of the given call of a stage, counted from 1; what it
   * throws, the call throws.
   */
  public FakeModel at(Stage stage, int call, Runnable action) {
    faults.interrupt(stage, call, action);
    return this;
  }

  /**
   * Predicts NaN for one candidate at one step of every generation.
   *
   * @param candidate its place among those that run at that step, from 0
   * @param step from 0
   */
  public FakeModel divergeAt(int candidate, int step) {
    faults.diverge(candidate, step);
    return this;
  }

  /** Gives NaN for the activations of the candidate of that place in every generation, from 0. */
  public FakeModel blind(int candidate) {
    faults.blind(candidate);
    return this;
  }

  /**
   * Makes the last value of the last colour plane NaN that the given call of a stage decodes,
   * counted from 1.
   */
  public FakeModel overflow(Stage stage, int call) {
    faults.overflow(stage, call);
    return this;
  }

  /**
   * Gives the device memory for {@code rows} candidates in a denoiser call; a call with more fails.
   * Like PyTorch's allocator, the model keeps what a call took, so that it is not free afterwards.
   *
   * @param measurable whether {@link #freeMemory} tells what is left
   */
  public FakeModel memoryFor(int rows, boolean measurable) {
    memory = new FakeMemory(rows, measurable);
    return this;
  }

  @Override
  public OptionalLong freeMemory() {
    return memory.free(largestBatch.get());
  }

  /** How often a stage was called. */
  public int calls(Stage stage) {
    return calls.get(stage).get();
  }

  /** How many candidates were evaluated, summed over all denoiser calls, one per prediction. */
  public int rows() {
    return rows.get();
  }

  /** How many of them were evaluated in the unconditional branch too. */
  public int unconditionalRows() {
    return unconditionalRows.get();
  }

  /** The most candidates that one call evaluated. */
  public int largestBatch() {
    return largestBatch.get();
  }

  /** How often the text encoder was released after it had been loaded. */
  public int textEncoderReleases() {
    return textEncoderReleases.get();
  }

  /** What has been opened and not closed: conditionings, activations, probes. */
  public List<Object> open() {
    synchronized (open) {
      return List.copyOf(open);
    }
  }

  /** Whether the model itself is closed. */
  public boolean isClosed() {
    return closed;
  }

  /** Whether the model was closed while a conditioning or activations of it were open. */
  public boolean wasClosedWhileInUse() {
    return closedWhileInUse;
  }

  void opened(Object resource) {
    open.add(resource);
  }

  void closed(Object resource) {
    open.remove(resource);
  }

  @Override
  public BundleManifest manifest() {
    return manifest;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Conditioning encode(String prompt, String negativePrompt) {
    enter(Stage.ENCODE);
    textEncoderLoaded = true;
    List<Truncation> truncations = new ArrayList<>();
    truncate("prompt", prompt, truncations);
    truncate("negative prompt", negativePrompt, truncations);
    int values =
        manifest.textEncoder().outputs().stream()
            .filter(output -> output.name().equals(manifest.promptEmbedding()))
            .flatMap(output -> output.shape().stream())
            .reduce(1, Math::multiplyExact);
    float[] embedding = FakeNetwork.embedding(prompt, values);
    return new FakeConditioning(
        this, prompt, negativePrompt, embedding, Collections.unmodifiableList(truncations));
  }

  private void truncate(String name, String text, List<Truncation> truncations) {
    int tokens = FakeMetric.tokens(text);
    int limit = manifest.tokenizers().get(0).length();
    if (tokens > limit) {
      truncations.add(new Truncation(name, List.of(new Reading("CLIP", tokens, true, limit))));
    }
  }

  @Override
  public Denoiser denoiser() {
    return batch -> {
      enter(Stage.PREDICT);
      memory.require(batch.size());
      return predictions(batch, conditioning(batch), firstRow(batch));
    };
  }

  @Override
  public ActivationExtractor activationExtractor() {
    return new ActivationExtractor() {
      @Override
      public List<Tap> taps() {
        return manifest.taps();
      }

      @Override
      public Capture capture(DenoiserBatch batch) {
        enter(Stage.CAPTURE);
        memory.require(batch.size());
        int firstRow = firstRow(batch);
        List<Prediction> predictions = predictions(batch, conditioning(batch), firstRow);
        List<Map<String, float[]>> activations = new ArrayList<>();
        for (int row = 0; row < predictions.size(); row++) {
          Map<String, float[]> byTap = new HashMap<>();
          for (Tap tap : taps()) {
            boolean blind = faults.isBlind(firstRow + row);
            byTap.put(
                tap.name(), FakeNetwork.activation(tap, predictions.get(row).conditional(), blind));
          }
          activations.add(byTap);
        }
        return new Capture(predictions, new FakeActivations(FakeModel.this, activations));
      }
    };
  }

  private FakeConditioning conditioning(DenoiserBatch batch) {
    FakeConditioning conditioning = (FakeConditioning) batch.conditioning();
    conditioning.requireOpen();
    return conditioning;
  }

  /** The place of the batch's first row among all rows of its generation at this timestep. */
  private int firstRow(DenoiserBatch batch) {
    if (batch.size() == 0) {
      throw new IllegalStateException("a denoiser call without rows");
    }
    if (batch.unconditional() && manifest.guidance() != Guidance.CLASSIFIER_FREE) {
      throw new IllegalStateException("this model has no unconditional branch");
    }
    for (float[] latents : batch.latents()) {
      if (latents.length != batch.shape().count()) {
        throw new IllegalStateException("latents of another shape than the batch");
      }
    }
    rows.addAndGet(batch.size());
    unconditionalRows.addAndGet(batch.unconditional() ? batch.size() : 0);
    largestBatch.accumulateAndGet(batch.size(), Math::max);
    return conditioning(batch).countRows(batch.timestep(), batch.size());
  }

  private List<Prediction> predictions(
      DenoiserBatch batch, FakeConditioning conditioning, int firstRow) {
    double scale = manifest.guidance() == Guidance.EMBEDDED ? batch.guidanceScale() : 0;
    int step = conditioning.step(batch.timestep());
    List<Prediction> predictions = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      float[] latents = batch.latents().get(row);
      boolean diverges = faults.diverges(firstRow + row, step);
      predictions.add(
          new Prediction(
              diverges
                  ? FakeNetwork.nan(latents.length)
                  : FakeNetwork.predict(latents, batch.timestep(), conditioning.prompt(), scale),
              batch.unconditional()
                  ? FakeNetwork.predict(
                      latents, batch.timestep(), conditioning.negativePrompt(), scale)
                  : null));
    }
    return predictions;
  }

  @Override
  public Optional<Probe> probe(double fractionDone) {
    requireOpen();
    return probe;
  }

  @Override
  public Probe openProbe(Path file) {
    requireOpen();
    if (!Files.exists(file)) {
      throw new InvalidProbeException("there is no probe at " + file);
    }
    return new FakeProbe(this, manifest.taps().get(0));
  }

  @Override
  public QualityMetric metric(String name) {
    requireOpen();
    String version =
        manifest.metrics().stream()
            .filter(metric -> metric.name().equals(name))
            .findFirst()
            .map(manifest::metricHash)
            .orElseThrow(() -> new InvalidRequestException("the bundle has no metric " + name));
    return new FakeMetric(name, version, manifest.tokenizers().get(0).length());
  }

  @Override
  public RgbImage decode(float[] latents, LatentShape shape) {
    int call = enter(Stage.DECODE);
    return image(FakeNetwork.planes(latents, shape, pixelsPerLatent()), shape, Stage.DECODE, call);
  }

  /** A preview decoder sees everything a little brighter. */
  @Override
  public RgbImage preview(float[] x0Prediction, LatentShape shape) {
    if (manifest.previewDecoder() == null) {
      return decode(x0Prediction, shape);
    }
    int call = enter(Stage.PREVIEW);
    float[] planes = FakeNetwork.planes(x0Prediction, shape, pixelsPerLatent());
    for (int i = 0; i < planes.length; i++) {
      planes[i] = (float) Math.sqrt(planes[i]);
    }
    return image(planes, shape, Stage.PREVIEW, call);
  }

  private RgbImage image(float[] planes, LatentShape shape, Stage stage, int call) {
    if (faults.overflows(stage, call)) {
      planes[planes.length - 1] = Float.NaN;
    }
    return RgbImage.ofPlanes(
        shape.width() * pixelsPerLatent(), shape.height() * pixelsPerLatent(), planes);
  }

  private int pixelsPerLatent() {
    return manifest.latents().pixelsPerLatent();
  }

  @Override
  public boolean releaseTextEncoder() {
    requireOpen();
    boolean loaded = textEncoderLoaded;
    textEncoderLoaded = false;
    if (loaded) {
      textEncoderReleases.incrementAndGet();
    }
    return loaded;
  }

  private int enter(Stage stage) {
    requireOpen();
    int call = calls.get(stage).incrementAndGet();
    faults.runAt(stage, call);
    return call;
  }

  private void requireOpen() {
    if (closed) {
      throw new BackendException("the model is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    probe.ifPresent(Probe::close);
    closedWhileInUse |= open().stream().anyMatch(resource -> !(resource instanceof Probe));
  }
}
