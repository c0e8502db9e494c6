package io.github.probeselect;

import io.github.probeselect.model.Activations;
import io.github.probeselect.model.NoActivations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Candidates that one denoiser call evaluates together: of one wording and one guidance scale.
 *
 * @param candidates in the order of the request
 * @param activations what was captured of them
 */
record Chunk(List<Trajectory> candidates, Activations activations) {

  /** Divides candidates up, with nothing captured yet. */
  static List<Chunk> of(List<Trajectory> candidates, int largest) {
    Map<List<Object>, List<Trajectory>> alike = new LinkedHashMap<>();
    for (Trajectory candidate : candidates) {
      Settings own = candidate.settings();
      alike
          .computeIfAbsent(List.of(own.prompt(), own.guidanceScale()), unseen -> new ArrayList<>())
          .add(candidate);
    }
    List<Chunk> chunks = new ArrayList<>();
    for (List<Trajectory> group : alike.values()) {
      for (int from = 0; from < group.size(); from += largest) {
        List<Trajectory> part = group.subList(from, Math.min(group.size(), from + largest));
        chunks.add(new Chunk(part, new NoActivations(part.size())));
      }
    }
    return chunks;
  }

  Settings settings() {
    return candidates.get(0).settings();
  }

  int size() {
    return candidates.size();
  }

  boolean isCaptured() {
    return !(activations instanceof NoActivations);
  }
}
