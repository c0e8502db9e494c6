package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Outcome;
import io.github.probeselect.Pipeline;
import io.github.probeselect.Session;
import io.github.probeselect.selection.DecisionPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can only be seen from outside: how a program ends, and what it leaves for another one. */
class SeparateProcessTest {

  @TempDir private Path directory;

  /** Ends the program while the denoiser runs on another thread. */
  static final class EndingWhileItRuns {
    public static void main(String[] arguments) {
      Pipeline pipeline = new Pipeline(DefaultModel.open());
      DefaultModel.request(pipeline)
          .candidates(8)
          .steps(50)
          .decideAt(DecisionPoint.step(50))
          .listener(
              new GenerationListener() {
                @Override
                public void onProgress(Progress progress) {
                  if (progress.evaluations() >= 8) {
                    new Thread(() -> System.exit(0)).start();
                  }
                }
              })
          .start()
          .join();
    }
  }

  /** Leads a session halfway and leaves it in a file. */
  static final class LeavingASession {
    public static void main(String[] arguments) throws IOException {
      try (Pipeline pipeline = new Pipeline(DefaultModel.open())) {
        DefaultModel.request(pipeline)
            .candidates(4)
            .reproducible(true)
            .open()
            .advance(DecisionPoint.step(2))
            .keep(1)
            .save(Path.of(arguments[0]));
      }
    }
  }

  @Test
  void aSessionGoesOnInAnotherProcessWithTheSameResult() throws Exception {
    Path file = directory.resolve("left.session");
    JavaProcess.Finished process =
        JavaProcess.in(directory).run(LeavingASession.class, file.toString());
    assertThat(process.exit()).as(process.output()).isZero();

    Session session = DefaultModel.pipeline().openSession(file);
    assertThat(session.candidates()).extracting(Candidate::stepsDone).containsOnly(2);
    assertThat(session.candidates())
        .filteredOn(candidate -> candidate.outcome() == Outcome.KEPT)
        .hasSize(1);
    session.resume(session.candidates().stream().map(Candidate::origin).toArray(Origin[]::new));
    for (KeptImage kept : session.finish().images()) {
      GenerationResult solo =
          DefaultModel.request().seeds(kept.seed()).reproducible(true).generate();
      assertThat(kept.image()).isEqualTo(solo.images().get(0).image());
    }
  }

  @Test
  void endingTheProgramWhileTheDenoiserRunsIsNoCrash() throws Exception {
    JavaProcess.Finished process = JavaProcess.in(directory).run(EndingWhileItRuns.class);

    assertThat(process.exit()).as(process.output()).isZero();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("hs_err"));
    }
  }
}
