package io.github.probeselect.apps;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs the same request on models of several families and shows their contact sheets side by side.
 * Nothing but the bundle that is opened differs between them.
 */
@Command(
    name = "Backbones",
    description =
        "Runs the same request on models of several families and shows their contact sheets side by side.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Backbones implements Callable<Integer> {

  private static final Path MODELS = Path.of("models");
  private static final Path EMBEDDED = Path.of("io", "github", "probeselect", "models", "tiny-sd2");

  @Parameters(arity = "0..*", description = "Bundle directories.")
  private List<Path> bundles =
      List.of(
          MODELS.resolve(Path.of("src", "main", "resources")).resolve(EMBEDDED),
          MODELS.resolve(Path.of("tiny-sd3", "bundle")),
          MODELS.resolve(Path.of("tiny-flux", "bundle")));

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = Quickstart.PROMPT;

  @Option(names = "-n", description = "How many candidates are started.")
  private int n = 16;

  @Option(names = "-k", description = "How many candidates are finished.")
  private int k = 4;

  @Option(names = "--output", description = "Where the picture goes.")
  private Path output = Path.of("probeselect-examples", "target", "backbones");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Backbones()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<GenerationResult> results = new ArrayList<>();
    for (Path bundle : bundles) {
      try (Pipeline pipeline = ProbeSelect.open(bundle)) {
        GenerationResult result =
            pipeline.request(prompt).candidates(n).keep(k).previews(true).generate();
        print(result);
        results.add(result);
      }
    }
    Path sheets = output.resolve("contact-sheets.png");
    ContactSheet.write(results, sheets);
    System.out.println("written to " + sheets.toAbsolutePath());
    return 0;
  }

  private static void print(GenerationResult result) {
    System.out.printf(
        Locale.ROOT,
        "%-12s %-24s %d of %d denoiser evaluations, %d per step and candidate, in %.2f s%n",
        result.settings().bundle(),
        result.settings().scheduler(),
        result.evaluations().spent(),
        result.evaluations().withoutSelection(),
        result.evaluations().branches(),
        result.timings().total().toNanos() * 1e-9);
  }
}
