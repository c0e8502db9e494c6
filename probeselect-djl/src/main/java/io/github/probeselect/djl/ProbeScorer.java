package io.github.probeselect.djl;

import io.github.probeselect.djl.network.ProbeNetwork;

/** Computes a probe's scores from its inputs. To be used on the worker only. */
interface ProbeScorer {

  /**
   * Scores N candidates of one prompt for the probe's selecting metric.
   *
   * @return their standardised scores, and log variances that are {@code NaN} if unknown; the
   *     arrays belong to the manager of the reading's grid
   */
  ProbeNetwork.ScoreTensors score(ProbeReading reading);
}
