package io.github.probeselect.model;

import java.util.List;

/**
 * How far the prompt pulls a candidate: {@link Denoiser.Prediction#guidanceGap()}. It costs
 * nothing. Without classifier-free guidance it returns NaN.
 */
final class GuidanceGap implements Signal {

  @Override
  public String name() {
    return GUIDANCE_GAP;
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
