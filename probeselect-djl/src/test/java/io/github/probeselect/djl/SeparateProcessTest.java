package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.Session;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can only be seen from outside: how a program ends, and what it leaves for another one. */
class SeparateProcessTest {

  private static final Path STATUS = Path.of("/proc/self/status");

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

  /** Judges so many candidates in every way there is, and prints the most memory that it held. */
  static final class ScoringMany {
    public static void main(String[] arguments) throws IOException {
      int n = Integer.parseInt(arguments[0]);
      try (Pipeline pipeline = new Pipeline(DefaultModel.open())) {
        Probe probe = pipeline.model().probe(0.2).orElseThrow();
        QualityMetric metric = pipeline.metric(probe.metric());
        Supplier<GenerationRequest> request =
            () -> pipeline.request(DefaultModel.PROMPT).candidates(n).keep(2).steps(5);
        request
            .get()
            .signals(probe, new PreviewProbe(pipeline.model(), metric))
            .observer(seen -> probe.scores(HeapActivations.copied(seen)))
            .generate();
        request.get().open().advance(DecisionPoint.step(1));
        RgbImage image = RgbImage.of(64, 64, new byte[3 * 64 * 64]);
        metric.scores(Collections.nCopies(n, image), DefaultModel.PROMPT);
      }
      System.out.println(
          Files.readAllLines(STATUS).stream()
              .filter(line -> line.startsWith("VmHWM:"))
              .findFirst()
              .orElseThrow());
    }
  }

  /**
   * Activations as a dataset holds them, which a probe copies instead of reading them in place.
   *
   * @param rows by tap, for each candidate
   */
  private record HeapActivations(List<Map<String, float[]>> rows) implements Activations {

    static Observation copied(Observation seen) {
      List<Map<String, float[]>> rows = new ArrayList<>();
      for (int i = 0; i < seen.size(); i++) {
        Map<String, float[]> taps = new HashMap<>();
        for (Tap tap : DefaultModel.bundle().manifest().taps()) {
          taps.put(tap.name(), seen.activations().values(i, tap.name()));
        }
        rows.add(taps);
      }
      return new Observation(
          seen.prompt(),
          seen.seeds(),
          new HeapActivations(rows),
          seen.latents(),
          seen.x0Predictions(),
          seen.shape(),
          seen.guidanceGaps(),
          seen.fractionDone(),
          seen.conditioning());
    }

    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public float[] values(int row, String tap) {
      return rows.get(row).getOrDefault(tap, new float[0]);
    }

    @Override
    public void close() {}
  }

  @Test
  void scoringManyCandidatesTakesHardlyMoreMemoryThanScoringFew() throws Exception {
    assumeTrue(Files.isReadable(STATUS), "peak memory is read from /proc");
    double few = peakMegabytes(16);
    double many = peakMegabytes(256);

    // At 3.9 MB a candidate, as it once was, it would be three times as much.
    assertThat(many / few).as("%.0f MB : %.0f MB", many, few).isLessThan(1.1);
  }

  private double peakMegabytes(int candidates) throws Exception {
    // Touched from end to end at the beginning, so that what else the process holds is seen.
    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withOptions("-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch")
            .run(ScoringMany.class, Integer.toString(candidates));
    assertThat(process.exit()).as(process.output()).isZero();
    return Long.parseLong(process.output().replaceAll("\\D", "")) / 1024.0;
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
