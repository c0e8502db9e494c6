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

  /** Groups candidates into batches of at most {@code largest}. */
  static List<MicroBatch> of(List<Trajectory> candidates, int largest) {
    Map<List<Object>, List<Trajectory>> alike = new LinkedHashMap<>();
    for (Trajectory candidate : candidates) {
      SettingsValues own = candidate.settings();
      alike
          .computeIfAbsent(List.of(own.prompt(), own.guidanceScale()), unseen -> new ArrayList<>())
          .add(candidate);
    }
    List<MicroBatch> chunks = new ArrayList<>();
    for (List<Trajectory> group : alike.values()) {
      for (int from = 0; from < group.size(); from += largest) {
        chunks.add(new MicroBatch(group.subList(from, Math.min(group.size(), from + largest))));
      }
    }
    return chunks;
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
