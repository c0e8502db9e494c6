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
 * <p>DJL looks for its engines and for the jars with the class loader that the calling thread has
 * as its context, which is any class loader: that of a plugin, or the system's in a thread of the
 * common pool. Here the class loader of this library counts, and for the jars with the natives that
 * of the caller as well. The engine is registered by its class, since a fat jar may have lost the
 * file that names it.
 */
final class NativeLibraries {

  private static final ClassLoader OWN = NativeLibraries.class.getClassLoader();

  private static volatile boolean loaded;

  private NativeLibraries() {}

  /**
   * Loads them; once they are loaded this does nothing more.
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

  /** Makes the engine known to DJL, with no class loader but our own in play. */
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
   * The context class loader for a task on a thread of this library: its own, and as long as the
   * natives are not loaded, after it that of the caller.
   */
  static ClassLoader contextFor(@Nullable ClassLoader caller) {
    return loaded || caller == null || caller == OWN ? OWN : new ResourcesOfCaller(caller);
  }

  /** Classes from our own class loader; resources from it and then from that of the caller. */
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
   * Keeps DJL from fetching native libraries from the internet where they are missing, and from
   * looking for a CUDA build of the tokenizers, which is not published. Whatever the user has set
   * stays.
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
