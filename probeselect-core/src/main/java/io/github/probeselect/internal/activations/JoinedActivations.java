package io.github.probeselect.internal.activations;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;
import java.util.List;

/**
 * The activations of several captures as one, row after row: candidates of several micro-batches
 * are scored together.
 *
 * @param parts at least one; a backend's own probe reads them where they are
 */
public record JoinedActivations(List<Activations> parts) implements Activations {

  /** Joins activations, which are closed with the whole. */
  public JoinedActivations {
    parts = List.copyOf(parts);
  }

  @Override
  public int size() {
    return parts.stream().mapToInt(Activations::size).sum();
  }

  @Override
  public float[] values(int row, String tap) {
    int before = 0;
    for (Activations part : parts) {
      if (row >= before && row < before + part.size()) {
        return part.values(row - before, tap);
      }
      before += part.size();
    }
    throw new InvalidRequestException("there is no row " + row + " in " + before + " activations");
  }

  @Override
  public void close() {
    parts.forEach(Activations::close);
  }
}
