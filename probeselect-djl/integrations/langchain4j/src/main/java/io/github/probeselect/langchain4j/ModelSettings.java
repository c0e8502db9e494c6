package io.github.probeselect.langchain4j;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Budget;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a builder was given; {@code null} where it was given nothing. */
record ModelSettings(
    @Nullable Integer candidates,
    @Nullable Integer finished,
    @Nullable Budget budget,
    @Nullable List<Long> seeds,
    boolean randomSeeds,
    @Nullable Integer steps,
    @Nullable Double guidanceScale,
    @Nullable Integer width,
    @Nullable Integer height,
    @Nullable String negativePrompt,
    double decision,
    @Nullable QualityMetric metric,
    @Nullable Duration timeout,
    UnaryOperator<GenerationRequest> customizer) {

  /** Checks that the settings fit each other. */
  ModelSettings {
    if (candidates != null && candidates < 1) {
      throw new InvalidRequestException("candidates = " + candidates + "; start at least 1");
    }
    if (finished != null && finished < 1) {
      throw new InvalidRequestException("keep = " + finished + "; finish at least 1");
    }
    if (finished != null && (metric == null || budget != null)) {
      throw new InvalidRequestException(
          "keep is how many candidates are finished, of which a metric chooses the images; it needs"
              + " rescoreBy, and no budget, which plans it");
    }
    if (budget != null && (candidates != null || seeds != null)) {
      throw new InvalidRequestException(
          "a budget plans how many candidates there are; leave out candidates and seeds");
    }
    if (seeds != null && (candidates != null || randomSeeds)) {
      throw new InvalidRequestException(
          "seeds name the candidates; leave out candidates and randomSeeds");
    }
    if (timeout != null && (timeout.isZero() || timeout.isNegative())) {
      throw new InvalidRequestException("timeout = " + timeout + "; it must be above 0");
    }
  }

  /** How many candidates are finished for a number of images. */
  int keep(int n) {
    return finished == null ? n : Math.max(finished, n);
  }
}
