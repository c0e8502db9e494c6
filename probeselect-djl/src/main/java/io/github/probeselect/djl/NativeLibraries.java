package io.github.probeselect.djl;

import ai.djl.engine.Engine;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.pytorch.engine.PtEngineProvider;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.net.URL;
import java.util.Enumeration;
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
      OpenMp.boundSpin();
      Engine engine = Engine.getEngine("PyTorch");
      LibUtils.checkStatus();
      loaded = true;
      return engine;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw new BackendException(LoadingFailure.message(e), e);
    }
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
    return loaded || caller == null || caller == OWN ? OWN : new ResourcesOfCaller(caller);
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
    setUnlessSet("ai.djl.offline", "DJL_OFFLINE", "true");
    setUnlessSet("RUST_FLAVOR", "RUST_FLAVOR", "cpu");
  }

  private static void setUnlessSet(String property, String variable, String value) {
    if (System.getProperty(property) == null && System.getenv(variable) == null) {
      System.setProperty(property, value);
    }
  }
}
