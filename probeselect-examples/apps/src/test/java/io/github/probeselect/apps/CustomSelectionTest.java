package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.apps.CustomSelection.AboveTheMean;
import io.github.probeselect.apps.CustomSelection.PredictedSpread;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.Features;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** How an application tests its own signal, policy and metric: without a model. */
class CustomSelectionTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @TempDir private Path directory;

  @Test
  void candidatesAboveTheMeanGoOnAndTheMostColourfulComesFirst() {
    GenerationResult result = CustomSelection.generate(fake.pipeline(), "a red circle", 8, 2);

    assertThat(result.images()).hasSize(2);
    assertThat(result.images().get(0).finalScore().orElseThrow())
        .isGreaterThanOrEqualTo(result.images().get(1).finalScore().orElseThrow())
        .isEqualTo(CustomSelection.colourfulness(result.images().get(0).image(), ""));
    List<Double> scores =
        result.candidates().stream()
            .map(Candidate::score)
            .map(OptionalDouble::orElseThrow)
            .toList();
    assertThat(scores).allMatch(score -> score > 0).doesNotHaveDuplicates();
  }

  @Test
  void theSignalGivesACandidateTheSameScoreWhateverRunsBeside() {
    GenerationResult two = fake.request(2, 1).signals(new PredictedSpread()).generate();
    GenerationResult eight = fake.request(8, 1).signals(new PredictedSpread()).generate();

    assertThat(eight.candidates().get(1).score()).isPresent();
    assertThat(eight.candidates().get(1).score()).isEqualTo(two.candidates().get(1).score());
  }

  @Test
  void thePolicyKeepsAtLeastWhatIsWantedAndNeverMoreThanMayGoOn() {
    assertThat(new AboveTheMean().select(round(3, 2, 1, 1, 9)))
        .extracting(ScoredCandidate::score)
        .containsExactly(9.0, 1.0);
    assertThat(new AboveTheMean().select(round(3, 1, 1, 5, 6, 7, 8)))
        .extracting(ScoredCandidate::score)
        .containsExactly(8.0, 7.0, 6.0);
    assertThat(new AboveTheMean().select(round(2, 1, Double.NaN, Double.NaN))).hasSize(1);
  }

  @Test
  void greyIsNotColourfulAndRedIs() {
    assertThat(CustomSelection.colourfulness(RgbImage.of(1, 1, new byte[] {9, 9, 9}), "")).isZero();
    assertThat(CustomSelection.colourfulness(RgbImage.of(1, 1, new byte[] {-1, 0, 0}), ""))
        .isEqualTo(1);
  }

  @Test
  void theAppWritesWhatItSelected() throws IOException {
    int exit =
        new CommandLine(new CustomSelection()).execute("-n=4", "-k=1", "--output=" + directory);

    assertThat(exit).isZero();
    assertThat(Files.readString(directory.resolve("result.json"))).contains("\"finalScore\"");
  }

  private static Round round(int atMost, int keep, double... scores) {
    List<ScoredCandidate> candidates = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      candidates.add(new ScoredCandidate(i, i + 1L, scores[i]));
    }
    return new Round(candidates, atMost, keep, 2, 10, Features.NONE);
  }
}
