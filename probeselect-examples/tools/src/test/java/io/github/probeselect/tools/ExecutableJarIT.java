package io.github.probeselect.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.planning.Calibration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one jar, as somebody runs it that has nothing else, in an empty directory. */
class ExecutableJarIT {

  private static final Path JAR = Path.of(System.getProperty("executable.jar"));

  @TempDir private Path directory;

  /** How a process ended. */
  private record Ended(int status, String out, String err) {}

  @Test
  void itExplainsItselfAndItsCommands() throws Exception {
    Ended help = run("--help");
    assertThat(help.status()).as(help.err()).isZero();
    assertThat(help.out()).contains("Usage: probeselect-tools", "  collect ", "  measure-memory ");
    assertThat(run().out()).isEqualTo(help.out());
    assertThat(run("--version").out())
        .startsWith("ProbeSelect " + System.getProperty("project.version"));
    Ended command = run("calibrate", "--help");
    assertThat(command.status()).isZero();
    assertThat(command.out())
        .contains(
            "Usage: probeselect-tools calibrate", "Reads", "Writes", "probeselect/calibration");
    assertThat(command.err()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theDoctorFindsEverythingInTheJarAndEndsWith1WhereSomethingContradictsIt() throws Exception {
    Ended well = run("doctor");
    assertThat(well.status()).as(well.out() + well.err()).isZero();
    assertThat(well.out())
        .contains("ok     DJL", "ok     class path", "ok     natives", "ok     engine");

    Ended ill = run(Map.of("PYTORCH_FLAVOR", "cu128"), "doctor");
    assertThat(ill.status()).isEqualTo(1);
    assertThat(ill.out()).contains("fault  natives", "remedy: unset PYTORCH_FLAVOR");
    assertThat(ill.err()).doesNotContain("Exception");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatIsWrongIsOneLineAndAnExitCode() throws Exception {
    Ended option = run("collect", "--sedes=3");
    assertThat(option.status()).isEqualTo(2);
    assertThat(option.err())
        .startsWith("error: Unknown option: '--sedes=3'")
        .doesNotContain("\tat ", "Exception");

    Ended bundle = run("evaluate", "--bundle=nowhere", "--count=1");
    assertThat(bundle.status()).isEqualTo(1);
    assertThat(bundle.err().lines()).singleElement().asString().startsWith("error: ");
    assertThat(bundle.err()).contains("nowhere").doesNotContain("Exception");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theDefaultModelIsCollectedFromResumedAndCalibrated() throws Exception {
    Ended first = run("collect", "--count=1", "--seeds=2", "--fractions=0.2");
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.out()).isEqualTo("1 prompts are there\n");
    assertThat(first.err()).contains("finishing 2 seeds");
    Path collected = directory.resolve("probeselect/dataset");
    Ended again = run("collect", "--count=1", "--seeds=2", "--fractions=0.2");
    assertThat(again.status()).as(again.err()).isZero();
    assertThat(Dataset.open(collected).header().metrics())
        .containsExactly("scene-reward", "scene-check");

    Ended calibrated = run("calibrate", "--count=2", "-n=3", "--fractions=0.2,0.4");
    assertThat(calibrated.status()).as(calibrated.err()).isZero();
    Calibration calibration = Calibration.read(directory.resolve(Calibration.FILE));
    assertThat(calibration.metric()).isEqualTo("scene-reward");
    assertThat(calibrated.out()).startsWith("written to ");
  }

  @Test
  void itHoldsTheLicenceAndNoModule() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      String licence =
          new String(jar.getInputStream(jar.getEntry("META-INF/LICENSE")).readAllBytes());
      assertThat(licence).contains(Files.readString(Path.of("..", "..", "LICENSE")).strip());
      assertThat(jar.stream().map(entry -> entry.getName()))
          .contains("native/lib/pytorch.properties", "native/lib/tokenizers.properties")
          .doesNotHaveDuplicates()
          .noneMatch(name -> name.endsWith("module-info.class"))
          .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"));
    }
  }

  private Ended run(String... arguments) throws Exception {
    return run(Map.of(), arguments);
  }

  private Ended run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                JAR.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("tools", ".out");
    Path err = Files.createTempFile("tools", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
