/** The default bundle, and the pixel-level judge of the scenes that its model draws. */
module io.github.probeselect.models {
  requires transitive io.github.probeselect.core;
  requires static org.jspecify;

  exports io.github.probeselect.scenes;

  opens io.github.probeselect.models;
}
