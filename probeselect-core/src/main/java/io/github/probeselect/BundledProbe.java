package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.Signal;
import java.util.List;

/** The probes of a bundle as one signal: at every fraction the one that was trained for it. */
record BundledProbe(DiffusionModel model) implements Signal {

  static Probe find(DiffusionModel model, double fractionDone) {
    return model
        .probe(fractionDone)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "the bundle "
                        + model.manifest().name()
                        + " ships no probe; train one, or give the request another with probe(...)"));
  }

  @Override
  public String name() {
    return Probe.NAME;
  }

  @Override
  public List<Judgement> judge(Observation observation) {
    return find(model, observation.fractionDone()).judge(observation);
  }
}
