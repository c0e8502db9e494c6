package io.github.probeselect.scenes;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.scenes.SceneDescription.Noun;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures in the pixels how much of its prompt an image shows: 1 for a perfect picture, 0 for
 * nothing of what was asked.
 *
 * <p>The score is the product of what is seen of the objects, of the relation between the first
 * two, of the background's colour and of its texture. Every clue is a soft one, so that a
 * half-formed object counts in part and a small change of the image changes the score little:
 *
 * <ul>
 *   <li>each object asked for counts by colour times shape times size, and missing ones count as 0;
 *       the objects' share is the mean;
 *   <li>each solid object beyond those asked for lowers the whole, one of no known colour less;
 *   <li>a wrong relation, background colour or texture lowers the whole, the texture least.
 * </ul>
 *
 * <p>Objects seen and objects asked for are matched so that the score is highest. Distances are in
 * pixels of the model's native scale, in which a medium object is about 22 pixels wide; images of
 * any width and height are scored, but should not be rescaled before.
 *
 * <p>Deterministic, without state, safe for use by several threads. Nothing in it is learned.
 */
public final class SceneCheck implements QualityMetric {

  /** The most blobs that are matched with objects; smaller ones only count as superfluous. */
  private static final int MOST_MATCHED = 7;

  /** What a wrong clue leaves of the score. */
  private static final double WRONG_BACKGROUND = 0.6;

  private static final double WRONG_TEXTURE = 0.75;
  private static final double WRONG_UNNAMED_TEXTURE = 0.9;

  /** Creates the judge. */
  public SceneCheck() {}

  /** {@code scene-check}. */
  @Override
  public String name() {
    return "scene-check";
  }

  /**
   * Returns how much of the prompt the image shows, in [0, 1], or {@code NaN}, no opinion, if the
   * prompt is not of the grammar described in {@link SceneDescription}.
   */
  @Override
  public double score(RgbImage image, String prompt) {
    SceneDescription description;
    try {
      description = SceneDescription.parse(prompt);
    } catch (InvalidRequestException notOfTheGrammar) {
      return Double.NaN;
    }
    return score(image, description);
  }

  /** Returns how much of the description the image shows, in [0, 1]. */
  public double score(RgbImage image, SceneDescription description) {
    Lab[] colours = colours(image);
    Ground ground = Ground.of(image, colours);
    Segmentation segmentation = Segmentation.of(colours, image.width(), ground);
    List<Sighting> sightings = new Lookout(image, ground).sightings(segmentation);
    return objects(description, sightings) * surroundings(description, ground);
  }

  private static double surroundings(SceneDescription description, Ground ground) {
    double texture = ground.likelihood(description.texture());
    double wrongTexture =
        description.texture() == Texture.PLAIN ? WRONG_UNNAMED_TEXTURE : WRONG_TEXTURE;
    return softened(ground.likelihood(description.background()), WRONG_BACKGROUND)
        * softened(texture, wrongTexture);
  }

  private static double objects(SceneDescription description, List<Sighting> sightings) {
    List<Noun> wanted = new ArrayList<>();
    for (Noun noun : description.nouns()) {
      for (int i = 0; i < noun.count(); i++) {
        wanted.add(noun);
      }
    }
    double solid = sightings.stream().mapToDouble(Sighting::solidity).sum();
    List<Sighting> candidates = sightings.subList(0, Math.min(MOST_MATCHED, sightings.size()));
    return new Matching(wanted, candidates, description.relation(), solid).best();
  }

  private static double softened(double likelihood, double floor) {
    return floor + (1 - floor) * likelihood;
  }

  private static Lab[] colours(RgbImage image) {
    Lab[] colours = new Lab[image.width() * image.height()];
    for (int at = 0; at < colours.length; at++) {
      int x = at % image.width();
      int y = at / image.width();
      colours[at] = Lab.ofRgb(image.red(x, y), image.green(x, y), image.blue(x, y));
    }
    return colours;
  }
}
