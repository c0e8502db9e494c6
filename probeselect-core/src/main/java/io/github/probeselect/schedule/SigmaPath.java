package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The sigmas from noise to image, and the timestep that the denoiser receives at each but the last.
 */
final class SigmaPath {

  private final double[] timesteps;
  private final float[] sigmas;

  private SigmaPath(double[] timesteps, float[] sigmas) {
    this.timesteps = timesteps;
    this.sigmas = sigmas;
  }

  /**
   * Returns the path along some sigmas, rounded to single precision, to a last one.
   *
   * @param timesteps one for each sigma; belongs to the path from now on
   * @throws InvalidRequestException if the sigmas do not fall: a solver needs falling sigmas
   */
  static SigmaPath of(double[] timesteps, double[] sigmas, double last) {
    float[] path = new float[sigmas.length + 1];
    for (int i = 0; i < sigmas.length; i++) {
      path[i] = (float) sigmas[i];
      if (!(path[i] > 0) || (i > 0 && path[i] >= path[i - 1])) {
        throw new InvalidRequestException(
            sigmas.length
                + " steps bring the sampler to sigma "
                + path[i]
                + " at step "
                + i
                + (i == 0 ? "" : " after " + path[i - 1])
                + ", but sigmas must fall and be above 0; ask for another number of steps");
      }
    }
    path[sigmas.length] = (float) last;
    return new SigmaPath(timesteps, path);
  }

  /** Returns the path along the sigmas that a diffusion has at some timesteps, to a last one. */
  static SigmaPath along(SigmaTable table, double[] timesteps, double last) {
    return of(timesteps, Arrays.stream(timesteps).map(table::at).toArray(), last);
  }

  /** Returns the path of a flow; the denoiser receives its sigmas in whole training steps. */
  static SigmaPath ofFlow(int trainSteps, double[] sigmas, double last) {
    double[] timesteps = Arrays.stream(sigmas).map(s -> Math.floor(s * trainSteps)).toArray();
    return of(timesteps, sigmas, last);
  }

  /** The timesteps that the denoiser receives, from noise to image. */
  double[] timesteps() {
    return timesteps.clone();
  }

  /** One more than timesteps. */
  float[] sigmas() {
    return sigmas.clone();
  }

  /** The noise level at every sigma. */
  List<NoiseLevel> levels(Function<Float, NoiseLevel> process) {
    List<NoiseLevel> levels = new ArrayList<>();
    for (float sigma : sigmas) {
      levels.add(process.apply(sigma));
    }
    return levels;
  }
}
