package io.github.probeselect.testing;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeviceMemoryException;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A deterministic model in plain Java. The prediction for a row depends on that row's latents, the
 * timestep and the prompt of the branch, and on nothing else in the batch; its activations are
 * means of that prediction. It counts what it is asked for, knows what has not been closed, refuses
 * calls that break the contract of {@link DiffusionModel}, and runs the faults a test has placed.
 * Thread-safe.
 */
public final class FakeModel implements DiffusionModel {

  private static final long BYTES_PER_ROW = 1 << 20;

  private final BundleManifest manifest;
  private final Device device;
  private final Optional<Probe> probe;
  private final Map<Stage, AtomicInteger> calls = new EnumMap<>(Stage.class);
  private final AtomicInteger rows = new AtomicInteger();
  private final AtomicInteger unconditionalRows = new AtomicInteger();
  private final AtomicInteger largestBatch = new AtomicInteger();
  private final List<Interruption> interruptions = new CopyOnWriteArrayList<>();
  private final List<Place> divergences = new CopyOnWriteArrayList<>();
  private final List<Integer> blinded = new CopyOnWriteArrayList<>();
  private final List<Call> overflows = new CopyOnWriteArrayList<>();
  private final Set<Object> open =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
  private volatile int memoryRows = Integer.MAX_VALUE;
  private volatile boolean memoryMeasurable;
  private volatile boolean closed;
  private volatile boolean closedWhileInUse;

  private record Interruption(Stage stage, int call, Runnable action) {}

  private record Place(int candidate, int step) {}

  private record Call(Stage stage, int number) {}

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
    interruptions.add(new Interruption(stage, call, action));
    return this;
  }

  /**
   * Predicts NaN for one candidate at one step of every generation.
   *
   * @param candidate its place among those that run at that step, from 0
   * @param step from 0
   */
  public FakeModel divergeAt(int candidate, int step) {
    divergences.add(new Place(candidate, step));
    return this;
  }

  /** Gives NaN for the activations of the candidate of that place in every generation, from 0. */
  public FakeModel blind(int candidate) {
    blinded.add(candidate);
    return this;
  }

  /**
   * Makes the last value of the last colour plane NaN that the given call of a stage decodes,
   * counted from 1.
   */
  public FakeModel overflow(Stage stage, int call) {
    overflows.add(new Call(stage, call));
    return this;
  }

  /**
   * Gives the device memory for {@code rows} candidates in a denoiser call; a call with more fails.
   * Like PyTorch's allocator, the model keeps what a call took, so that it is not free afterwards.
   *
   * @param measurable whether {@link #freeMemory} tells what is left
   */
  public FakeModel memoryFor(int rows, boolean measurable) {
    memoryRows = rows;
    memoryMeasurable = measurable;
    return this;
  }

  @Override
  public OptionalLong freeMemory() {
    return memoryMeasurable
        ? OptionalLong.of(BYTES_PER_ROW * (memoryRows - largestBatch.get()))
        : OptionalLong.empty();
  }

  private void requireMemory(DenoiserBatch batch) {
    if (batch.size() > memoryRows) {
      throw new DeviceMemoryException(
          "no memory for " + batch.size() + " rows",
          OptionalLong.of(BYTES_PER_ROW * batch.size()),
          new OutOfMemoryError());
    }
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
    List<Truncation> truncations = new ArrayList<>();
    truncate("prompt", prompt, truncations);
    truncate("negative prompt", negativePrompt, truncations);
    int values =
        manifest.textEncoder().outputs().stream()
            .filter(output -> output.name().equals(manifest.promptEmbedding()))
            .flatMap(output -> output.shape().stream())
            .reduce(1, Math::multiplyExact);
    float[] embedding = new float[values];
    for (int i = 0; i < values; i++) {
      embedding[i] = (float) Math.sin(prompt.hashCode() + i);
    }
    return new FakeConditioning(
        this, prompt, negativePrompt, embedding, Collections.unmodifiableList(truncations));
  }

  private void truncate(String name, String text, List<Truncation> truncations) {
    int tokens = 2 + (text.isBlank() ? 0 : text.strip().split("\\s+").length);
    int limit = manifest.tokenizers().get(0).length();
    if (tokens > limit) {
      truncations.add(new Truncation(name, List.of(new Reading("CLIP", tokens, true, limit))));
    }
  }

  @Override
  public Denoiser denoiser() {
    return batch -> {
      enter(Stage.PREDICT);
      requireMemory(batch);
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
        requireMemory(batch);
        int firstRow = firstRow(batch);
        List<Prediction> predictions = predictions(batch, conditioning(batch), firstRow);
        List<Map<String, float[]>> activations = new ArrayList<>();
        for (int row = 0; row < predictions.size(); row++) {
          Map<String, float[]> byTap = new HashMap<>();
          for (Tap tap : taps()) {
            boolean blind = blinded.contains(firstRow + row);
            byTap.put(tap.name(), activation(tap, predictions.get(row).conditional(), blind));
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
      boolean diverges = divergences.contains(new Place(firstRow + row, step));
      predictions.add(
          new Prediction(
              diverges
                  ? nan(latents.length)
                  : predict(latents, batch.timestep(), conditioning.prompt(), scale),
              batch.unconditional()
                  ? predict(latents, batch.timestep(), conditioning.negativePrompt(), scale)
                  : null));
    }
    return predictions;
  }

  private static float[] predict(float[] latents, double timestep, String prompt, double scale) {
    double phase = prompt.hashCode() % 1000 + timestep / 1000 + scale;
    float[] prediction = new float[latents.length];
    for (int i = 0; i < latents.length; i++) {
      float neighbour = latents[(i + 1) % latents.length];
      prediction[i] = (float) (0.7 * latents[i] + 0.3 * Math.sin(neighbour + phase + i));
    }
    return prediction;
  }

  private static float[] activation(Tap tap, float[] prediction, boolean blind) {
    float[] activation = blind ? nan(tap.count()) : new float[tap.count()];
    for (int i = 0; i < prediction.length; i++) {
      activation[i % activation.length] += prediction[i] * activation.length / prediction.length;
    }
    return activation;
  }

  private static float[] nan(int length) {
    float[] values = new float[length];
    Arrays.fill(values, Float.NaN);
    return values;
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
    return QualityMetric.of(name, version, (image, prompt) -> brightness(image));
  }

  private static double brightness(RgbImage image) {
    double sum = 0;
    float[] planes = image.toPlanes();
    for (float value : planes) {
      sum += value;
    }
    return sum / planes.length;
  }

  @Override
  public RgbImage decode(float[] latents, LatentShape shape) {
    Call call = enter(Stage.DECODE);
    return image(image(latents, shape), shape, call);
  }

  private RgbImage image(float[] planes, LatentShape shape, Call call) {
    if (overflows.contains(call)) {
      planes[planes.length - 1] = Float.NaN;
    }
    return RgbImage.ofPlanes(width(shape), height(shape), planes);
  }

  private int width(LatentShape shape) {
    return shape.width() * manifest.latents().pixelsPerLatent();
  }

  private int height(LatentShape shape) {
    return shape.height() * manifest.latents().pixelsPerLatent();
  }

  /** Every colour plane is one latent channel, each latent a block of pixels. */
  private float[] image(float[] latents, LatentShape shape) {
    int block = manifest.latents().pixelsPerLatent();
    int width = width(shape);
    int height = height(shape);
    float[] planes = new float[3 * width * height];
    for (int i = 0; i < planes.length; i++) {
      int channel = i / (width * height) % shape.channels();
      int y = i / width % height / block;
      int x = i % width / block;
      float latent = latents[(channel * shape.height() + y) * shape.width() + x];
      planes[i] = (float) (0.5 + 0.5 * Math.sin(latent));
    }
    return planes;
  }

  /** A preview decoder sees everything a little brighter. */
  @Override
  public RgbImage preview(float[] x0Prediction, LatentShape shape) {
    if (manifest.previewDecoder() == null) {
      return decode(x0Prediction, shape);
    }
    Call decoding = enter(Stage.PREVIEW);
    float[] planes = image(x0Prediction, shape);
    for (int i = 0; i < planes.length; i++) {
      planes[i] = (float) Math.sqrt(planes[i]);
    }
    return image(planes, shape, decoding);
  }

  private Call enter(Stage stage) {
    requireOpen();
    int call = calls.get(stage).incrementAndGet();
    for (Interruption interruption : interruptions) {
      if (interruption.stage() == stage && interruption.call() == call) {
        interruption.action().run();
      }
    }
    return new Call(stage, call);
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
