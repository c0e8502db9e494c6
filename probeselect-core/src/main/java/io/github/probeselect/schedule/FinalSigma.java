package io.github.probeselect.schedule;

/** Where the last step of a schedule along sigmas arrives. */
enum FinalSigma {
  /** At the image. */
  ZERO("zero"),
  /** At the least sigma, which leaves the last noise in. */
  SIGMA_MIN("sigma_min");

  private final String option;

  FinalSigma(String option) {
    this.option = option;
  }

  /** The last sigma, which is 0 or the least one. */
  double of(double least) {
    return this == ZERO ? 0 : least;
  }

  /** The name in {@code scheduler_config.json}. */
  @Override
  public String toString() {
    return option;
  }
}
