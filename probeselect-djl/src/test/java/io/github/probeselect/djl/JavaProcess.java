package io.github.probeselect.djl;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program of the tests that runs in a JVM of its own.
 *
 * @param directory where its output, and the report of a crash, go
 * @param options options of the JVM
 * @param classPath which entries of the tests' class path it has
 * @param environment variables that it has besides those of the tests
 */
record JavaProcess(
    Path directory,
    List<String> options,
    Predicate<String> classPath,
    Map<String, String> environment) {

  private static final int PATIENCE_SECONDS = 600;

  static JavaProcess in(Path directory) {
    return new JavaProcess(directory, List.of(), entry -> true, Map.of());
  }

  JavaProcess withOptions(String... added) {
    return new JavaProcess(directory, List.of(added), classPath, environment);
  }

  JavaProcess withClassPath(Predicate<String> entries) {
    return new JavaProcess(directory, options, entries, environment);
  }

  JavaProcess withVariable(String name, String value) {
    Map<String, String> more = new TreeMap<>(environment);
    more.put(name, value);
    return new JavaProcess(directory, options, classPath, more);
  }

  /**
   * A process that has ended.
   *
   * @param exit its exit status
   * @param output what it printed
   */
  record Finished(int exit, String output) {}

  /** Runs the main method of {@code program} and waits for its end. */
  Finished run(Class<?> program, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
    command.add("-XX:ErrorFile=" + directory.resolve("hs_err.log"));
    command.addAll(options);
    command.add("-cp");
    command.add(entries().filter(classPath).collect(Collectors.joining(File.pathSeparator)));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    Path output = directory.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(program + " did not end: " + Files.readString(output));
    }
    // A text that the process could not write in UTF-8 is no reason to fail here.
    String printed = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    return new Finished(process.exitValue(), printed);
  }

  /** The class path of the tests; Surefire keeps it in a property of its own. */
  static Stream<String> entries() {
    String entries =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(entries.split(File.pathSeparator));
  }
}
