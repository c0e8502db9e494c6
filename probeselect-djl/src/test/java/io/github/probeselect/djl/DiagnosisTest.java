package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.djl.Diagnosis.Finding;
import io.github.probeselect.djl.Diagnosis.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What an examination finds; where the environment matters, in a JVM of its own. */
class DiagnosisTest {

  @TempDir private Path directory;

  /** Prints an examination, and whether it left the properties of the process alone. */
  static final class Examining {
    public static void main(String[] arguments) {
      System.out.println(Diagnosis.ofThisMachine());
      System.out.println("offline: " + System.getProperty("ai.djl.offline"));
    }
  }

  /** Examines with no context class loader, and after a pipeline is loaded. */
  static final class ExaminingTwice {
    public static void main(String[] arguments) {
      Thread.currentThread().setContextClassLoader(null);
      System.out.println(Diagnosis.ofThisMachine().isReady());
      Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
      System.out.println(Diagnosis.ofThisMachine().isReady());
    }
  }

  private JavaProcess process() {
    return JavaProcess.in(directory);
  }

  @Test
  void thisMachineIsReady() throws Exception {
    Diagnosis diagnosis = Diagnosis.ofThisMachine();

    assertThat(diagnosis.isReady()).as(diagnosis.toString()).isTrue();
    assertThat(diagnosis.findings())
        .extracting(Finding::subject)
        .contains("platform", "Java", "processors", "DJL", "natives", "cache directory", "engine");
    assertThat(diagnosis.toString())
        .contains(LoadingFailure.platform(), "PyTorch 2.7.1", "Generation works")
        .doesNotContain("could not be examined");
  }

  @Test
  void jsonHoldsEveryFinding() throws IOException {
    Diagnosis diagnosis =
        new Diagnosis(
            List.of(
                Finding.ok("platform", "a \"quoted\" one"),
                Finding.fault("natives", "there are none", "add them")));
    JsonNode json = new ObjectMapper().readTree(diagnosis.toJson());

    assertThat(json.get("ready").asBoolean()).isFalse();
    assertThat(json.get("findings")).hasSize(2);
    assertThat(json.at("/findings/0/text").asText()).isEqualTo("a \"quoted\" one");
    assertThat(json.at("/findings/0").has("remedy")).isFalse();
    assertThat(json.at("/findings/1/status").asText()).isEqualTo("fault");
    assertThat(json.at("/findings/1/remedy").asText()).isEqualTo("add them");
  }

  @Test
  void everyFaultAndRemedyIsInTheText() {
    Diagnosis diagnosis =
        new Diagnosis(
            List.of(
                Finding.note("GPU", "none", "buy one"), Finding.fault("natives", "none", "add")));

    assertThat(diagnosis.toString().lines())
        .anyMatch(line -> line.matches("note +GPU +none"))
        .anyMatch(line -> line.matches(" +remedy: buy one"))
        .anyMatch(line -> line.matches("fault +natives +none"))
        .anyMatch(line -> line.contains("does not work"));
  }

  @Test
  void missingNativesAreNamedAndNothingIsDownloaded() throws Exception {
    Path cache = directory.resolve("cache");
    JavaProcess.Finished finished =
        process()
            .withClassPath(entry -> !entry.contains("pytorch-native-cpu"))
            .withVariable("DJL_CACHE_DIR", cache.toString())
            .withVariable("ENGINE_CACHE_DIR", cache.toString())
            .withOptions("-Dai.djl.offline=false")
            .run(Examining.class);

    assertThat(finished.exit()).isZero();
    assertThat(finished.output())
        .contains("fault  natives", "would be downloaded", "fault  engine", "offline: false")
        .contains("pytorch-native-cpu:2.7.1 with the classifier " + LoadingFailure.platform());
    try (var files = Files.list(cache)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void withoutAnyNativePartItStillReports() throws Exception {
    JavaProcess.Finished finished =
        process()
            .withClassPath(
                entry -> !entry.contains("pytorch-native-cpu") && !entry.contains("-jni"))
            .withVariable("DJL_CACHE_DIR", directory.resolve("none").toString())
            .withVariable("ENGINE_CACHE_DIR", directory.resolve("none").toString())
            .run(Examining.class);

    assertThat(finished.exit()).isZero();
    assertThat(finished.output())
        .contains("fault  engine", "pytorch-native-cpu", "pytorch-jni:2.7.1-0.36.0", "ok     Java");
  }

  @Test
  void aFlavourThatTheNativesDoNotHaveIsAFault() throws Exception {
    JavaProcess.Finished finished =
        process().withVariable("PYTORCH_FLAVOR", "cu128").run(Examining.class);

    assertThat(finished.exit()).isZero();
    assertThat(finished.output())
        .contains("fault  natives", "PYTORCH_FLAVOR is cu128", "remedy: unset PYTORCH_FLAVOR");
  }

  @Test
  void aCacheThatCannotBeWrittenIsAFaultWhereNothingIsExtracted() throws Exception {
    Path file = Files.createFile(directory.resolve("a-file"));
    JavaProcess.Finished finished =
        process()
            .withVariable("DJL_CACHE_DIR", file.resolve("cache").toString())
            .withVariable("ENGINE_CACHE_DIR", file.resolve("cache").toString())
            .run(Examining.class);

    assertThat(finished.exit()).isZero();
    assertThat(finished.output())
        .contains("note   cache directory", "fault  engine", "remedy: set the environment variable")
        .doesNotContain(LoadingFailure.DOCTOR);
  }

  @Test
  void theClassLoaderOfTheCallerDoesNotMatter() throws Exception {
    assertThat(process().run(ExaminingTwice.class).output().lines())
        .containsExactly("true", "true");
  }

  @Test
  void aMissingTempDirectoryIsNoReasonToThrow() throws Exception {
    JavaProcess.Finished finished =
        process()
            .withOptions("-Djava.io.tmpdir=" + directory.resolve("nowhere"))
            .run(Examining.class);

    assertThat(finished.exit()).isZero();
    assertThat(finished.output()).contains("Generation works");
  }

  /** Stands in for the command of NVIDIA's driver; the engine finds no GPU. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aGpuThatTheNativesCannotUseIsNamedWithTheWayToUseIt() throws Exception {
    Path command =
        Files.createFile(
            directory.resolve("nvidia-smi"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(
        command, "#!/bin/sh\necho '550.54, 0, NVIDIA H100 80GB HBM3, 81559, 81007'\n");
    JavaProcess.Finished finished =
        process()
            .withVariable("PATH", directory + ":" + System.getenv("PATH"))
            .run(Examining.class);

    assertThat(finished.output())
        .contains("NVIDIA driver", "550.54", "cuda:0 NVIDIA H100 80GB HBM3, 81559 MiB, 81007 MiB")
        .contains("not used", "remedy: follow docs/gpu.md", "PYTORCH_LIBRARY_PATH")
        .contains("Generation works");
  }

  @Test
  void theDriversCommandIsRead() {
    assertThat(
            NvidiaGpus.parse(
                List.of(
                    "535.1, 0, Tesla T4, 15360, 14000", "535.1, 1, Tesla T4, 15360, 100", "noise")))
        .hasValueSatisfying(
            gpus -> {
              assertThat(gpus.driver()).isEqualTo("535.1");
              assertThat(gpus.names())
                  .containsExactly(
                      "cuda:0 Tesla T4, 15360 MiB, 14000 MiB free",
                      "cuda:1 Tesla T4, 15360 MiB, 100 MiB free");
            });
    assertThat(NvidiaGpus.parse(List.of("No devices were found"))).isEmpty();
  }

  @Test
  void theDriversFilesAreReadWhereThereIsNoCommand() throws IOException {
    assertThat(NvidiaGpus.listed(directory)).isEmpty();
    Path gpu = Files.createDirectories(directory.resolve("gpus/0000:01:00.0"));
    Files.writeString(gpu.resolve("information"), "Model: \t\t NVIDIA A100\nIRQ: 12\n");
    Files.writeString(
        directory.resolve("version"),
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5\n");

    assertThat(NvidiaGpus.listed(directory))
        .isEqualTo(Optional.of(new NvidiaGpus("550.54.15", List.of("NVIDIA A100"))));
  }

  @Test
  void aDriverWithoutGpusPointsToTheContainer() {
    assertThat(GpuExamination.nvidia(new NvidiaGpus("550.54", List.of()), true))
        .last()
        .satisfies(
            finding -> {
              assertThat(finding.status()).isEqualTo(Status.NOTE);
              assertThat(finding.remedy().get()).contains("--gpus all");
            });
  }

  @Test
  void spaceIsNeededUntilTheNativesAreExtracted() {
    CacheDirectory cache = new CacheDirectory(directory);
    long little = CacheDirectory.EXTRACTED_BYTES - 1;

    assertThat(NativesExamination.space(cache, little, false).remedy().get()).contains("466 MB");
    assertThat(NativesExamination.space(cache, little, true).status()).isEqualTo(Status.OK);
    assertThat(NativesExamination.space(cache, little + 1, false).status()).isEqualTo(Status.OK);
  }

  @Test
  void theOldestCLibraryIsThatOfTheNatives() {
    assertThat(MachineExamination.glibc("2.34").status()).isEqualTo(Status.OK);
    assertThat(MachineExamination.glibc("2.100").status()).isEqualTo(Status.OK);
    assertThat(MachineExamination.glibc("2.31").remedy()).isPresent();
  }

  @Test
  void nativeAccessThatIsNotEnabledIsMendedByAnOption() {
    assertThat(MachineExamination.java(Optional.empty()).status()).isEqualTo(Status.OK);
    assertThat(MachineExamination.java(Optional.of(true)).status()).isEqualTo(Status.OK);
    assertThat(MachineExamination.java(Optional.of(false)).remedy().get())
        .contains("--enable-native-access=ALL-UNNAMED");
  }
}
