package io.github.probeselect.schedule;

/**
 * A schedule by Euler's method along the straight paths x = (1 - sigma) x_0 + sigma eps of flow
 * matching, whose velocity v = eps - x_0 the denoiser predicts: Liu et al., "Flow Straight and
 * Fast" (2022).
 *
 * <pre>{@code
 * x_next = x + (sigma_next - sigma) v
 * }</pre>
 */
final class FlowEulerSchedule extends CheckedSchedule {

  private final float[] sigmas;

  FlowEulerSchedule(SigmaPath path) {
    super(path.timesteps());
    this.sigmas = path.sigmas();
  }

  @Override
  float[] original(int step, float[] latents, float[] prediction) {
    return moved(latents, prediction, -sigmas[step]);
  }

  @Override
  SamplerState next(int step, SamplerState state, float[] prediction) {
    return SamplerState.of(moved(state.latents(), prediction, sigmas[step + 1] - sigmas[step]));
  }

  private static float[] moved(float[] latents, float[] velocity, float distance) {
    float[] moved = new float[latents.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = latents[i] + distance * velocity[i];
    }
    return moved;
  }
}
