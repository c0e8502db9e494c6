package io.github.probeselect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The candidates of one denoiser call: at the same step, with the same wording and guidance scale.
 *
 * @param candidates in the order of the request
 */
record MicroBatch(List<Trajectory> candidates) {

  /** Groups candidates that one call can evaluate, if the device's memory holds as many. */
  static List<MicroBatch> of(List<Trajectory> candidates) {
    Map<List<Object>, List<Trajectory>> alike = new LinkedHashMap<>();
    for (Trajectory candidate : candidates) {
      SettingsValues own = candidate.settings();
      alike
          .computeIfAbsent(List.of(own.prompt(), own.guidanceScale()), unseen -> new ArrayList<>())
          .add(candidate);
    }
    return alike.values().stream().map(MicroBatch::new).toList();
  }

  /** Some of its candidates, from {@code from} to {@code to}, exclusive. */
  MicroBatch part(int from, int to) {
    return new MicroBatch(candidates.subList(from, to));
  }

  SettingsValues settings() {
    return candidates.get(0).settings();
  }

  int stepsDone() {
    return candidates.get(0).stepsDone();
  }

  int size() {
    return candidates.size();
  }
}
