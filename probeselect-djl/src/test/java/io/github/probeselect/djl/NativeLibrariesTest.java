package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.BackendException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * How the native libraries are found and loaded; each case needs a JVM that has not loaded them.
 */
class NativeLibrariesTest {

  private static final String SERVICE = "META-INF/services/ai.djl.engine.EngineProvider";

  @TempDir private Path directory;

  /** Tries to open the default bundle and prints why it cannot. */
  public static final class Opening {
    public static void main(String[] arguments) {
      try (Pipeline pipeline = ProbeSelect.openDefault()) {
        System.out.println("drawn " + draw(pipeline));
      } catch (BackendException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  private static int draw(Pipeline pipeline) {
    return pipeline.request("a red circle").candidates(2).steps(2).generate().images().size();
  }

  /** Opens under the class loader that plugins and threads of the common pool may have. */
  static final class OpeningUnderAForeignLoader {
    public static void main(String[] arguments) {
      Thread main = Thread.currentThread();
      ClassLoader right = main.getContextClassLoader();
      main.setContextClassLoader(ClassLoader.getPlatformClassLoader());
      Opening.main(arguments);
      main.setContextClassLoader(null);
      Opening.main(arguments);
      CompletableFuture.runAsync(() -> Opening.main(arguments)).join();
      main.setContextClassLoader(right);
      Opening.main(arguments);
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().startsWith("probeselect"))
          .map(thread -> thread.getContextClassLoader() == Pipeline.class.getClassLoader())
          .forEach(own -> System.out.println("own loader: " + own));
    }
  }

  /** Opens with the jar of the natives known to the context class loader alone. */
  static final class OpeningWithTheNativesOfTheCaller {
    public static void main(String[] arguments) throws IOException {
      Opening.main(arguments);
      Thread.currentThread()
          .setContextClassLoader(new URLClassLoader(urls(Stream.of(arguments[0])), null));
      Opening.main(arguments);
    }
  }

  /** Opens where the file that names the engine is lost, as in a fat jar that keeps one of many. */
  static final class OpeningWithoutTheServiceFile {
    public static void main(String[] arguments) throws Exception {
      Stream<String> entries =
          Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
      try (URLClassLoader fatJar =
          new URLClassLoader(urls(entries), ClassLoader.getPlatformClassLoader()) {
            @Override
            public URL findResource(String name) {
              return name.equals(SERVICE) ? null : super.findResource(name);
            }

            @Override
            public Enumeration<URL> findResources(String name) throws IOException {
              return name.equals(SERVICE)
                  ? Collections.emptyEnumeration()
                  : super.findResources(name);
            }
          }) {
        Thread.currentThread().setContextClassLoader(fatJar);
        Class.forName(Opening.class.getName(), true, fatJar)
            .getMethod("main", String[].class)
            .invoke(null, (Object) arguments);
      }
    }
  }

  private static URL[] urls(Stream<String> entries) throws IOException {
    return entries.map(entry -> url(Path.of(entry))).toArray(URL[]::new);
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void withoutThePyTorchJarItNamesTheDependencyToAdd() throws Exception {
    JavaProcess.Finished process =
        withEmptyCache()
            .withClassPath(entry -> !entry.contains("pytorch-native-cpu"))
            .run(Opening.class);

    assertThat(process.exit()).isZero();
    assertThat(process.output())
        .contains("ai.djl.pytorch:pytorch-native-cpu:2.7.1 with the classifier")
        .contains(LoadingFailure.platform())
        .doesNotContain("pytorch-jni");
  }

  @Test
  void withoutTheJniJarItNamesTheDependencyToAdd() throws Exception {
    JavaProcess.Finished process =
        withEmptyCache().withClassPath(entry -> !entry.contains("pytorch-jni")).run(Opening.class);

    assertThat(process.exit()).isZero();
    assertThat(process.output())
        .contains("ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0")
        .doesNotContain("classifier");
  }

  @Test
  void nativesOfAnotherFlavourThanTheUserAsksForAreRefused() throws Exception {
    JavaProcess.Finished process =
        JavaProcess.in(directory).withVariable("PYTORCH_FLAVOR", "cu128").run(Opening.class);

    assertThat(process.exit()).isZero();
    assertThat(process.output())
        .startsWith("refused: PYTORCH_FLAVOR is cu128")
        .contains("unset PYTORCH_FLAVOR", "probeselect-tools doctor");
  }

  @Test
  void aVersionOfPyTorchThatIsNotThereIsRefused() throws Exception {
    JavaProcess.Finished process =
        JavaProcess.in(directory).withVariable("PYTORCH_VERSION", "2.6.0").run(Opening.class);

    assertThat(process.exit()).isZero();
    assertThat(process.output()).startsWith("refused: PYTORCH_VERSION is 2.6.0");
  }

  @Test
  void aLibraryPathWithoutPyTorchIsRefused() throws Exception {
    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withVariable("PYTORCH_LIBRARY_PATH", directory.resolve("nowhere").toString())
            .run(Opening.class);

    assertThat(process.exit()).isZero();
    assertThat(process.output()).startsWith("refused: PYTORCH_LIBRARY_PATH is " + directory);
  }

  /** The linker would load it, and the JVM would crash at the first call. */
  @Test
  void anInstalledPyTorchOfAnotherVersionIsRefusedBeforeItIsLoaded() throws Exception {
    Path lib = Files.createDirectories(directory.resolve("torch/lib"));
    Files.createFile(lib.resolve(System.mapLibraryName("torch")));
    Files.writeString(lib.resolveSibling("version.py"), "__version__ = '2.13.0+cu130'\n");
    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withVariable("PYTORCH_LIBRARY_PATH", lib.toString())
            .withVariable("PYTORCH_VERSION", "2.7.1")
            .run(Opening.class);

    assertThat(process.exit()).isZero();
    assertThat(process.output())
        .startsWith("refused: PYTORCH_LIBRARY_PATH names PyTorch 2.13.0")
        .contains("pip install torch==2.7.1");
  }

  /** The natives that DJL has extracted stand in for an installed PyTorch of the same version. */
  @Test
  void anInstalledPyTorchNeedsItsPathAlone() throws Exception {
    NativeLibraries.load();
    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withClassPath(entry -> !entry.contains("pytorch-native-cpu"))
            .withVariable("PYTORCH_LIBRARY_PATH", LibUtils.getLibtorchPath())
            .run(Opening.class);

    assertThat(process.output()).isEqualToIgnoringNewLines("drawn 1");
  }

  @Test
  void aDamagedLibraryIsNamedWithTheDirectoryToDelete() throws Exception {
    Path cache = directory.resolve("cache");
    Path natives =
        NativeSettings.current().extracted(natives().version(), "cpu", LoadingFailure.platform());
    Path copy = cache.resolve("pytorch").resolve(natives.getFileName());
    Files.createDirectories(copy);
    for (String library : List.of("torch", "c10")) {
      Files.createFile(copy.resolve(System.mapLibraryName(library)));
    }
    JavaProcess.Finished process = withEmptyCache().run(Opening.class);

    assertThat(process.exit()).isZero();
    // The JVM may print a warning of its own first.
    assertThat(process.output()).contains("refused: ", "probeselect-tools doctor");
    if (OS.LINUX.isCurrentOs()) {
      assertThat(process.output()).contains("is damaged", "delete the directory " + cache);
    }
  }

  private static NativeJars.Natives natives() {
    return NativeJars.found().taken().get();
  }

  @Test
  void theContextClassLoaderMayBeAnyAndIsNotInherited() throws Exception {
    JavaProcess.Finished process = JavaProcess.in(directory).run(OpeningUnderAForeignLoader.class);

    assertThat(process.output().lines())
        .startsWith("drawn 1", "drawn 1", "drawn 1", "drawn 1", "own loader: true")
        .doesNotContain("own loader: false");
  }

  @Test
  void theNativesMayBeKnownToTheContextClassLoaderAlone() throws Exception {
    String jar =
        JavaProcess.entries()
            .filter(entry -> entry.contains("pytorch-native-cpu"))
            .findFirst()
            .get();

    JavaProcess.Finished process =
        withEmptyCache()
            .withClassPath(entry -> !entry.equals(jar))
            .run(OpeningWithTheNativesOfTheCaller.class, jar);

    assertThat(process.output().lines()).hasSize(2).first().asString().startsWith("refused: ");
    assertThat(process.output().lines()).last().isEqualTo("drawn 1");
  }

  @Test
  void theEngineIsRegisteredWithoutItsServiceFile() throws Exception {
    JavaProcess.Finished process =
        JavaProcess.in(directory).run(OpeningWithoutTheServiceFile.class);

    assertThat(process.output()).isEqualToIgnoringNewLines("drawn 1");
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamedWithTheRemedy() throws Exception {
    Path file = Files.createFile(directory.resolve("no-directory"));

    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withVariable("DJL_CACHE_DIR", file.resolve("cache").toString())
            .withVariable("ENGINE_CACHE_DIR", file.resolve("cache").toString())
            .run(Opening.class);

    assertThat(process.output())
        .startsWith("refused: the native libraries of PyTorch and of the tokenizers are extracted")
        .contains(file.toString(), "460 MB", "set the environment variable or system property")
        .contains("DJL_CACHE_DIR");
  }

  @Test
  void aMissingTempDirectoryDoesNotMatterWhereThereIsACache() throws Exception {
    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withOptions("-Djava.io.tmpdir=" + directory.resolve("nowhere"))
            .run(Opening.class);

    assertThat(process.output()).isEqualToIgnoringNewLines("drawn 1");
  }

  @Test
  void aDirectoryFromWhichNothingMayBeLoadedIsNamedWithTheRemedy() {
    assertThat(
            LoadingFailure.loading(
                "java.lang.UnsatisfiedLinkError: /mnt/libc10.so: libc10.so: failed to map segment"
                    + " from shared object"))
        .hasValueSatisfying(
            advice -> assertThat(advice).contains("noexec").contains("DJL_CACHE_DIR"));
  }

  @Test
  void aJvmThatRefusesNativeAccessIsToldTheOption() {
    assertThat(
            LoadingFailure.loading(
                "java.lang.IllegalCallerException: Illegal native access from an unnamed module"
                    + " (file:/lib/pytorch-engine-0.36.0.jar)"))
        .hasValueSatisfying(
            advice -> assertThat(advice).contains("--enable-native-access=ALL-UNNAMED"));
  }

  @Test
  void aSecondClassLoaderIsToldThatTheNativesAreTaken() {
    assertThat(
            LoadingFailure.loading(
                "java.lang.UnsatisfiedLinkError: Native Library /c/libtokenizers.so already loaded"
                    + " in another classloader"))
        .hasValueSatisfying(advice -> assertThat(advice).contains("once only"));
  }

  @Test
  void muslIsKnownByItsLinker() {
    assertThat(LoadingFailure.isMusl(Stream.of("7f30-7f40 r-xp /lib/ld-musl-x86_64.so.1")))
        .isTrue();
    assertThat(
            LoadingFailure.isMusl(
                Stream.of("7f30-7f40 r-xp /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")))
        .isFalse();
  }

  /** Prints the environment that native code sees. */
  static final class Environment {
    public static void main(String[] arguments) {
      OpenMp.boundSpin();
      HugePages.enable();
      System.out.println(
          NativeLibrary.getProcess()
              .getFunction("getenv")
              .invokeString(new Object[] {arguments[0]}, false));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theSpinOfIdleThreadsIsBoundedUnlessTheUserHasSetIt() throws Exception {
    JavaProcess process = JavaProcess.in(directory);
    String spin = OpenMp.SPIN_VARIABLE;
    assertThat(process.run(Environment.class, spin).output())
        .isEqualToIgnoringNewLines(OpenMp.SPIN_COUNT);
    assertThat(
            process.withVariable("OMP_WAIT_POLICY", "active").run(Environment.class, spin).output())
        .isEqualToIgnoringNewLines("null");
    assertThat(process.withVariable(spin, "77").run(Environment.class, spin).output())
        .isEqualToIgnoringNewLines("77");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void largeTensorsLieInHugePagesUnlessTheUserHasSetIt() throws Exception {
    JavaProcess process = JavaProcess.in(directory);
    String pages = HugePages.VARIABLE;
    assertThat(process.run(Environment.class, pages).output()).isEqualToIgnoringNewLines("1");
    assertThat(process.withVariable(pages, "0").run(Environment.class, pages).output())
        .isEqualToIgnoringNewLines("0");
  }

  private JavaProcess withEmptyCache() {
    // Libraries that an earlier run has extracted would be found without their jar.
    String cache = directory.resolve("cache").toString();
    return JavaProcess.in(directory)
        .withVariable("DJL_CACHE_DIR", cache)
        .withVariable("ENGINE_CACHE_DIR", cache);
  }
}
