package io.github.probeselect.djl;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Probe;
import io.github.probeselect.selection.DecisionPoint;

/** The default bundle as the tests use it: opened once, small pictures, few steps. */
final class DefaultModel {

  static final String PROMPT = "a red circle above a blue square on a gray background";

  /** The smallest side of a picture. */
  static final int SIDE = 32;

  static final int STEPS = 5;

  private DefaultModel() {}

  private static final class Shared {
    static final Pipeline PIPELINE = new Pipeline(open());
  }

  static Bundle bundle() {
    return Bundle.embedded().orElseThrow();
  }

  /** Opens the model anew; the caller closes it. */
  static DiffusionModel open() {
    return new DjlBackend().open(bundle(), Device.CPU);
  }

  /** A pipeline that all tests share and none closes. */
  static Pipeline pipeline() {
    return Shared.PIPELINE;
  }

  static DiffusionModel model() {
    return pipeline().model();
  }

  /** How many native resources are open while the shared pipeline is, but does nothing. */
  static int nativeResourcesBeside() {
    pipeline();
    return NativeResources.open();
  }

  /** A small request that decides after two of five steps. */
  static GenerationRequest request(Pipeline pipeline) {
    return pipeline
        .request(PROMPT)
        .size(SIDE, SIDE)
        .steps(STEPS)
        .decideAt(DecisionPoint.step(2))
        .probe(firstValue());
  }

  static GenerationRequest request() {
    return request(pipeline());
  }

  /** Scores a candidate by the first value of its first activation. */
  static Probe firstValue() {
    return firstValue(bundle().manifest());
  }

  /** Scores a candidate of another model likewise. */
  static Probe firstValue(BundleManifest manifest) {
    String tap = manifest.taps().get(0).name();
    return observation -> {
      double[] scores = new double[observation.size()];
      for (int row = 0; row < scores.length; row++) {
        scores[row] = observation.activations().values(row, tap)[0];
      }
      return scores;
    };
  }
}
