package io.github.probeselect.tools;

import io.github.probeselect.error.ProbeSelectException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What all command lines of the project do alike: the version, and the line that is printed in
 * place of a stack trace when a request cannot be carried out.
 */
public final class PlainErrors {

  private static final String VERSION_FILE = "version.properties";

  private PlainErrors() {}

  /**
   * Prepares a command and those below it. It ends with 0, with 2 where the arguments are wrong,
   * and with 1 where anything else is.
   *
   * @return the same
   */
  public static CommandLine in(CommandLine commandLine) {
    versioned(commandLine);
    return commandLine
        .setParameterExceptionHandler(PlainErrors::correct)
        .setExecutionExceptionHandler(PlainErrors::explain);
  }

  private static void versioned(CommandLine commandLine) {
    commandLine.getCommandSpec().versionProvider(new ProjectVersion());
    commandLine.getSubcommands().values().forEach(PlainErrors::versioned);
  }

  /** What was wrong, what was perhaps meant, and where there is more to read. */
  private static int correct(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    boolean named = !command.getSubcommands().isEmpty();
    if (named && wrong instanceof UnmatchedArgumentException stray) {
      print(command, "there is no command " + stray.getUnmatched().get(0));
      err.print(command.getHelp().commandListHeading());
      err.print(command.getHelp().commandList());
    } else {
      print(command, String.valueOf(wrong.getMessage()));
      UnmatchedArgumentException.printSuggestions(wrong, err);
      err.println("Give --help for a list of its options.");
    }
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /**
   * A reason that was meant to be read stands alone; anything else is a bug and shows its trace.
   */
  private static int explain(Exception failure, CommandLine command, ParseResult arguments)
      throws Exception {
    print(command, reason(failure));
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  private static void print(CommandLine command, String reason) {
    command
        .getErr()
        .println(command.getColorScheme().errorText("error: " + reason.replaceAll("\\R+", " ")));
  }

  private static String reason(Exception failure) throws Exception {
    if (failure instanceof ProbeSelectException) {
      return String.valueOf(failure.getMessage());
    }
    if (failure instanceof UncheckedIOException wrapped) {
      @Nullable IOException cause = wrapped.getCause();
      return cause == null ? String.valueOf(wrapped.getMessage()) : reason(cause);
    }
    if (failure instanceof NoSuchFileException missing) {
      return "no such file: " + missing.getFile();
    }
    if (failure instanceof AccessDeniedException denied) {
      return "no permission to read or write " + denied.getFile();
    }
    if (failure instanceof FileAlreadyExistsException file) {
      return file.getFile() + " is a file, where a directory is wanted";
    }
    if (failure instanceof FileSystemException other) {
      return String.valueOf(other.getMessage());
    }
    if (failure instanceof IOException other) {
      return "reading or writing failed: " + other.getMessage();
    }
    throw failure;
  }

  /** The version that the build has written beside the classes. */
  private static final class ProjectVersion implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
      Properties written = new Properties();
      try (InputStream file = PlainErrors.class.getResourceAsStream(VERSION_FILE)) {
        if (file == null) {
          throw new IOException(VERSION_FILE + " is missing beside the classes of the tools");
        }
        written.load(file);
      }
      return new String[] {
        "ProbeSelect " + written.getProperty("version"), "JVM ${java.version} (${java.vendor})"
      };
    }
  }
}
