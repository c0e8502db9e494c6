package io.github.probeselect.djl;

import io.github.probeselect.djl.network.ProbeNetwork;

/** Judges candidates by what a probe reads of them. To be used on the worker only. */
interface ProbeJudge {

  /**
   * Judges N candidates of one prompt by the metric that selects.
   *
   * @return their standardised scores, and log variances that are {@code NaN} if unknown; the
   *     arrays belong to the manager of the reading's grid
   */
  ProbeNetwork.Judgement judge(ProbeReading reading);
}
