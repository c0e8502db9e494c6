package io.github.probeselect.djl.probe;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.error.InvalidProbeException;
import java.util.List;
import java.util.Locale;

/**
 * What a probe reads of each candidate, wherever it was trained: the taps and the folded x0
 * prediction, stacked on one grid {@code [inputChannels, gridHeight, gridWidth]}, and the prompt
 * embedding.
 *
 * @param taps the activations it reads, all on the same grid, in stacking order
 * @param latentChannels channels of the x0 prediction, which is unshuffled to the same grid
 * @param promptTokens rows of the prompt embedding
 * @param promptChannels columns of the prompt embedding
 */
public record ProbeInputs(
    List<Tap> taps, int latentChannels, int promptTokens, int promptChannels) {

  /** The number of cells of the x0 prediction per grid cell along each side. */
  public static final int FOLD = 2;

  /** Copies the list. */
  public ProbeInputs {
    taps = List.copyOf(taps);
  }

  /** Some taps of a bundle, with its latents and its prompt embedding. */
  static ProbeInputs of(BundleManifest bundle, List<Tap> taps) {
    List<Integer> prompt = bundle.promptEmbeddingShape();
    return new ProbeInputs(taps, bundle.latents().channels(), prompt.get(0), prompt.get(1));
  }

  /** Whether there are taps, all on one grid. */
  boolean fitTogether() {
    return !taps.isEmpty()
        && taps.stream()
            .allMatch(
                tap ->
                    tap.gridHeight() == taps.get(0).gridHeight()
                        && tap.gridWidth() == taps.get(0).gridWidth());
  }

  /**
   * Checks that a bundle has these inputs.
   *
   * @param name the probe's name in messages
   * @param promptEmbedding the name of the text encoder output that the probe reads
   * @throws InvalidProbeException if the bundle lacks a tap, or has other latents or another prompt
   *     embedding, or the taps are not on one grid; the message names it
   */
  public void checkFit(String name, String promptEmbedding, BundleManifest manifest) {
    for (Tap tap : taps) {
      Tap found =
          manifest
              .tap(tap.name())
              .orElseThrow(
                  () ->
                      new InvalidProbeException(
                          String.format(
                              Locale.ROOT,
                              "probe %s reads the tap %s, which bundle %s lacks; export the bundle with --tap %s",
                              name,
                              tap.name(),
                              manifest.name(),
                              tap.name())));
      if (!found.equals(tap)) {
        throw new InvalidProbeException(
            String.format(
                Locale.ROOT,
                "probe %s expects %s, but bundle %s has %s; train one for it",
                name,
                tap,
                manifest.name(),
                found));
      }
    }
    if (!fitTogether()) {
      throw new InvalidProbeException(
          String.format(Locale.ROOT, "probe %s needs taps on one grid, it reads %s", name, taps));
    }
    List<Integer> prompt = List.of(promptTokens, promptChannels);
    if (latentChannels != manifest.latents().channels()
        || !promptEmbedding.equals(manifest.promptEmbedding())
        || manifest.textEncoder().outputs().stream()
            .noneMatch(out -> out.name().equals(promptEmbedding) && out.shape().equals(prompt))) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe %s expects %d latent channels and the prompt embedding %s %s, which bundle %s does not have; train one for it",
              name,
              latentChannels,
              promptEmbedding,
              prompt,
              manifest.name()));
    }
  }

  /** Rows of the grid. */
  public int gridHeight() {
    return taps.get(0).gridHeight();
  }

  /** Columns of the grid. */
  public int gridWidth() {
    return taps.get(0).gridWidth();
  }

  /** Cells of the grid. */
  public int cells() {
    return gridHeight() * gridWidth();
  }

  /** Channels of all taps. */
  public int tapChannels() {
    return taps.stream().mapToInt(Tap::channels).sum();
  }

  /** Channels of the pixel-unshuffled x0 prediction. */
  public int foldedChannels() {
    return latentChannels * FOLD * FOLD;
  }

  /** Channels of the stacked input: all taps, then the pixel-unshuffled x0 prediction. */
  public int inputChannels() {
    return tapChannels() + foldedChannels();
  }
}
