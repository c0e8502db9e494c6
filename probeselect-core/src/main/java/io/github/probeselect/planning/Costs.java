package io.github.probeselect.planning;

import java.util.Map;

/**
 * The costs of the parts of a generation other than denoising, measured on the machine that runs
 * it. The unit is one denoiser evaluation: one step of one candidate, with its guidance branches.
 *
 * @param signals the cost of scoring one candidate with each signal, by name, including the capture
 *     of activations; a missing signal costs nothing
 * @param finish the cost of decoding one finished image, and of scoring it if it is scored
 * @param secondsPerEvaluation seconds per denoiser evaluation; NaN if not measured
 * @param overheadSeconds seconds for encoding the prompt
 */
public record Costs(
    Map<String, Double> signals,
    double finish,
    double secondsPerEvaluation,
    double overheadSeconds) {

  /** Costs of 0 for everything except denoising. */
  public static final Costs DENOISING_ONLY = new Costs(Map.of(), 0, Double.NaN, 0);

  /** Copies the map. */
  public Costs {
    signals = Map.copyOf(signals);
  }

  /** The cost of scoring one candidate with a signal. */
  public double of(String signal) {
    return signals.getOrDefault(signal, 0.0);
  }
}
