package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.djl.NativeChoice.Source;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which natives DJL takes, and which combinations are refused; nothing is loaded. */
class NativeChoiceTest {

  private static final String PLATFORM = "linux-x86_64";
  private static final String TORCH = System.mapLibraryName("torch");

  @TempDir private Path directory;

  private Optional<String> libraryPath = Optional.empty();
  private Optional<String> version = Optional.empty();
  private Optional<String> flavour = Optional.empty();
  private boolean offline = true;
  private Optional<NativeJars.Natives> jar =
      Optional.of(new NativeJars.Natives("2.7.1-20250812", "cpu", PLATFORM));

  private NativeChoice choice() {
    return NativeChoice.of(
        new NativeSettings(libraryPath, version, flavour, offline, directory.resolve("cache")),
        new NativeJars(
            "0.36.0",
            "0.36.0",
            "2.7.1",
            jar.stream().toList(),
            jar,
            Optional.of("2.7.1-0.36.0"),
            List.of("cpu", "cu128"),
            Optional.of("0.21.0-0.36.0")),
        PLATFORM);
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(this::choice)
        .isInstanceOf(BackendException.class)
        .message()
        .contains(parts)
        .contains("; ");
  }

  /** A Python package of PyTorch, as far as it matters. */
  private Path pythonPackage(String torchVersion, boolean cuda) throws IOException {
    Path torch = directory.resolve("site-packages/torch");
    Path lib = Files.createDirectories(torch.resolve("lib"));
    Files.createFile(lib.resolve(TORCH));
    if (cuda) {
      Files.createFile(lib.resolve(System.mapLibraryName("torch_cuda")));
    }
    Files.writeString(torch.resolve("version.py"), "__version__ = '" + torchVersion + "'\n");
    libraryPath = Optional.of(lib.toString());
    return lib;
  }

  private Path cached(String torchVersion, String torchFlavour) throws IOException {
    Path place =
        directory.resolve("cache/pytorch/" + torchVersion + "-" + torchFlavour + "-" + PLATFORM);
    Files.createDirectories(place);
    return Files.createFile(place.resolve(TORCH)).getParent();
  }

  @Test
  void withoutSettingsTheJarIsTaken() {
    assertThat(choice())
        .isEqualTo(
            new NativeChoice(
                Source.JAR,
                "2.7.1-20250812",
                "cpu",
                directory.resolve("cache/pytorch/2.7.1-20250812-cpu-linux-x86_64")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cu128", "cu126", "cpu-precxx11"})
  void aJarOfAnotherFlavourIsRefused(String asked) {
    flavour = Optional.of(asked);
    assertRefused("PYTORCH_FLAVOR is " + asked, "of flavour cpu", "unset PYTORCH_FLAVOR");
  }

  @Test
  void theFlavourOfTheJarMayBeNamed() {
    flavour = Optional.of("cpu");
    version = Optional.of("2.7.1");
    assertThat(choice().source()).isEqualTo(Source.JAR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.6.0", "2.13.0", "1.13.1"})
  void aVersionThatIsNowhereIsRefused(String asked) {
    version = Optional.of(asked);
    assertRefused("PYTORCH_VERSION is " + asked, "2.7.1-20250812", "unset PYTORCH_VERSION");
    offline = false;
    assertThat(choice().source()).isEqualTo(Source.DOWNLOAD);
  }

  @Test
  void cudaWithoutNativesIsRefusedWithTheWaysToGetIt() throws IOException {
    jar = Optional.empty();
    flavour = Optional.of("cu128");
    assertRefused("cu128", "pip install torch==2.7.1", "PYTORCH_LIBRARY_PATH", "ai.djl.offline");

    Path place = cached("2.7.1", "cu128");
    assertThat(choice()).isEqualTo(new NativeChoice(Source.CACHE, "2.7.1", "cu128", place));
  }

  @Test
  void withoutJarThereIsNothing() {
    jar = Optional.empty();
    assertThat(choice().source()).isEqualTo(Source.NOWHERE);
    offline = false;
    assertThat(choice().source()).isEqualTo(Source.DOWNLOAD);
  }

  @ParameterizedTest
  @CsvSource({"2.7.1+cu126, true, cu128", "2.7.1, false, cpu", "2.7.1+cpu, false, cpu"})
  void anInstalledTorchIsTakenWithTheFlavourOfDjlThatFits(
      String installed, boolean cuda, String expected) throws IOException {
    Path lib = pythonPackage(installed, cuda);
    assertThat(choice()).isEqualTo(new NativeChoice(Source.INSTALLED, "2.7.1", expected, lib));
    libraryPath = Optional.of(lib.resolve(TORCH).toString());
    assertThat(choice().directory()).isEqualTo(lib);
    libraryPath = Optional.of("/nowhere" + java.io.File.pathSeparator + lib);
    assertThat(choice().directory()).isEqualTo(lib);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.13.0+cu130", "2.7.0", "2.7.10", "1.13.1", "2.8.0a0+git123"})
  void anInstalledTorchOfAnotherVersionIsRefused(String installed) throws IOException {
    Path lib = pythonPackage(installed, true);
    assertRefused("names PyTorch " + installed.replaceAll("[a+].*", "") + " in " + lib, "crash");
    // The user's word is no reason to crash.
    version = Optional.of("2.7.1");
    flavour = Optional.of("cu128");
    assertRefused("crash", "pip install torch==2.7.1");
  }

  @ParameterizedTest
  @CsvSource({
    "build-version, '2.13.0+cpu\n'",
    "share/cmake/Torch/TorchConfigVersion.cmake, 'set(PACKAGE_VERSION \"2.13.0\")\n'"
  })
  void theArchiveForCppStatesItsVersionToo(String file, String content) throws IOException {
    Path lib = pythonPackage("2.7.1", false);
    Path version = lib.resolveSibling(file);
    Files.delete(lib.resolveSibling("version.py"));
    Files.createDirectories(version.getParent());
    Files.writeString(version, content);
    assertRefused("names PyTorch 2.13.0");
  }

  @Test
  void aLinkStatesTheVersionOfWhatItLeadsTo() throws IOException {
    Path lib = pythonPackage("2.13.0", false);
    libraryPath =
        Optional.of(Files.createSymbolicLink(directory.resolve("torch-lib"), lib).toString());
    assertRefused("names PyTorch 2.13.0");
  }

  @Test
  void anUnknownVersionIsTakenOnTheUsersWordAlone() throws IOException {
    Path lib = pythonPackage("2.7.1", false);
    Files.delete(lib.resolveSibling("version.py"));
    assertRefused("no file beside it states", "PYTORCH_VERSION=2.7.1");
    version = Optional.of("2.7.1");
    assertThat(choice().version()).isEqualTo("2.7.1");
    version = Optional.of("2.6.0");
    assertRefused("PYTORCH_VERSION is 2.6.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.36.0-", ""})
  void aLibraryOfDjlBesideItAnswersForTheVersion(String prefix) throws IOException {
    Path lib = pythonPackage("2.13.0", false);
    Files.createFile(lib.resolve(prefix + System.mapLibraryName("djl_torch")));
    assertThat(choice().source()).isEqualTo(Source.INSTALLED);
  }

  @Test
  void aDirectoryOfTheCacheMayBeNamed() throws IOException {
    libraryPath = Optional.of(cached("2.7.1-20250812", "cpu").toString());
    assertThat(choice().version()).isEqualTo("2.7.1");
    libraryPath = Optional.of(cached("2.5.1", "cu124").toString());
    assertRefused("names PyTorch 2.5.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nowhere", "/etc/passwd", "nul\0byte", "."})
  void aPathWithoutTorchIsRefused(String path) {
    libraryPath = Optional.of(path);
    assertRefused("PYTORCH_LIBRARY_PATH is " + path, TORCH, "2.7.1");
  }

  @Test
  void aFlavourWithoutALibraryOfDjlIsRefused() throws IOException {
    pythonPackage("2.7.1", true);
    flavour = Optional.of("cu118");
    assertRefused("PYTORCH_FLAVOR is cu118", "[cpu, cu128]");
  }

  @Test
  void cudaOnABuildForTheCpuIsRefused() throws IOException {
    pythonPackage("2.7.1", false);
    flavour = Optional.of("cu128");
    assertRefused("PYTORCH_FLAVOR is cu128", "for the CPU");
  }

  @Test
  void theCudaRuntimeBesideAnInstalledTorchIsFound() throws IOException {
    Path lib = pythonPackage("2.7.1", true);
    assertThat(new InstalledTorch(lib).cudaRuntime()).isEmpty();
    Path runtime =
        Files.createDirectories(directory.resolve("site-packages/nvidia/cuda_runtime/lib"));
    Files.createFile(runtime.resolve("libcudart.so.12"));
    Files.createDirectories(directory.resolve("site-packages/nvidia/cudnn/lib"));
    assertThat(new InstalledTorch(lib).cudaRuntime()).containsExactly(runtime);
  }
}
