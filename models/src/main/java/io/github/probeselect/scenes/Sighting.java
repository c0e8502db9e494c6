package io.github.probeselect.scenes;

import io.github.probeselect.scenes.SceneDescription.Noun;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a blob looks like: how far it is each colour, each shape and each size, and how far it is an
 * object at all.
 *
 * <p>Shapes are compared by overlap with the upright outline of the blob's area and centre of mass;
 * their weights are exp(overlap / T), divided by their sum. Colours are weighed by exp(-d² / 2σ²)
 * with d the difference in L*a*b*.
 */
final class Sighting {

  /** Areas, in pixels, between which a speck becomes an object. */
  private static final double SPECK = 10;

  private static final double OBJECT = 45;

  private static final double COLOUR_TOLERANCE = 8;
  private static final double SHAPE_TOLERANCE = 0.025;

  /** Overlaps between which a blob begins to show a shape. */
  private static final double SHAPELESS = 0.55;

  private static final double SHAPELY = 0.8;

  /** What a wrong clue leaves of an object. */
  private static final double WRONG_COLOUR = 0.15;

  private static final double WRONG_SHAPE = 0.25;
  private static final double WRONG_SIZE = 0.4;
  private static final double WRONG_UNNAMED_SIZE = 0.8;

  private final Blob blob;
  private final Map<Shape, Double> shapes = new EnumMap<>(Shape.class);
  private final Map<Shape, Double> halfExtents = new EnumMap<>(Shape.class);
  private final Map<ObjectColour, Double> colours = new EnumMap<>(ObjectColour.class);

  Sighting(Blob blob) {
    this.blob = blob;
    weighShapes();
    weighColours();
  }

  /** How far the blob is an object rather than a speck, in [0, 1]. */
  double solidity() {
    return Ramp.smooth(SPECK, OBJECT, blob.area());
  }

  /** The horizontal centre of mass, in pixels. */
  double x() {
    return blob.x();
  }

  /** The vertical centre of mass, in pixels. */
  double y() {
    return blob.y();
  }

  /** How far the blob is an object that the noun means, in [0, 1]. */
  double likeness(Noun noun) {
    double size = noun.size().likelihood(halfExtents.getOrDefault(noun.shape(), 0.0));
    return solidity()
        * softened(colours.getOrDefault(noun.colour(), 0.0), WRONG_COLOUR)
        * softened(shapes.getOrDefault(noun.shape(), 0.0), WRONG_SHAPE)
        * softened(size, noun.size() == Size.MEDIUM ? WRONG_UNNAMED_SIZE : WRONG_SIZE);
  }

  private static double softened(double likelihood, double floor) {
    return floor + (1 - floor) * likelihood;
  }

  private void weighShapes() {
    Map<Shape, Double> overlaps = new EnumMap<>(Shape.class);
    double sum = 0;
    for (Shape shape : Shape.values()) {
      Outline outline = Outline.of(shape);
      double halfExtent = Math.sqrt(Math.max(1, blob.area()) / outline.area());
      double centreY = blob.y() - halfExtent * outline.centreOfMassY();
      double overlap = blob.overlap(shape, blob.x(), centreY, halfExtent);
      halfExtents.put(shape, halfExtent);
      overlaps.put(shape, overlap);
      sum += Math.exp((overlap - 1) / SHAPE_TOLERANCE);
    }
    for (Shape shape : Shape.values()) {
      double overlap = overlaps.getOrDefault(shape, 0.0);
      double share = Math.exp((overlap - 1) / SHAPE_TOLERANCE) / sum;
      shapes.put(shape, share * Ramp.smooth(SHAPELESS, SHAPELY, overlap));
    }
  }

  private void weighColours() {
    double sum = 0;
    for (ObjectColour colour : ObjectColour.values()) {
      sum += weight(colour);
    }
    for (ObjectColour colour : ObjectColour.values()) {
      double far =
          Ramp.smooth(
              3 * COLOUR_TOLERANCE, 7 * COLOUR_TOLERANCE, blob.colour().distance(colour.lab()));
      colours.put(colour, weight(colour) / Math.max(sum, 1e-300) * (1 - far));
    }
  }

  private double weight(ObjectColour colour) {
    double distance = blob.colour().distance(colour.lab());
    return Math.exp(-distance * distance / (2 * COLOUR_TOLERANCE * COLOUR_TOLERANCE));
  }
}
