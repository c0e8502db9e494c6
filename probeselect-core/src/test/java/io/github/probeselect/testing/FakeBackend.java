package io.github.probeselect.testing;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.DiffusionModel;

/** Loads any valid bundle as a {@link FakeModel}, whatever its modules hold. */
public final class FakeBackend implements Backend {

  /** Creates the backend, as {@link java.util.ServiceLoader} does. */
  public FakeBackend() {}

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public DiffusionModel open(Bundle bundle) {
    return new FakeModel(bundle.manifest());
  }
}
