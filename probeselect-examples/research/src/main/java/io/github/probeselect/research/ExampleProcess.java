package io.github.probeselect.research;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a JVM of its own from within Maven's, on the class path that Maven has put together, and
 * ends Maven with its exit status. Maven itself would print a stack trace and where to read about
 * it, however well the example has explained what was wrong.
 */
public final class ExampleProcess {

  private ExampleProcess() {}

  /** Starts {@code java} with these arguments: options, a main class, and what it gets. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int status =
        run(List.of(args), Path.of(System.getProperty("maven.multiModuleProjectDirectory", "")));
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Waits for the JVM, which ends when this one does, and returns its exit status. */
  static int run(List<String> arguments, Path directory) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-classpath");
    command.add(classPath(ExampleProcess.class.getClassLoader()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(directory.toAbsolutePath().toFile()).inheritIO();
    builder.environment().put("OPT_OUT_TRACKING", "true");
    Process process = builder.start();
    Thread end = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(end);
    int status = process.waitFor();
    Runtime.getRuntime().removeShutdownHook(end);
    return status;
  }

  /** Maven's plugin loads the classes of a project through a loader that names their places. */
  private static String classPath(ClassLoader loader) {
    if (!(loader instanceof URLClassLoader places)) {
      return System.getProperty("java.class.path");
    }
    List<String> paths = new ArrayList<>();
    for (URL place : places.getURLs()) {
      try {
        paths.add(Path.of(place.toURI()).toString());
      } catch (URISyntaxException e) {
        throw new IllegalStateException("not a place on the class path: " + place, e);
      }
    }
    return String.join(File.pathSeparator, paths);
  }
}
