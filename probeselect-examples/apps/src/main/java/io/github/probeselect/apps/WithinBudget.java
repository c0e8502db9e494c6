package io.github.probeselect.apps;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Proposal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a generation may cost, and leaves the number of candidates and the cuts to a plan. */
@Command(
    name = "WithinBudget",
    description = "Spends a budget: plans how many candidates are started and when they are cut.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class WithinBudget implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = "a yellow star above a blue circle on a dotted pink background";

  @Option(names = "--full-runs", description = "The budget, in images from noise to the end.")
  private double fullRuns = 3;

  @Option(names = "-k", description = "How many images are wanted.")
  private int k = 1;

  @Option(names = "--output", description = "Where the files go.")
  private Path output = Path.of("probeselect-examples", "target", "within-budget");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new WithinBudget()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Budget budget = Budget.fullRuns(fullRuns); // or Budget.evaluations(60), Budget.seconds(10)
    try (Pipeline pipeline = model.open()) {
      Proposal proposal = pipeline.plan(budget, k); // measures this machine the first time
      System.out.println(proposal.explanation());
      GenerationResult result = pipeline.request(prompt).budget(budget).keep(k).generate();
      System.out.printf(
          Locale.ROOT,
          "%d candidates, %d denoiser evaluations, quality %.3f%n",
          result.candidates().size(),
          result.evaluations().spent(),
          result.images().get(0).finalScore().orElse(Double.NaN));
      result.writeTo(output);
      System.out.println("written to " + output.toAbsolutePath());
      return 0;
    }
  }
}
