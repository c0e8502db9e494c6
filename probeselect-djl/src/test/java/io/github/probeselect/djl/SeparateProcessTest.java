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
import io.github.probeselect.error.BackendException;
import io.github.probeselect.selection.DecisionPoint;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What can only be seen from outside: how a program starts without its native libraries, and how it
 * ends.
 */
class SeparateProcessTest {

  private static final int PATIENCE_SECONDS = 120;

  @TempDir private Path directory;

  /** Tries to open the default bundle and prints why it cannot. */
  static final class Opening {
    public static void main(String[] arguments) {
      try {
        DefaultModel.open().close();
        System.out.println("opened");
      } catch (BackendException e) {
        System.out.println(e.getMessage());
      }
    }
  }

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
    Finished process = java(LeavingASession.class, entry -> true, file.toString());
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
  void withoutThePyTorchJarItNamesTheDependencyToAdd() throws Exception {
    Finished process = java(Opening.class, entry -> !entry.contains("pytorch-native-cpu"));

    assertThat(process.exit()).isZero();
    assertThat(process.output())
        .contains("ai.djl.pytorch:pytorch-native-cpu:2.7.1 with the classifier")
        .contains(NativeLibraries.platform())
        .doesNotContain("pytorch-jni");
  }

  @Test
  void withoutTheJniJarItNamesTheDependencyToAdd() throws Exception {
    Finished process = java(Opening.class, entry -> !entry.contains("pytorch-jni"));

    assertThat(process.exit()).isZero();
    assertThat(process.output())
        .contains("ai.djl.pytorch:pytorch-jni:2.7.1-0.35.1")
        .doesNotContain("classifier");
  }

  @Test
  void endingTheProgramWhileTheDenoiserRunsIsNoCrash() throws Exception {
    Finished process = java(EndingWhileItRuns.class, entry -> true);

    assertThat(process.exit()).as(process.output()).isZero();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("hs_err"));
    }
  }

  /** A process that has ended. */
  private record Finished(int exit, String output) {}

  private Finished java(Class<?> program, Predicate<String> onClassPath, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
    command.add("-XX:ErrorFile=" + directory.resolve("hs_err.log"));
    command.add("-cp");
    command.add(classPath().filter(onClassPath).collect(Collectors.joining(File.pathSeparator)));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    Path output = directory.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    if (program == Opening.class) {
      // Libraries that an earlier run has extracted would be found without their jar.
      for (String cache : List.of("DJL_CACHE_DIR", "ENGINE_CACHE_DIR")) {
        builder.environment().put(cache, directory.resolve("cache").toString());
      }
    }
    Process process = builder.start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(program + " did not end: " + Files.readString(output));
    }
    return new Finished(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  /** The class path of the tests; Surefire keeps it in a property of its own. */
  private static Stream<String> classPath() {
    String entries =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(entries.split(File.pathSeparator));
  }
}
