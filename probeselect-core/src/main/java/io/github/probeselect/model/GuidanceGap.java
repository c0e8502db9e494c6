package io.github.probeselect.model;

import java.util.List;

/**
 * How far the prompt pulls a candidate: {@link Prediction#guidanceGap()}. It costs nothing. Without
 * classifier-free guidance it returns NaN.
 */
public final class GuidanceGap implements Signal {

  /** The name of the signal. */
  public static final String NAME = "guidance gap";

  /** Creates the signal. */
  public GuidanceGap() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Score> scores(Observation observation) {
    return observation.guidanceGaps().stream().map(gap -> new Score(gap, Double.NaN)).toList();
  }

  @Override
  public boolean readsActivations() {
    return false;
  }
}
