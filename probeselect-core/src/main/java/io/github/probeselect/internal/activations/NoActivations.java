package io.github.probeselect.internal.activations;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;

/**
 * What stands in an observation when nothing was captured, because no signal reads activations.
 *
 * @param size the number of candidates
 */
public record NoActivations(int size) implements Activations {

  @Override
  public float[] values(int row, String tap) {
    throw new InvalidRequestException(
        "no activations were captured; a signal that reads them must return true from readsActivations()");
  }

  @Override
  public void close() {}
}
