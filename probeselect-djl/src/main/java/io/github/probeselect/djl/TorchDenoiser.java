package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.BundleManifest.TimestepType;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.ActivationExtractor;
import io.github.probeselect.model.Denoiser;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.model.DenoiserBatch;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The denoiser module. Under classifier-free guidance a call of {@code n} candidates runs {@code
 * 2n} rows through it, all unconditional ones before all conditional ones.
 */
final class TorchDenoiser implements Denoiser, ActivationExtractor {

  private final NativeArena arena;
  private final TorchModule module;
  private final BundleManifest manifest;
  private final List<Tap> taps;

  TorchDenoiser(NativeArena arena, TorchModule module, BundleManifest manifest) {
    this.arena = arena;
    this.module = module;
    this.manifest = manifest;
    this.taps = manifest.taps();
  }

  @Override
  public List<Tap> taps() {
    return taps;
  }

  @Override
  public List<Prediction> predict(DenoiserBatch batch) {
    DjlConditioning conditioning = checked(batch);
    return arena.call(
        batch.size(),
        "denoising",
        temporary ->
            predictions(
                batch, run("forward", batch, conditioning, temporary).get(0).toFloatArray()));
  }

  @Override
  public Capture capture(DenoiserBatch batch) {
    DjlConditioning conditioning = checked(batch);
    return arena.call(
        batch.size(),
        "denoising and reading activations",
        temporary -> {
          List<NDArray> outputs = run("capture", batch, conditioning, temporary);
          List<Prediction> predictions = predictions(batch, outputs.get(0).toFloatArray());
          return new Capture(predictions, activations(batch, outputs.subList(1, outputs.size())));
        });
  }

  private DjlConditioning checked(DenoiserBatch batch) {
    LatentShape shape = batch.shape();
    if (batch.latents().isEmpty()) {
      throw new InvalidRequestException("a denoiser call needs at least one candidate");
    }
    if (shape.channels() != manifest.latents().channels()) {
      throw new InvalidRequestException(
          "latents of " + shape + "; the model has " + manifest.latents().channels() + " channels");
    }
    for (float[] latents : batch.latents()) {
      if (latents.length != shape.count()) {
        throw new InvalidRequestException(
            "latents of " + shape + " have " + shape.count() + " values, got " + latents.length);
      }
    }
    if (batch.unconditional() && manifest.guidance() != Guidance.CLASSIFIER_FREE) {
      throw new InvalidRequestException("the model has no unconditional branch");
    }
    return DjlConditioning.of(batch.conditioning(), arena);
  }

  private List<NDArray> run(
      String method, DenoiserBatch batch, DjlConditioning conditioning, NDManager temporary) {
    int rows = batch.unconditional() ? 2 * batch.size() : batch.size();
    List<NDArray> inputs = new ArrayList<>();
    inputs.add(latents(batch, rows, temporary));
    inputs.add(timesteps(batch.timestep(), rows, temporary));
    inputs.addAll(conditioning.repeated(batch.size(), batch.unconditional(), temporary));
    if (manifest.guidance() == Guidance.EMBEDDED) {
      inputs.add(temporary.full(new Shape(rows), (float) batch.guidanceScale()));
    }
    return module.call(method, temporary, inputs);
  }

  private static NDArray latents(DenoiserBatch batch, int rows, NDManager temporary) {
    LatentShape shape = batch.shape();
    FloatBuffer values = FloatBuffer.allocate(Math.multiplyExact(rows, shape.count()));
    while (values.hasRemaining()) {
      batch.latents().forEach(values::put);
    }
    return HeapNumbers.copied(
        values.array(),
        new Shape(rows, shape.channels(), shape.height(), shape.width()),
        temporary);
  }

  private NDArray timesteps(double timestep, int rows, NDManager temporary) {
    if (manifest.denoiser().timestepType() == TimestepType.INT64) {
      long[] timesteps = new long[rows];
      Arrays.fill(timesteps, Math.round(timestep));
      return temporary.create(timesteps);
    }
    return temporary.full(new Shape(rows), (float) timestep);
  }

  private static List<Prediction> predictions(DenoiserBatch batch, float[] values) {
    int n = batch.size();
    List<Prediction> predictions = new ArrayList<>();
    for (int row = 0; row < n; row++) {
      predictions.add(
          batch.unconditional()
              ? new Prediction(row(values, n + row, batch), row(values, row, batch))
              : new Prediction(row(values, row, batch), null));
    }
    return List.copyOf(predictions);
  }

  private static float[] row(float[] values, int row, DenoiserBatch batch) {
    int count = batch.shape().count();
    return Arrays.copyOfRange(values, row * count, (row + 1) * count);
  }

  /** Keeps the last rows, which are the conditional ones with and without guidance. */
  private DjlActivations activations(DenoiserBatch batch, List<NDArray> outputs) {
    NDIndex conditionalRows = new NDIndex("-" + batch.size() + ":");
    NDManager owner = arena.newOwner();
    try {
      Map<String, NDArray> kept = new LinkedHashMap<>();
      for (int tap = 0; tap < taps.size(); tap++) {
        NDArray rows = outputs.get(tap).get(conditionalRows).duplicate();
        rows.attach(owner);
        kept.put(taps.get(tap).name(), rows);
      }
      return new DjlActivations(arena, owner, batch.size(), kept);
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
  }
}
