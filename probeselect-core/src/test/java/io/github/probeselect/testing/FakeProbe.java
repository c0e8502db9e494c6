package io.github.probeselect.testing;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;

/** Scores a candidate by the mean of its activation at one tap. */
public final class FakeProbe implements Probe {

  private final FakeModel model;
  private final Tap tap;

  FakeProbe(FakeModel model, Tap tap) {
    this.model = model;
    this.tap = tap;
    model.opened(this);
  }

  @Override
  public double[] score(Observation observation) {
    double[] scores = new double[observation.size()];
    for (int row = 0; row < scores.length; row++) {
      double sum = 0;
      for (float value : observation.activations().values(row, tap.name())) {
        sum += value;
      }
      scores[row] = sum / tap.count();
    }
    return scores;
  }

  @Override
  public String metric() {
    return "brightness";
  }

  @Override
  public void close() {
    model.closed(this);
  }
}
