package io.github.probeselect.tools;

import io.github.probeselect.djl.Diagnosis;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints what generation needs of the machine and of the class path, and the remedy for everything
 * that is missing.
 */
@Command(
    name = "doctor",
    description =
        "Examines the installation: platform, JDK, native libraries, cache directory, GPUs. Names the remedy for everything that is missing.",
    footer = {
      "",
      "Reads: the class path, environment variables, the cache directory of DJL.",
      "Writes: the natives into the cache directory, as every first use does. Downloads nothing. The exit code is 0 if generation works on this machine, otherwise 1."
    },
    mixinStandardHelpOptions = true)
public final class Doctor implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Print a JSON object instead of text.")
  private boolean json;

  /** Creates the command. */
  public Doctor() {}

  @Override
  public Integer call() {
    Diagnosis diagnosis = Diagnosis.ofThisMachine();
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? diagnosis.toJson() : diagnosis);
    out.flush();
    return diagnosis.isReady() ? 0 : 1;
  }
}
