package io.github.probeselect.apps;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Opens the model on the first device of a list that this machine has: a certain GPU, else all
 * GPUs, else the CPU. Without such wishes {@code auto}, the default, chooses.
 */
@Command(
    name = "ChooseDevice",
    description = "Opens the model on the first of some devices that this machine has.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class ChooseDevice implements Callable<Integer> {

  @Option(
      names = "--devices",
      split = ",",
      description = "Devices, the preferred ones first: cuda:1, cuda:* (all GPUs), mps, cpu.")
  private List<String> devices = List.of("cuda:1", "cuda:*", "mps", "cpu");

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = "a red circle above a blue square on a gray background";

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ChooseDevice()).execute(args));
  }

  @Override
  public Integer call() {
    try (Pipeline pipeline = open(devices, ProbeSelect::openDefault)) {
      String device = pipeline.generate(prompt, 4, 1).settings().device();
      System.out.println("generated on " + device);
      return 0;
    }
  }

  /** Opens on the first device that there is; the reasons against the others are printed. */
  static Pipeline open(List<String> devices, Function<Pipeline.Options, Pipeline> opening) {
    for (String device : devices.subList(0, devices.size() - 1)) {
      try {
        return opening.apply(Pipeline.Options.defaults().devices(device));
      } catch (BackendException | InvalidBundleException e) {
        System.out.println("not on " + device + ": " + e.getMessage());
      }
    }
    return opening.apply(Pipeline.Options.defaults().devices(devices.get(devices.size() - 1)));
  }
}
