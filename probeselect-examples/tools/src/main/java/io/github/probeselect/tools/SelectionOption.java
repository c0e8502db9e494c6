package io.github.probeselect.tools;

import io.github.probeselect.GenerationRequest;
import picocli.CommandLine.Option;

/** How many candidates the generations of a measurement start and finish. */
final class SelectionOption {

  @Option(
      names = "-n",
      converter = AtLeastOne.class,
      description = "How many candidates are started.")
  private int n = 16;

  @Option(
      names = "-k",
      converter = AtLeastOne.class,
      description = "How many candidates are finished.")
  private int k = 4;

  int n() {
    return n;
  }

  int k() {
    return k;
  }

  /** The request with these candidates, whose seeds begin at the given one. */
  GenerationRequest of(GenerationRequest request, long firstSeed) {
    return request.candidates(n, firstSeed).keep(k);
  }
}
