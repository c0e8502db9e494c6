package io.github.probeselect.djl;

import ai.djl.engine.Engine;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.pytorch.engine.PtEngineProvider;
import com.sun.jna.NativeLibrary;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.net.URL;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Loads the native libraries of PyTorch and of the tokenizers, which DJL extracts from their jars.
 *
 * <p>DJL looks for its engines and for the jars with the context class loader of the calling
 * thread, which can be any class loader: that of a plugin, or the system class loader in a thread
 * of the common pool. This class uses the class loader of this library, and for the jars with the
 * native libraries that of the caller as well. The engine is registered by its class, since a fat
 * jar may lack the file that names it.
 */
final class NativeLibraries {

  private static final ClassLoader OWN = NativeLibraries.class.getClassLoader();

  private static final String OFFLINE = "ai.djl.offline";

  private static volatile boolean loaded;

  private NativeLibraries() {}

  /**
   * Loads the libraries, unless they are loaded already.
   *
   * @return the PyTorch engine
   * @throws BackendException if they are missing or cannot be loaded; the message names the remedy
   */
  static synchronized Engine load() {
    stayOffline();
    try {
      LoadingFailure.refuseMusl();
      register();
      if (!loaded) {
        prepare();
      }
      OpenMp.boundSpin();
      HugePages.enable();
      Engine engine = Engine.getEngine("PyTorch");
      LibUtils.checkStatus();
      loaded = true;
      return engine;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw new BackendException(LoadingFailure.message(e), e);
    }
  }

  /**
   * Loads the libraries as {@link #load} does, but reaches no network even if the user allows it.
   */
  static synchronized Engine loadLocal() {
    Map<String, Optional<String>> own = new HashMap<>();
    for (String property : List.of(OFFLINE, "OPT_OUT_TRACKING")) {
      own.put(property, Optional.ofNullable(System.getProperty(property)));
      System.setProperty(property, "true");
    }
    try {
      return load();
    } finally {
      own.forEach(
          (property, value) ->
              value.ifPresentOrElse(
                  kept -> System.setProperty(property, kept),
                  () -> System.clearProperty(property)));
      stayOffline();
    }
  }

  /**
   * Checks that the libraries which DJL takes are those that the user asks for, and tells DJL what
   * follows from an installed PyTorch.
   */
  private static void prepare() {
    findCudaRuntime();
    NativeChoice choice =
        NativeChoice.of(NativeSettings.current(), NativeJars.found(), LoadingFailure.platform());
    if (choice.source() == NativeChoice.Source.INSTALLED) {
      // DJL would ask for a flavour that is no longer built.
      setUnlessSet(NativeSettings.FLAVOUR, NativeSettings.FLAVOUR, choice.flavour());
    }
  }

  /**
   * DJL counts GPUs by the CUDA runtime, which it looks for by name in the system's directories,
   * and once only. That of an installed PyTorch lies elsewhere.
   */
  static void findCudaRuntime() {
    NativeSettings.current()
        .libraryPath()
        .flatMap(InstalledTorch::on)
        .ifPresent(
            torch ->
                torch
                    .cudaRuntime()
                    .forEach(place -> NativeLibrary.addSearchPath("cudart", place.toString())));
  }

  /** Whether they are loaded. */
  static boolean areLoaded() {
    return loaded;
  }

  /** Registers the engine with DJL, using only this library's class loader. */
  private static void register() {
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    thread.setContextClassLoader(OWN);
    try {
      if (!Engine.hasEngine("PyTorch")) {
        Engine.registerEngine(new PtEngineProvider());
      }
    } finally {
      thread.setContextClassLoader(context);
    }
  }

  /**
   * The context class loader for a task on a thread of this library: the library's own, and, until
   * the native libraries are loaded, then that of the caller.
   */
  static ClassLoader contextFor(@Nullable ClassLoader caller) {
    return loaded ? OWN : withResourcesOf(caller);
  }

  /** The library's own class loader, which also finds the resources of the caller's. */
  static ClassLoader withResourcesOf(@Nullable ClassLoader caller) {
    return caller == null || caller == OWN ? OWN : new ResourcesOfCaller(caller);
  }

  /**
   * Classes from this library's class loader; resources from it and then from that of the caller.
   */
  private static final class ResourcesOfCaller extends ClassLoader {

    private final ClassLoader caller;

    ResourcesOfCaller(ClassLoader caller) {
      super(OWN);
      this.caller = caller;
    }

    @Override
    protected @Nullable URL findResource(String name) {
      return caller.getResource(name);
    }

    @Override
    protected Enumeration<URL> findResources(String name) throws IOException {
      return caller.getResources(name);
    }
  }

  /**
   * Keeps DJL from downloading missing native libraries, and from looking for a CUDA build of the
   * tokenizers, which is not published. Values set by the user are kept.
   */
  private static void stayOffline() {
    setUnlessSet(OFFLINE, "DJL_OFFLINE", "true");
    setUnlessSet("RUST_FLAVOR", "RUST_FLAVOR", "cpu");
  }

  private static void setUnlessSet(String property, String variable, String value) {
    if (System.getProperty(property) == null && System.getenv(variable) == null) {
      System.setProperty(property, value);
    }
  }
}
