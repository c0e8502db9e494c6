package io.github.probeselect.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.image.RgbImage;
import java.awt.Color;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each clue by itself. */
class SceneCheckTest {

  private static final SceneCheck CHECK = new SceneCheck();

  private static final RgbImage CIRCLE = picture(new Drawn(Shape.CIRCLE, Canvas.RED, 30, 34));
  private static final RgbImage CIRCLE_ABOVE_STAR =
      picture(
          new Drawn(Shape.CIRCLE, Canvas.RED, 34, 16), new Drawn(Shape.STAR, Canvas.BLUE, 30, 46));
  private static final String RED_CIRCLE = "a red circle on a gray background";

  @Test
  void isNamedAsItIsReported() {
    assertThat(CHECK.name()).isEqualTo("scene-check");
  }

  @Test
  void aPromptBeyondTheGrammarGetsNoOpinion() {
    assertThat(CHECK.score(CIRCLE, "a photograph of a cat")).isNaN();
  }

  @Test
  void theRightPictureScoresAboveNineTenths() {
    assertThat(CHECK.score(CIRCLE, RED_CIRCLE)).isBetween(0.9, 1.0);
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void everyShapeIsRecognisedInEverySize(Shape shape) {
    for (String size : List.of("small ", "", "large ")) {
      double halfExtent = size.isEmpty() ? 11 : size.equals("small ") ? 7 : 15;
      RgbImage image = Canvas.gray().draw(shape, Canvas.BLUE, 31.3, 32.6, halfExtent).image();
      String word = shape.name().toLowerCase(Locale.ROOT);
      assertThat(CHECK.score(image, "a " + size + "blue " + word + " on a gray background"))
          .isGreaterThan(0.9);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a blue circle on a gray background",
    "a red square on a gray background",
    "a small red circle on a gray background",
    "a large red circle on a gray background",
    "two red circles on a gray background",
    "a red circle on a tan background",
    "a red circle on a striped gray background",
  })
  void oneWrongWordCostsMoreThanATenth(String wrong) {
    assertThat(CHECK.score(CIRCLE, wrong)).isLessThan(CHECK.score(CIRCLE, RED_CIRCLE) - 0.1);
  }

  @Test
  void anObjectTooManyCosts() {
    RgbImage two =
        picture(
            new Drawn(Shape.CIRCLE, Canvas.RED, 16, 16),
            new Drawn(Shape.CIRCLE, Canvas.RED, 46, 46));

    assertThat(CHECK.score(two, "two red circles on a gray background")).isGreaterThan(0.9);
    assertThat(CHECK.score(two, RED_CIRCLE)).isLessThan(0.7);
    assertThat(CHECK.score(two, "three red circles on a gray background")).isLessThan(0.7);
  }

  @Test
  void aSpeckIsNoObject() {
    RgbImage specked =
        Canvas.gray()
            .draw(Shape.CIRCLE, Canvas.RED, 30, 34, 11)
            .draw(Shape.CIRCLE, Canvas.BLUE, 8, 8, 1.3)
            .image();

    assertThat(CHECK.score(specked, RED_CIRCLE)).isGreaterThan(0.9);
  }

  @Test
  void onlyTheRelationThatIsSeenHolds() {
    assertThat(CHECK.score(CIRCLE_ABOVE_STAR, relation("above"))).isGreaterThan(0.9);
    assertThat(CHECK.score(CIRCLE_ABOVE_STAR, relation("below"))).isLessThan(0.5);
    assertThat(CHECK.score(CIRCLE_ABOVE_STAR, relation("left of"))).isLessThan(0.5);
  }

  @Test
  void aColourBelongsToItsShape() {
    assertThat(
            CHECK.score(CIRCLE_ABOVE_STAR, "a blue circle above a red star on a gray background"))
        .isLessThan(0.5);
  }

  static Stream<Arguments> touching() {
    return Stream.of(
        Arguments.of(
            new Drawn(Shape.SQUARE, Canvas.RED, 22, 32),
            new Drawn(Shape.SQUARE, Canvas.BLUE, 42.24, 32),
            "a red square left of a blue square"),
        Arguments.of(
            new Drawn(Shape.CIRCLE, Canvas.RED, 21.5, 30),
            new Drawn(Shape.CIRCLE, Canvas.RED, 43, 33),
            "two red circles"));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("touching")
  void touchingObjectsAreTwo(Drawn one, Drawn other, String scene) {
    assertThat(CHECK.score(picture(one, other), scene + " on a gray background"))
        .isGreaterThan(0.85);
  }

  @Test
  void aStainOfNoColourCountsLessThanAnObjectTooMany() {
    Color brown = new Color(120, 95, 80);

    assertThat(CHECK.score(withCrossOf(brown), RED_CIRCLE))
        .isGreaterThan(CHECK.score(withCrossOf(Canvas.BLUE), RED_CIRCLE) + 0.05);
  }

  @Test
  void whiteAndBlackStandOutFromEveryBackground() {
    for (BackgroundColour background : BackgroundColour.values()) {
      Color ground =
          switch (background) {
            case GRAY -> Canvas.GRAY_GROUND;
            case PINK -> Canvas.PINK_GROUND;
            case CYAN -> new Color(160, 220, 230);
            case TAN -> new Color(205, 180, 145);
          };
      RgbImage image =
          new Canvas(64, 64, ground)
              .draw(Shape.STAR, Canvas.WHITE, 16, 20, 11)
              .draw(Shape.CROSS, Canvas.BLACK, 46, 40, 11)
              .image();
      String word = background.name().toLowerCase(Locale.ROOT);
      assertThat(CHECK.score(image, "a white star and a black cross on a " + word + " background"))
          .isGreaterThan(0.9);
    }
  }

  @ParameterizedTest
  @CsvSource({"STRIPED, striped", "CHECKERED, checkered", "DOTTED, dotted"})
  void aFaintTextureCountsInPart(Texture texture, String word) {
    double[] scores =
        DoubleStream.of(0, 8, 12, 24).map(contrast -> textured(texture, contrast, word)).toArray();

    assertThat(scores).isSorted();
    assertThat(scores[3] - scores[0]).isGreaterThan(0.1);
  }

  @Test
  void theScoreChangesGraduallyWithTheColour() {
    double[] scores =
        scores(
            IntStream.rangeClosed(0, 100).mapToDouble(percent -> percent / 100.0),
            share -> object(Shape.CIRCLE, mixed(Canvas.RED, Canvas.BLUE, share), 11),
            RED_CIRCLE);

    assertThat(largestStep(scores)).isLessThan(0.15);
    assertThat(scores[0]).isGreaterThan(0.9);
    assertThat(scores[100]).isLessThan(0.3);
  }

  @Test
  void theScoreChangesGraduallyWithTheSize() {
    double[] scores =
        scores(
            IntStream.rangeClosed(0, 90).mapToDouble(step -> 6 + step / 10.0),
            halfExtent -> object(Shape.CIRCLE, Canvas.RED, halfExtent),
            "a large red circle on a gray background");

    assertThat(largestStep(scores)).isLessThan(0.1);
    assertThat(scores[90]).isGreaterThan(0.9);
  }

  @Test
  void anObjectThatFadesInCountsMoreAndMore() {
    double[] scores =
        scores(
            DoubleStream.of(0, 0.3, 0.6, 0.8, 1),
            share -> object(Shape.CROSS, mixed(Canvas.GRAY_GROUND, Canvas.BLUE, share), 11),
            "a blue cross on a gray background");

    assertThat(scores).isSorted();
    assertThat(scores[0]).isZero();
  }

  @ParameterizedTest
  @CsvSource({"32, 32, 7, small", "96, 64, 15, large", "128, 128, 15, large", "48, 80, 7, small"})
  void imagesOfOtherSizesAreScoredInTheirOwnPixels(
      int width, int height, double halfExtent, String size) {
    RgbImage image =
        new Canvas(width, height, Canvas.PINK_GROUND)
            .texture(Texture.STRIPED, Texture.CONTRAST)
            .draw(Shape.TRIANGLE, Canvas.BLUE, width / 2.0, height / 2.0, halfExtent)
            .image();

    assertThat(CHECK.score(image, "a " + size + " blue triangle on a striped pink background"))
        .isGreaterThan(0.9);
  }

  @Test
  void anImageOfNothingButNoiseScoresNearZero() {
    long seed = 7;
    RgbImage noise = new Blur(0.5, 90, new Random(seed)).apply(Canvas.gray().image());

    assertThat(CHECK.score(noise, "two red circles and a blue star on a pink background"))
        .as("seed " + seed)
        .isLessThan(0.1);
  }

  @Test
  void eightThreadsAtOnceGetTheSameScores() {
    String prompt = relation("above");
    double alone = CHECK.score(CIRCLE_ABOVE_STAR, prompt);

    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> CHECK.score(CIRCLE_ABOVE_STAR, prompt))
                .toList())
        .isEqualTo(Collections.nCopies(64, alone));
  }

  /** A shape of medium size. */
  record Drawn(Shape shape, Color colour, double x, double y) {}

  private static RgbImage picture(Drawn... shapes) {
    Canvas canvas = Canvas.gray();
    for (Drawn drawn : shapes) {
      canvas.draw(drawn.shape, drawn.colour, drawn.x, drawn.y, 11);
    }
    return canvas.image();
  }

  /** One shape in the middle. */
  private static RgbImage object(Shape shape, Color colour, double halfExtent) {
    return Canvas.gray().draw(shape, colour, 32, 32, halfExtent).image();
  }

  private static double[] scores(
      DoubleStream values, DoubleFunction<RgbImage> image, String prompt) {
    return values.map(value -> CHECK.score(image.apply(value), prompt)).toArray();
  }

  private static RgbImage withCrossOf(Color colour) {
    return picture(
        new Drawn(Shape.CIRCLE, Canvas.RED, 16, 20), new Drawn(Shape.CROSS, colour, 46, 40));
  }

  private static String relation(String relation) {
    return "a red circle " + relation + " a blue star on a gray background";
  }

  private static double textured(Texture texture, double contrast, String word) {
    RgbImage image =
        Canvas.gray().texture(texture, contrast).draw(Shape.CIRCLE, Canvas.RED, 32, 32, 11).image();
    return CHECK.score(image, "a red circle on a " + word + " gray background");
  }

  private static Color mixed(Color one, Color other, double share) {
    return new Color(
        (int) Math.round(one.getRed() + share * (other.getRed() - one.getRed())),
        (int) Math.round(one.getGreen() + share * (other.getGreen() - one.getGreen())),
        (int) Math.round(one.getBlue() + share * (other.getBlue() - one.getBlue())));
  }

  private static double largestStep(double[] scores) {
    return IntStream.range(1, scores.length)
        .mapToDouble(i -> Math.abs(scores[i] - scores[i - 1]))
        .max()
        .orElseThrow();
  }
}
