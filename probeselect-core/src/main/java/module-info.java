/** Early-exit seed selection for text-to-image generation, without any tensor library. */
module io.github.probeselect.core {
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.databind;
  requires transitive java.desktop;
  requires static transitive org.jspecify;
  requires org.slf4j;

  uses io.github.probeselect.model.Backend;

  exports io.github.probeselect;
  exports io.github.probeselect.annotation;
  exports io.github.probeselect.bundle;
  exports io.github.probeselect.error;
  exports io.github.probeselect.image;
  exports io.github.probeselect.model;
  exports io.github.probeselect.planning;
  exports io.github.probeselect.selection;
  exports io.github.probeselect.internal to
      io.github.probeselect.djl;
  exports io.github.probeselect.internal.io to
      io.github.probeselect.djl;
  exports io.github.probeselect.internal.recorded to
      io.github.probeselect.djl;
  exports io.github.probeselect.internal.activations to
      io.github.probeselect.djl;
  exports io.github.probeselect.schedule to
      io.github.probeselect.djl;

  opens io.github.probeselect to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.bundle to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.noise to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.planning to
      com.fasterxml.jackson.databind;
}
