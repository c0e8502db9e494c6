/** The backend on Deep Java Library's PyTorch engine, and what trains and evaluates probes. */
module io.github.probeselect.djl {
  requires transitive io.github.probeselect.core;
  requires transitive ai.djl.api;
  requires ai.djl.pytorch_engine;
  requires ai.djl.tokenizers;
  requires com.fasterxml.jackson.databind;
  // What DJL needs, whose automatic modules cannot require it.
  requires com.google.gson;
  requires com.sun.jna;
  // In which DJL reports the memory of a GPU.
  requires java.management;
  requires static transitive org.jspecify;
  requires org.slf4j;

  exports io.github.probeselect.dataset;
  exports io.github.probeselect.djl;
  exports io.github.probeselect.djl.probe;
  exports io.github.probeselect.djl.training;
  exports io.github.probeselect.evaluation;

  opens io.github.probeselect.dataset to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.djl to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.djl.network to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.djl.probe to
      com.fasterxml.jackson.databind;
  opens io.github.probeselect.djl.training to
      com.fasterxml.jackson.databind;

  provides io.github.probeselect.model.Backend with
      io.github.probeselect.djl.DjlBackend;
}
