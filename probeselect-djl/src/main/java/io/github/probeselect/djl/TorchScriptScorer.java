package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.TorchScriptProbeFile;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.error.InvalidProbeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** A probe that is a TorchScript module trained outside this library. */
final class TorchScriptScorer implements ProbeScorer {

  /** Candidates of the trial: more than one, to see that there is one row for each. */
  private static final int TRIAL_ROWS = 2;

  private final String name;
  private final TorchScriptProbeFile file;
  private final TorchModule module;

  private TorchScriptScorer(String name, TorchScriptProbeFile file, TorchModule module) {
    this.name = name;
    this.file = file;
    this.module = module;
  }

  /**
   * Loads the module and tests it.
   *
   * @param name the probe's name in messages
   * @param content the content of its TorchScript file
   * @param owner will own the module
   * @param temporary for the arrays of the trial
   * @throws InvalidProbeException if the file is damaged or no TorchScript, or the module fails,
   *     returns another shape or type, or numbers that are not finite
   */
  static TorchScriptScorer open(
      String name,
      TorchScriptProbeFile file,
      InputStream content,
      NDManager owner,
      NDManager temporary) {
    TorchScriptScorer scorer = new TorchScriptScorer(name, file, load(name, file, content, owner));
    scorer.tryOut(temporary);
    return scorer;
  }

  private static TorchModule load(
      String name, TorchScriptProbeFile file, InputStream content, NDManager owner) {
    try {
      byte[] verified = file.verified(content);
      return TorchModule.load(file.weights(), new ByteArrayInputStream(verified), owner);
    } catch (InvalidProbeException e) {
      throw e;
    } catch (RuntimeException | IOException e) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s: %s is not a TorchScript module that PyTorch can load: %s",
              name,
              file.weights(),
              NativeArena.reason(e)),
          e);
    }
  }

  @Override
  public ProbeNetwork.ScoreTensors score(ProbeReading reading) {
    List<NDArray> outputs = outputs(reading);
    NDArray scores = outputs.get(0).get(":, 0");
    NDArray logVariances =
        outputs.size() == 2
            ? outputs.get(1).get(":, 0")
            : scores.getManager().full(scores.getShape(), Float.NaN);
    return new ProbeNetwork.ScoreTensors(scores, logVariances);
  }

  /** Scores, and log variances if the module returns them, each {@code [N, metrics]}. */
  private List<NDArray> outputs(ProbeReading reading) {
    NDArray prompts = reading.embedding().repeat(0, reading.size());
    List<NDArray> outputs =
        module.call(
            "forward",
            reading.grid().getManager(),
            List.of(reading.grid(), reading.fraction(), prompts));
    Shape promised = new Shape(reading.size(), file.metrics().size());
    boolean kept =
        (outputs.size() == 1 || outputs.size() == 2)
            && outputs.stream()
                .allMatch(
                    output ->
                        output.getDataType() == DataType.FLOAT32
                            && output.getShape().equals(promised));
    if (!kept) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s: forward of %s returns %s for %d candidates, but it has to be float32 %s, the scores by %s, alone or with their log variances",
              name,
              file.weights(),
              Tensors.describe(outputs),
              reading.size(),
              Tensors.describe(promised),
              file.metrics()));
    }
    return outputs;
  }

  private void tryOut(NDManager temporary) {
    ProbeReading reading = example(temporary);
    List<NDArray> outputs;
    try {
      outputs = outputs(reading);
    } catch (InvalidProbeException e) {
      throw e;
    } catch (RuntimeException e) {
      NDArray prompts = reading.embedding().repeat(0, TRIAL_ROWS);
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s: forward of %s fails on a grid, a fraction and prompt embeddings, %s, which it has to take: %s",
              name,
              file.weights(),
              Tensors.describe(List.of(reading.grid(), reading.fraction(), prompts)),
              NativeArena.reason(e)),
          e);
    }
    for (NDArray output : outputs) {
      for (float value : output.toFloatArray()) {
        if (!Float.isFinite(value)) {
          throw new InvalidProbeException(
              String.format(
                  Locale.ROOT,
                  "probe %s: forward of %s returns %s for ordinary inputs, but it has to be finite numbers",
                  name,
                  file.weights(),
                  value));
        }
      }
    }
  }

  /** Gaussian numbers, as activations and latents are about; a constant could be a special case. */
  private ProbeReading example(NDManager temporary) {
    ProbeInputs inputs = file.inputs();
    Random random = new Random(0);
    return new ProbeReading(
        "",
        gaussian(
            new Shape(TRIAL_ROWS, inputs.inputChannels(), inputs.gridHeight(), inputs.gridWidth()),
            random,
            temporary),
        temporary.full(new Shape(TRIAL_ROWS, 1), 0.5f),
        gaussian(new Shape(1, inputs.promptTokens(), inputs.promptChannels()), random, temporary));
  }

  private static NDArray gaussian(Shape shape, Random random, NDManager manager) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, shape);
  }
}
