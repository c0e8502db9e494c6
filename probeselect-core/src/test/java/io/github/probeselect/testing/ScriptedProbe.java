package io.github.probeselect.testing;

import io.github.probeselect.model.Probe;

/** A probe that knows the scores beforehand. */
public final class ScriptedProbe {

  private ScriptedProbe() {}

  /** Gives the candidate of seed {@code i} the score {@code scores[i]}. */
  public static Probe scores(double... scores) {
    return observation ->
        observation.seeds().stream().mapToDouble(seed -> scores[Math.toIntExact(seed)]).toArray();
  }
}
