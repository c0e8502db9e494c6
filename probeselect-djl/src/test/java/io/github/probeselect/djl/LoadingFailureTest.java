package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the message of a failure to load the natives explains. */
class LoadingFailureTest {

  private static final String PATH = "/cache/pytorch/2.7.1-cu128-linux-x86_64/";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "libcaffe2_nvrtc.so: libcuda.so.1: cannot open shared object file: No such file or directory"
            + " | the NVIDIA driver is missing | --gpus all",
        "torch_cuda.dll: Can't find dependent libraries nvcuda.dll"
            + " | the NVIDIA driver is missing | install it",
        "libtorch_cuda.so: libcudnn.so.9: cannot open shared object file: No such file or directory"
            + " | the library libcudnn.so.9 | nvidia-*",
        "libtorch_cpu.so: libmkl_core.so.2: cannot open shared object file: No such file"
            + " | the library libmkl_core.so.2 | package manager",
        "libc.so.6: version `GLIBC_2.34' not found (required by libtokenizers.so)"
            + " | need GLIBC_2.34 | Debian 12",
        "libstdc++.so.6: version `GLIBCXX_3.4.30' not found"
            + " | need GLIBCXX_3.4.30 | Ubuntu 22.04",
        "libc10.so: file too short | is damaged | delete the directory",
        "libc10.so: invalid ELF header | is damaged | delete the directory",
        "libc10.so: wrong ELF class: ELFCLASS32 | another processor | delete the directory",
        "libdjl_torch.so: undefined symbol: _ZN3c10 | do not go together | probeselect-bom"
      })
  void whatTheLinkerReportsIsExplained(String reported, String explanation, String remedy) {
    String message =
        LoadingFailure.message(
            new EngineException(
                "Failed to load PyTorch native library",
                new UnsatisfiedLinkError(PATH + reported)));

    assertThat(message).contains(explanation, remedy, reported).endsWith(LoadingFailure.DOCTOR);
  }

  @Test
  void aFullDiskIsNamedWithTheSpaceThatIsNeeded() {
    String message =
        LoadingFailure.message(
            new EngineException(
                "Failed to extract PyTorch native library",
                new IOException("No space left on device")));

    assertThat(message)
        .contains("460 MB", "there is no space left on it", "DJL_CACHE_DIR")
        .endsWith(LoadingFailure.DOCTOR);
  }

  @Test
  void anythingElseIsPassedOnWithTheDoctor() {
    assertThat(LoadingFailure.message(new IllegalStateException("of a kind never seen")))
        .contains("of a kind never seen")
        .endsWith(LoadingFailure.DOCTOR);
    assertThat(LoadingFailure.message(new BackendException("explained; mend it")))
        .isEqualTo("explained; mend it" + LoadingFailure.DOCTOR);
    assertThat(LoadingFailure.DOCTOR).contains("probeselect-tools doctor", "Diagnosis");
  }

  @ParameterizedTest
  @CsvSource({
    "0.36.0, 0.35.1, 2.7.1-0.35.1, 0.21.0-0.35.1, 2.7.1",
    "0.36.0, 0.36.0, 2.7.1-0.35.1, 0.21.0-0.36.0, 2.7.1-20250812",
    "0.36.0, 0.36.0, 2.7.1-0.36.0, 0.21.0-0.35.1, 2.7.1-20250812",
    "0.36.0, 0.36.0, 2.7.1-0.36.0, 0.21.0-0.36.0, 2.5.1-20241124"
  })
  void jarsOfSeveralVersionsAreNamed(
      String api, String engine, String jni, String tokenizers, String natives) {
    NativeJars mixed = jars(api, engine, jni, tokenizers, natives);

    assertThat(LoadingFailure.mismatch(mixed))
        .hasValueSatisfying(
            advice -> assertThat(advice).contains(api, engine, jni, tokenizers, "probeselect-bom"));
    assertThat(NativesExamination.versions(mixed).status()).isEqualTo(Diagnosis.Status.NOTE);
  }

  @Test
  void jarsOfOneVersionGoTogether() {
    NativeJars jars = jars("0.36.0", "0.36.0", "2.7.1-0.36.0", "0.21.0-0.36.0", "2.7.1-20250812");

    assertThat(LoadingFailure.mismatch(jars)).isEmpty();
    assertThat(NativeJars.found().goTogether()).isTrue();
  }

  @Test
  void everyPlatformWithoutNativesIsNamed() {
    NativeSettings settings = NativeSettings.current();
    NativeJars jars = jars("0.36.0", "0.36.0", "2.7.1-0.36.0", "0.21.0-0.36.0", "2.7.1");

    for (String platform : Set.of("linux-riscv64", "osx-x86_64", "win-aarch64")) {
      assertThat(LoadingFailure.missing(settings, jars, platform))
          .hasValueSatisfying(advice -> assertThat(advice).contains(platform, "osx-aarch64"));
    }
    assertThat(LoadingFailure.missing(settings, jars, "win-x86_64"))
        .hasValueSatisfying(
            advice -> assertThat(advice).contains("with the classifier win-x86_64"));
    assertThat(LoadingFailure.missing(settings, jars, "linux-x86_64")).isEmpty();
  }

  private static NativeJars jars(
      String api, String engine, String jni, String tokenizers, String natives) {
    NativeJars.Natives jar = new NativeJars.Natives(natives, "cpu", "linux-x86_64");
    return new NativeJars(
        api,
        engine,
        "2.7.1",
        List.of(jar),
        Optional.of(jar),
        Optional.of(jni),
        List.of("cpu", "cu128"),
        Optional.of(tokenizers));
  }
}
