package io.github.probeselect.planning;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.annotation.Experimental;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.io.JsonFields;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The costs of the parts of a generation other than denoising, measured on the machine that runs
 * it. The unit is one denoiser evaluation: one step of one candidate, with its guidance branches.
 * Immutable; {@link io.github.probeselect.Pipeline#costs()} measures them, and other values are
 * derived from {@link #DENOISING_ONLY}:
 *
 * <pre>{@code
 * Costs costs = Costs.DENOISING_ONLY.signal(Probe.NAME, 0.4).finish(1.5).secondsPerEvaluation(0.02);
 * }</pre>
 */
@Experimental
public final class Costs {

  /** Costs of 0 for everything except denoising, and no measured times. */
  public static final Costs DENOISING_ONLY = new Costs(Map.of(), 0, Double.NaN, 0);

  private final Map<String, Double> signals;
  private final double finish;
  private final double secondsPerEvaluation;
  private final double overheadSeconds;

  private Costs(
      Map<String, Double> signals,
      double finish,
      double secondsPerEvaluation,
      double overheadSeconds) {
    this.signals = Map.copyOf(signals);
    this.finish = finish;
    this.secondsPerEvaluation = secondsPerEvaluation;
    this.overheadSeconds = overheadSeconds;
  }

  /** These costs with another cost of a signal, in denoiser evaluations for each candidate. */
  public Costs signal(String name, double evaluations) {
    Map<String, Double> changed = new HashMap<>(signals);
    changed.put(Arguments.require("name", name), evaluations);
    return new Costs(changed, finish, secondsPerEvaluation, overheadSeconds);
  }

  /** These costs with another cost of finishing one image, in denoiser evaluations. */
  public Costs finish(double evaluations) {
    return new Costs(signals, evaluations, secondsPerEvaluation, overheadSeconds);
  }

  /** These costs with another time of a denoiser evaluation, in seconds. */
  public Costs secondsPerEvaluation(double seconds) {
    return new Costs(signals, finish, seconds, overheadSeconds);
  }

  /** These costs with another time of encoding the prompt, in seconds. */
  public Costs overheadSeconds(double seconds) {
    return new Costs(signals, finish, secondsPerEvaluation, seconds);
  }

  /**
   * The cost of scoring one candidate with each signal, by name, including the capture of
   * activations; a missing signal costs nothing.
   */
  public Map<String, Double> signals() {
    return signals;
  }

  /** The cost of scoring one candidate with a signal. */
  public double of(String signal) {
    return signals.getOrDefault(Arguments.require("signal", signal), 0.0);
  }

  /** The cost of decoding one finished image, and of scoring it if it is scored. */
  public double finish() {
    return finish;
  }

  /** Seconds per denoiser evaluation; NaN if not measured. */
  public double secondsPerEvaluation() {
    return secondsPerEvaluation;
  }

  /** Seconds for encoding the prompt. */
  public double overheadSeconds() {
    return overheadSeconds;
  }

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  public Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .with("signals", signals)
        .number("finish", finish)
        .number("secondsPerEvaluation", secondsPerEvaluation)
        .number("overheadSeconds", overheadSeconds)
        .toMap();
  }

  /** Costs are equal if all their values are. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Costs costs
        && signals.equals(costs.signals)
        && Double.compare(finish, costs.finish) == 0
        && Double.compare(secondsPerEvaluation, costs.secondsPerEvaluation) == 0
        && Double.compare(overheadSeconds, costs.overheadSeconds) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(signals, finish, secondsPerEvaluation, overheadSeconds);
  }

  /** All values. */
  @Override
  public String toString() {
    return "Costs[signals="
        + signals
        + ", finish="
        + finish
        + ", secondsPerEvaluation="
        + secondsPerEvaluation
        + ", overheadSeconds="
        + overheadSeconds
        + "]";
  }
}
