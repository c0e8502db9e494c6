package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NeighboursTest {

  private static final Neighbours NEIGHBOURS =
      new Neighbours(
          List.of(
              "a red circle on a pink background",
              "two green stars",
              "a red square on a pink background",
              "a blue square on a pink background"));

  @Test
  void promptsThatDifferInFewestWordsComeFirst() {
    assertThat(NEIGHBOURS.of("a red circle on a pink background", 2))
        .containsExactly("a red square on a pink background", "a blue square on a pink background");
  }

  @Test
  void thePromptItselfIsLeftOut() {
    assertThat(NEIGHBOURS.of("two green stars", 9)).hasSize(3).doesNotContain("two green stars");
  }

  @Test
  void aPromptNeedNotBeAmongThem() {
    assertThat(NEIGHBOURS.of("Two  green circles", 1)).containsExactly("two green stars");
  }
}
