package io.github.probeselect.scenes;

import io.github.probeselect.scenes.SceneDescription.Noun;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a blob looks like: how far it is each colour, each shape and each size, and how far it is an
 * object at all.
 *
 * <p>Shapes are compared by overlap with upright stencils of the blob's area and centre of mass;
 * their weights are exp(overlap / T), divided by their sum. Colours are weighed by exp(-d² / 2σ²)
 * with d the difference in L*a*b*.
 */
final class Sighting {

  /** Areas, in pixels, between which a speck becomes an object. */
  private static final double SPECK = 12;

  private static final double OBJECT = 50;

  /** Contrasts, in L*a*b* units, between which a shade of the background becomes an object. */
  private static final double SHADE = 8;

  private static final double PAINT = 16;

  /**
   * Distances from all palette colours, in L*a*b* units, between which an object becomes a stain.
   */
  private static final double NAMED = 28;

  private static final double NAMELESS = 45;

  /** How much of an object a stain is. */
  private static final double STAIN = 0.3;

  private static final double COLOUR_TOLERANCE = 10;
  private static final double SHAPE_TOLERANCE = 0.025;

  /** Overlaps between which a blob begins to show a shape. */
  private static final double SHAPELESS = 0.55;

  private static final double SHAPELY = 0.8;

  /** A blob that overlaps with a stencil by this much is not compared with others. */
  private static final double SHARP = 0.95;

  /** What a wrong clue leaves of an object. */
  private static final double WRONG_COLOUR = 0.15;

  private static final double WRONG_SHAPE = 0.25;
  private static final double WRONG_SIZE = 0.4;
  private static final double WRONG_UNNAMED_SIZE = 0.8;

  private final Blob blob;
  private final double solidity;
  private double shapeliness;
  private final Map<Shape, Double> shapes = new EnumMap<>(Shape.class);
  private final Map<Shape, Double> halfExtents = new EnumMap<>(Shape.class);
  private final Map<ObjectColour, Double> colours = new EnumMap<>(ObjectColour.class);

  Sighting(Blob blob) {
    this.blob = blob;
    this.solidity =
        Ramp.smooth(SPECK, OBJECT, blob.area())
            * Ramp.smooth(SHADE, PAINT, blob.contrast())
            * softened(1 - Ramp.smooth(NAMED, NAMELESS, distanceFromPalette()), STAIN);
    weighShapes();
    weighColours();
  }

  /** How far the blob is an object rather than a speck, a shade or a stain, in [0, 1]. */
  double solidity() {
    return solidity;
  }

  /** The overlap with the shape that suits best, in [0, 1]. */
  double shapeliness() {
    return shapeliness;
  }

  /** The area in pixels. */
  double area() {
    return blob.area();
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
    return solidity
        * softened(colours.getOrDefault(noun.colour(), 0.0), WRONG_COLOUR)
        * softened(shapes.getOrDefault(noun.shape(), 0.0), WRONG_SHAPE)
        * softened(size, noun.size() == Size.MEDIUM ? WRONG_UNNAMED_SIZE : WRONG_SIZE);
  }

  private static double softened(double likelihood, double floor) {
    return floor + (1 - floor) * likelihood;
  }

  /** Compares the blob with all shapes, sharp, blurred or plump, whichever suits it best. */
  private void weighShapes() {
    Map<Shape, Double> suitability = new EnumMap<>(Shape.class);
    for (List<Stencil> stencils : Stencil.sets()) {
      for (Stencil stencil : stencils) {
        double suits = blob.overlap(stencil) - stencil.handicap();
        if (suits > suitability.getOrDefault(stencil.shape(), 0.0)) {
          suitability.put(stencil.shape(), suits);
          halfExtents.put(stencil.shape(), stencil.halfExtent(blob.area()));
        }
        shapeliness = Math.max(shapeliness, suits);
      }
      if (shapeliness > SHARP) {
        break;
      }
    }
    double sum = suitability.values().stream().mapToDouble(Sighting::shapeWeight).sum();
    suitability.forEach(
        (shape, suits) ->
            shapes.put(shape, shapeWeight(suits) / sum * Ramp.smooth(SHAPELESS, SHAPELY, suits)));
  }

  private static double shapeWeight(double suits) {
    return Math.exp((suits - 1) / SHAPE_TOLERANCE);
  }

  private double distanceFromPalette() {
    return Arrays.stream(ObjectColour.values())
        .mapToDouble(colour -> blob.colour().distance(colour.lab()))
        .min()
        .orElseThrow();
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
