package io.github.probeselect.examples;

import io.github.probeselect.error.ProbeSelectException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs one of the examples by its name, and without a name lists them. What all of them do alike is
 * here: the version, and the line that is printed in place of a stack trace when a request cannot
 * be carried out.
 */
@Command(
    name = "examples",
    description = "Runs one of the examples of ProbeSelect.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "EXAMPLE",
    commandListHeading = "%nExamples:%n",
    footer = {
      "",
      "Each one explains itself and its options:",
      "  mvn -q compile -Dexample=Quickstart -Dexample.args=\"--help\""
    },
    subcommands = {
      Quickstart.class,
      Backbones.class,
      LedByHand.class,
      Collect.class,
      TrainProbe.class,
      Calibrate.class,
      Evaluate.class,
      Ablate.class,
      Transfer.class,
      StudyBudgets.class,
      StudyRewards.class,
      StudySecondWave.class,
      MeasureCost.class,
      MeasureMemory.class,
      MeasureLoad.class
    })
public final class Examples implements Runnable {

  private static final String VERSION_FILE = "version.properties";

  private Examples() {}

  /** Runs the example that the first argument names; the others are its own. */
  public static void main(String[] args) {
    System.exit(commandLine(all()).execute(args));
  }

  /** The command that has all examples below it. */
  static Examples all() {
    return new Examples();
  }

  /**
   * The command of an example, or the one that has all of them below it. It ends with 0, with 2
   * where the arguments are wrong, and with 1 where anything else is.
   */
  static CommandLine commandLine(Object command) {
    CommandLine commandLine = new CommandLine(command);
    versioned(commandLine);
    return commandLine
        .setParameterExceptionHandler(Examples::correct)
        .setExecutionExceptionHandler(Examples::explain);
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  private static void versioned(CommandLine commandLine) {
    commandLine.getCommandSpec().versionProvider(new ProjectVersion());
    commandLine.getSubcommands().values().forEach(Examples::versioned);
  }

  /** What was wrong, what was perhaps meant, and what there is. */
  private static int correct(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    if (wrong instanceof UnmatchedArgumentException stray
        && command.getCommand() instanceof Examples) {
      String name = stray.getUnmatched().get(0);
      err.println(command.getColorScheme().errorText("There is no example " + name + "."));
    } else {
      err.println(command.getColorScheme().errorText(wrong.getMessage()));
      UnmatchedArgumentException.printSuggestions(wrong, err);
    }
    err.println();
    command.usage(err, command.getColorScheme());
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /**
   * A reason that was meant to be read stands alone; anything else is a bug and shows its trace.
   */
  private static int explain(Exception failure, CommandLine command, ParseResult arguments)
      throws Exception {
    String reason = reason(failure);
    command.getErr().println(command.getColorScheme().errorText(reason));
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  private static String reason(Exception failure) throws Exception {
    if (failure instanceof ProbeSelectException) {
      return String.valueOf(failure.getMessage());
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
    throw failure;
  }

  /** The version that the build has written beside the classes. */
  private static final class ProjectVersion implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
      Properties written = new Properties();
      try (InputStream file = Examples.class.getResourceAsStream(VERSION_FILE)) {
        if (file == null) {
          throw new IOException(VERSION_FILE + " is missing beside the classes of the examples");
        }
        written.load(file);
      }
      return new String[] {
        "ProbeSelect " + written.getProperty("version"), "JVM ${java.version} (${java.vendor})"
      };
    }
  }
}
