package io.github.probeselect.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.image.RgbImage;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Does the true caption score above the same caption with one wrong word? */
class SceneCheckAccuracyTest {

  private static final List<JudgeCase> CASES = JudgeCase.all();
  private static final SceneCheck CHECK = new SceneCheck();

  @Test
  void thereAreAThousandCases() {
    assertThat(CASES).hasSize(1000);
  }

  @Test
  void theTrueCaptionOfACleanRenderWinsWhateverWordIsWrong() {
    Map<String, Tally> tallies = tallies("clean renders", UnaryOperator.identity());

    assertThat(tallies)
        .isNotEmpty()
        .allSatisfy((word, tally) -> assertThat(tally.accuracy()).isGreaterThan(0.95));
  }

  @Test
  void theTrueCaptionOfABlurredAndNoisyRenderWinsWhateverWordIsWrong() {
    long seed = 20;
    Random random = new Random(seed);
    Map<String, Tally> tallies =
        tallies("blurred by 0.8 pixels, noise of 6 steps, seed " + seed, new Blur(0.8, 6, random));

    assertThat(tallies)
        .isNotEmpty()
        .allSatisfy((word, tally) -> assertThat(tally.accuracy()).isGreaterThan(0.95));
  }

  @Test
  void aCleanRenderScoresAboveNineTenths() {
    assertThat(CASES)
        .isNotEmpty()
        .allSatisfy(
            each -> assertThat(CHECK.score(each.image(), each.caption())).isBetween(0.9, 1.0));
  }

  @Test
  void oneWrongWordCostsAtLeastATenth() {
    assertThat(CASES)
        .isNotEmpty()
        .allSatisfy(
            each ->
                assertThat(CHECK.score(each.image(), each.wrongCaption()))
                    .isBetween(0.0, CHECK.score(each.image(), each.caption()) - 0.1));
  }

  private static Map<String, Tally> tallies(String title, UnaryOperator<RgbImage> change) {
    Map<String, Tally> tallies = new TreeMap<>();
    for (JudgeCase each : CASES) {
      RgbImage image = change.apply(each.image());
      double margin = CHECK.score(image, each.caption()) - CHECK.score(image, each.wrongCaption());
      tallies.merge(each.word(), Tally.of(margin), Tally::plus);
      tallies.merge("all", Tally.of(margin), Tally::plus);
    }
    System.out.println("scene-check, true caption above one with a wrong word, " + title + ":");
    tallies.forEach((word, tally) -> System.out.println("  " + word + ": " + tally));
    return tallies;
  }

  private record Tally(int cases, int won, double margins) {

    static Tally of(double margin) {
      return new Tally(1, margin > 0 ? 1 : 0, margin);
    }

    Tally plus(Tally other) {
      return new Tally(cases + other.cases, won + other.won, margins + other.margins);
    }

    double accuracy() {
      return (double) won / cases;
    }

    @Override
    public String toString() {
      return "%d of %d, mean margin %.2f".formatted(won, cases, margins / cases);
    }
  }
}
