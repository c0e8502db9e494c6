package io.github.probeselect.planning;

import java.util.Map;

/**
 * What the parts of a generation cost besides denoising, measured on the machine that runs it. One
 * denoiser evaluation of one candidate, with its guidance branches, is the unit.
 *
 * @param signals what it costs to ask each signal about one candidate, what must be captured for it
 *     included; a signal that is missing here is free
 * @param finish what decoding one finished image, and scoring it if that is done, costs
 * @param secondsPerEvaluation how long one evaluation takes; NaN if that was not measured
 * @param overheadSeconds how long encoding the prompt takes
 */
public record Costs(
    Map<String, Double> signals,
    double finish,
    double secondsPerEvaluation,
    double overheadSeconds) {

  /** Denoising is all that counts. */
  public static final Costs DENOISING_ONLY = new Costs(Map.of(), 0, Double.NaN, 0);

  /** Copies the map. */
  public Costs {
    signals = Map.copyOf(signals);
  }

  /** What it costs to ask a signal about one candidate. */
  public double of(String signal) {
    return signals.getOrDefault(signal, 0.0);
  }
}
