package io.github.probeselect.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.scenes.SceneDescription.Noun;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneDescriptionTest {

  private static final Noun RED_CIRCLE = noun(1, Size.MEDIUM, ObjectColour.RED, Shape.CIRCLE);

  @Test
  void aSingleObjectOfNoNamedSizeIsMediumAndABackgroundOfNoNamedTexturePlain() {
    assertThat(SceneDescription.parse("a red circle on a gray background"))
        .isEqualTo(scene(null, Texture.PLAIN, BackgroundColour.GRAY, RED_CIRCLE));
  }

  @Test
  void aNumberTakesThePlural() {
    assertThat(SceneDescription.parse("four small white crosses on a striped pink background"))
        .isEqualTo(
            scene(
                null,
                Texture.STRIPED,
                BackgroundColour.PINK,
                noun(4, Size.SMALL, ObjectColour.WHITE, Shape.CROSS)));
  }

  @Test
  void aRelationStandsBetweenTwoObjects() {
    assertThat(
            SceneDescription.parse(
                "a red circle left of a large orange star on a dotted cyan background"))
        .isEqualTo(
            scene(
                Relation.LEFT_OF,
                Texture.DOTTED,
                BackgroundColour.CYAN,
                RED_CIRCLE,
                noun(1, Size.LARGE, ObjectColour.ORANGE, Shape.STAR)));
  }

  @Test
  void twoKindsOfObjectsAreJoinedByAnd() {
    assertThat(
            SceneDescription.parse(
                "three black squares and an orange triangle on a checkered tan background"))
        .isEqualTo(
            scene(
                null,
                Texture.CHECKERED,
                BackgroundColour.TAN,
                noun(3, Size.MEDIUM, ObjectColour.BLACK, Shape.SQUARE),
                noun(1, Size.MEDIUM, ObjectColour.ORANGE, Shape.TRIANGLE)));
  }

  @Test
  void threeKindsOfObjectsAreAList() {
    assertThat(
            SceneDescription.parse(
                "a red circle, a green star and a purple cross on a gray background"))
        .isEqualTo(
            scene(
                null,
                Texture.PLAIN,
                BackgroundColour.GRAY,
                RED_CIRCLE,
                noun(1, Size.MEDIUM, ObjectColour.GREEN, Shape.STAR),
                noun(1, Size.MEDIUM, ObjectColour.PURPLE, Shape.CROSS)));
  }

  @Test
  void caseAndWhiteSpaceMakeNoDifference() {
    assertThat(
            SceneDescription.parse(
                " A  red circle ,a BLUE star\tand a yellow\nsquare on a Gray background "))
        .isEqualTo(
            SceneDescription.parse(
                "a red circle, a blue star and a yellow square on a gray background"));
  }

  @Test
  void everyCaptionOfTheRendererIsUnderstood() {
    assertThat(JudgeCase.all())
        .isNotEmpty()
        .allSatisfy(
            each -> {
              assertThatCode(() -> SceneDescription.parse(each.caption()))
                  .doesNotThrowAnyException();
              assertThatCode(() -> SceneDescription.parse(each.wrongCaption()))
                  .doesNotThrowAnyException();
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a pink circle on a gray background            | found 'pink' as word 2",
        "a red hexagon on a gray background            | found 'hexagon' as word 3",
        "a huge red circle on a gray background        | found 'huge' as word 2",
        "five red circles on a gray background         | found 'five' as word 1",
        "two red circle on a gray background           | found 'circle' as word 3",
        "a red circles on a gray background            | found 'circles' as word 3",
        "a red circle beside a blue star on a gray background | found 'beside' as word 4",
        "a red circle left a blue star on a gray background   | found 'a' as word 5",
        "a red circle on a red background              | found 'red' as word 6",
        "a red circle on a wavy gray background        | found 'wavy' as word 6",
        "a red circle on the gray background           | found 'the' as word 5",
        "a red circle                                  | the prompt ends as word 4",
        "a red circle on a gray background at night    | found 'at' as word 8",
        "''                                            | the prompt ends as word 1",
      })
  void theFirstWordThatDoesNotFitIsNamed(String prompt, String complaint) {
    assertThatThrownBy(() -> SceneDescription.parse(prompt))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "three red circles and two blue stars on a gray background    | at most 4 objects",
        "two red circles above a blue star on a gray background       | a relation needs one object",
      })
  void aSceneBeyondTheGrammarIsRefused(String prompt, String complaint) {
    assertThatThrownBy(() -> SceneDescription.parse(prompt))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(complaint);
  }

  private static Noun noun(int count, Size size, ObjectColour colour, Shape shape) {
    return new Noun(count, size, colour, shape);
  }

  private static SceneDescription scene(
      Relation relation, Texture texture, BackgroundColour background, Noun... nouns) {
    return new SceneDescription(List.of(nouns), relation, texture, background);
  }
}
