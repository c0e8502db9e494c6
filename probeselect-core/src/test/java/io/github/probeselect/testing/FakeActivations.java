package io.github.probeselect.testing;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;
import java.util.List;
import java.util.Map;

/** Activations on the heap that notice when they are read too late or never closed. */
final class FakeActivations implements Activations {

  private final FakeModel model;
  private final List<Map<String, float[]>> rows;
  private boolean closed;

  FakeActivations(FakeModel model, List<Map<String, float[]>> rows) {
    this.model = model;
    this.rows = List.copyOf(rows);
    model.opened(this);
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public synchronized float[] values(int row, String tap) {
    if (closed) {
      throw new IllegalStateException("the activations are read after they were closed");
    }
    if (row < 0 || row >= rows.size()) {
      throw new InvalidRequestException("there is no row " + row + " among " + rows.size());
    }
    float[] values = rows.get(row).get(tap);
    if (values == null) {
      throw new InvalidRequestException("there is no tap " + tap);
    }
    return values.clone();
  }

  @Override
  public synchronized void close() {
    closed = true;
    model.closed(this);
  }
}
