package io.github.probeselect.server.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.probeselect.server.page.SavedPage.CutStep;
import io.github.probeselect.server.page.SavedPage.Status;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session as the page sees it. The page disregards a view whose revision is lower than that of
 * the one it has: the answer to a request may come later than the events of what it has caused.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SessionView(
    String id,
    Instant created,
    String prompt,
    String negativePrompt,
    Status status,
    @Nullable String failure,
    int steps,
    int width,
    int height,
    double guidanceScale,
    int keep,
    boolean reproducible,
    @Nullable Double budget,
    List<CutStep> cuts,
    long revision,
    long evaluations,
    long withoutSelection,
    List<CandidateView> candidates) {

  /** What a candidate does. */
  enum State {
    /** It has not begun. */
    NOISE,
    /** It runs. */
    RUNNING,
    /** It was dropped and can be resumed. */
    DROPPED,
    /** It was finished, but not kept. */
    FINISHED,
    /** It was finished and kept. */
    KEPT
  }

  /** A candidate. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CandidateView(
      int index,
      long seed,
      String origin,
      State state,
      int stepsDone,
      @Nullable Double score,
      @Nullable Integer rank,
      @Nullable Double finalScore,
      boolean pinned,
      String reason,
      @Nullable String preview,
      @Nullable String image) {}
}
