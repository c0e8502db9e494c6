/** An application that draws, and scores what it drew. */
module com.example.modulepath {
  requires io.github.probeselect.core;
  requires io.github.probeselect.djl;    // runs models
  requires io.github.probeselect.models; // the default model; not needed for bundles of your own
}
