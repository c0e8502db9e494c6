package io.github.probeselect.server.page;

import io.github.probeselect.server.work.ImageRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the page knows of a session and the session's own file does not hold.
 *
 * @param version of this form
 * @param created when it was started
 * @param request what was asked for
 * @param plan how candidates are selected
 * @param status what it does
 * @param failure why it failed
 * @param waves the candidates by when they joined
 * @param notes what was done with a candidate, by its index
 * @param finalScores the scores of finished images, by the index of the candidate; null if there is
 *     none
 */
record SavedPage(
    int version,
    Instant created,
    ImageRequest request,
    Plan plan,
    Status status,
    @Nullable String failure,
    List<Wave> waves,
    Map<Integer, Note> notes,
    Map<Integer, @Nullable Double> finalScores) {

  static final int VERSION = 1;
  private static final String FILE = "page.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What a session does. */
  enum Status {
    WAITING,
    RUNNING,
    PAUSED,
    FINISHED,
    FAILED
  }

  /**
   * When how many candidates go on.
   *
   * @param cuts after which step how many are kept
   * @param signals the signals of the calibration by which they are scored; empty for the bundle's
   *     probe
   * @param rescored whether the metric of the calibration scores finished images
   */
  record Plan(List<CutStep> cuts, List<String> signals, boolean rescored) {}

  /**
   * A cut.
   *
   * @param step after which step
   * @param keep how many go on
   */
  record CutStep(int step, int keep) {}

  /**
   * Candidates that joined together and compete with one another.
   *
   * @param members their indexes
   * @param cuts the cuts that are still to come
   */
  record Wave(List<Integer> members, List<CutStep> cuts) {

    Optional<CutStep> cutAfter(int step) {
      return cuts.stream().filter(cut -> cut.step() == step).findFirst();
    }

    /** The wave when a cut is over. */
    Wave without(CutStep over) {
      return new Wave(members, cuts.stream().filter(cut -> !cut.equals(over)).toList());
    }
  }

  /**
   * What was done with a candidate.
   *
   * @param pinned whether cuts leave it alone
   * @param reason why it was dropped, or came from where
   */
  record Note(boolean pinned, String reason) {}

  void write(Path directory) throws IOException {
    StoredFile.write(directory.resolve(FILE), JSON.writeValueAsBytes(this));
  }

  static SavedPage read(Path directory) throws IOException {
    try {
      SavedPage saved =
          JSON.readValue(Files.readAllBytes(directory.resolve(FILE)), SavedPage.class);
      if (saved.version != VERSION) {
        throw new IOException("it has version " + saved.version + ", not " + VERSION);
      }
      return saved;
    } catch (JacksonException e) {
      throw new IOException("it is damaged: " + e.getOriginalMessage(), e);
    }
  }
}
