package io.github.probeselect.apps;

import io.github.probeselect.Generation;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.apps.ModelOptions.EarlySignals;
import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.model.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Generates on another thread, with a deadline, while a second generation that nobody needs any
 * longer is cancelled.
 */
@Command(
    name = "AsyncGeneration",
    description = "Generates on another thread, with a deadline, and cancels another generation.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class AsyncGeneration implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = "a yellow star above a blue circle on a dotted pink background";

  @Option(names = "-n", description = "How many candidates are started.")
  private int n = 8;

  @Option(names = "--deadline", description = "How long it may take, such as PT2M or PT0.5S.")
  private Duration patience = Duration.ofMinutes(5);

  @Option(names = "--output", description = "Where the files go.")
  private Path output = Path.of("probeselect-examples", "target", "async-generation");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new AsyncGeneration()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try (Pipeline pipeline = model.open();
        EarlySignals signals = model.signals(pipeline)) {
      Generation unwanted = start(pipeline, "a black cross", n, patience, signals.toArray());
      Generation wanted = start(pipeline, prompt, n, patience, signals.toArray());
      unwanted.cancel(); // from any thread; it stops before its next denoiser call
      System.out.println("unwanted: " + ending(unwanted));
      System.out.println("wanted: " + ending(wanted));
      if (wanted.future().isCompletedExceptionally()) {
        return 1;
      }
      wanted.join().writeTo(output);
      System.out.println("written to " + output.toAbsolutePath());
      return 0;
    }
  }

  /** Returns at once; images are announced as soon as they are finished. */
  static Generation start(
      Pipeline pipeline, String prompt, int n, Duration patience, Signal... signals) {
    GenerationListener announcing =
        new GenerationListener() {
          @Override
          public void onFinished(KeptImage image) {
            System.out.println("finished: seed " + image.seed() + " of \"" + prompt + "\"");
          }
        };
    return pipeline
        .request(prompt)
        .candidates(n)
        .signals(signals)
        .deadline(Instant.now().plus(patience))
        .listener(announcing)
        .start();
  }

  /** Waits for a generation, and tells how it ended. */
  static String ending(Generation generation) {
    try {
      GenerationResult result = generation.join();
      return "the best is seed " + result.images().get(0).seed();
    } catch (DeadlineExceededException e) {
      return "too late";
    } catch (GenerationCancelledException e) {
      return "cancelled";
    }
  }
}
