package io.github.probeselect.server.work;

import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Settings;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The images of a request.
 *
 * @param settings what they were made with
 * @param images best first
 * @param candidates how many seeds were started
 * @param evaluations denoiser evaluations spent
 * @param share the same as a share of those that all candidates would have taken
 * @param interrupted whether these are previews, because the generation was interrupted
 * @param warnings what the library warned of
 */
public record Images(
    Settings settings,
    List<Image> images,
    int candidates,
    long evaluations,
    double share,
    boolean interrupted,
    List<String> warnings) {

  /**
   * An image.
   *
   * @param base64 the PNG file with its metadata, in Base64
   * @param seed its seed
   * @param score the score by which it was kept
   * @param finalScore the score of the finished image
   * @param rank its place among the candidates, 1 is the best
   * @param outcome what became of its candidate
   * @param parameters the settings in the form of AUTOMATIC1111
   */
  public record Image(
      String base64,
      long seed,
      OptionalDouble score,
      OptionalDouble finalScore,
      int rank,
      Candidate.Outcome outcome,
      String parameters) {}

  static Images of(GenerationResult result) {
    return new Images(
        result.settings(),
        result.images().stream().map(image -> image(image, result.candidates())).toList(),
        result.candidates().size(),
        result.evaluations().spent(),
        result.evaluations().share(),
        false,
        result.warnings());
  }

  private static Image image(KeptImage image, List<Candidate> candidates) {
    Candidate candidate =
        candidates.stream()
            .filter(one -> one.origin().equals(image.origin()))
            .findFirst()
            .orElseThrow();
    return new Image(
        Base64.getEncoder().encodeToString(image.toPng()),
        image.seed(),
        finite(image.score()),
        finite(image.finalScore()),
        candidate.rank(),
        candidate.outcome(),
        image.parameters());
  }

  /** JSON has no NaN. */
  static OptionalDouble finite(OptionalDouble value) {
    return value.isPresent() && Double.isFinite(value.getAsDouble())
        ? value
        : OptionalDouble.empty();
  }

  /** About how much memory they take. */
  long bytes() {
    return images.stream().mapToLong(image -> image.base64.length()).sum();
  }
}
