package io.github.probeselect.apps;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.apps.ModelOptions.EarlySignals;
import io.github.probeselect.dataset.PromptFile;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.ProbeSelectException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Generates for every prompt of a file. A second run does what the first has left: prompts with a
 * result are skipped, those that failed are tried again.
 */
@Command(
    name = "PromptBatch",
    description =
        "Generates images for every prompt of a file, one a line; goes on after a failure, and from where it was stopped.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class PromptBatch implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--prompts", required = true, description = "A file of prompts, one a line.")
  private Path prompts = Path.of("");

  @Option(names = "-n", description = "How many candidates are started for each prompt.")
  private int n = 8;

  @Option(names = "-k", description = "How many images are kept of each prompt.")
  private int k = 1;

  @Option(names = "--output", description = "Where the files go: a folder for each prompt.")
  private Path output = Path.of("probeselect-examples", "target", "prompt-batch");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new PromptBatch()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<String> all = PromptFile.read(prompts); // refused as a whole if a line is no prompt
    try (Pipeline pipeline = model.open();
        EarlySignals signals = model.signals(pipeline)) {
      Map<String, String> failures =
          run(
              all,
              output,
              prompt ->
                  pipeline
                      .request(prompt)
                      .candidates(n)
                      .keep(k)
                      .signals(signals.toArray())
                      .generate());
      failures.forEach((prompt, why) -> System.out.println("failed: " + prompt + ": " + why));
      System.out.println("written to " + output.toAbsolutePath());
      return failures.isEmpty() ? 0 : 1;
    }
  }

  /**
   * Writes a result for every prompt that has none yet.
   *
   * @return why prompts failed, by prompt
   * @throws GenerationCancelledException if the thread is interrupted
   */
  static Map<String, String> run(
      List<String> prompts, Path output, Function<String, GenerationResult> generate) {
    Map<String, String> failures = new LinkedHashMap<>();
    for (String prompt : prompts) {
      Path folder = output.resolve(folder(prompt));
      // It is written last, and appears complete or not at all.
      if (Files.exists(folder.resolve("result.json"))) {
        continue;
      }
      try {
        generate.apply(prompt).writeTo(folder);
      } catch (GenerationCancelledException e) {
        throw e;
      } catch (ProbeSelectException | IOException e) {
        failures.put(prompt, e.toString());
      }
    }
    return failures;
  }

  /** A name that depends on the prompt alone, so that lines of the file may be moved. */
  static String folder(String prompt) {
    return UUID.nameUUIDFromBytes(prompt.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
