package io.github.probeselect.apps;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.Session;
import io.github.probeselect.apps.ModelOptions.EarlySignals;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.DecisionPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * An interactive session: looks at the candidates early, keeps the best, saves all of them in a
 * file, goes on from the file, tries two near the favourite, resumes one that was dropped, and
 * finishes.
 */
@Command(
    name = "InteractiveSession",
    description =
        "Leads an interactive session: looks early, keeps some candidates, saves the session and resumes it, takes a dropped candidate back, tries two near the favourite, finishes.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class InteractiveSession implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--prompt", description = "What the image shows.")
  private String prompt = "a yellow star above a blue circle on a dotted pink background";

  @Option(names = "-n", description = "How many candidates are started.")
  private int n = 12;

  @Option(names = "-k", description = "How many candidates are kept at first.")
  private int k = 3;

  @Option(names = "--output", description = "Where the files go.")
  private Path output = Path.of("probeselect-examples", "target", "interactive-session");

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new InteractiveSession()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(output);
    Path file = output.resolve("candidates.session");
    try (Pipeline pipeline = model.open();
        EarlySignals signals = model.signals(pipeline)) {
      begin(pipeline, file, signals.toArray());
      GenerationResult result = goOn(pipeline, file, signals.toArray());
      result.writeTo(output);
      System.out.println("written to " + output.toAbsolutePath());
      return 0;
    }
  }

  private void begin(Pipeline pipeline, Path file, Signal... signals) throws IOException {
    Session session = pipeline.request(prompt).candidates(n).signals(signals).open();
    session.advance(DecisionPoint.fraction(0.2));
    for (Candidate candidate : session.candidates()) {
      Path preview = output.resolve("preview-" + candidate.seed() + ".png");
      ImageIO.write(session.preview(candidate.origin()).toBufferedImage(), "png", preview.toFile());
    }
    session.keep(k);
    session.save(file);
    show("scored after a fifth of the steps, and saved", session);
  }

  private static GenerationResult goOn(Pipeline pipeline, Path file, Signal... signals) {
    Session session = pipeline.openSession(file, request -> request.signals(signals));
    List<Candidate> ranked =
        session.candidates().stream().sorted(Comparator.comparingInt(Candidate::rank)).toList();
    Origin favourite = ranked.get(0).origin();
    session.start(favourite.varied(100, 0.2), favourite.varied(101, 0.2));
    session.advance(DecisionPoint.fraction(0.5));
    show("two near the favourite have joined, and all that run are halfway", session);
    ranked.stream()
        .filter(candidate -> candidate.outcome() == Outcome.PRUNED)
        .findFirst()
        .ifPresent(candidate -> session.resume(candidate.origin()));
    GenerationResult result = session.finish();
    show("finished, with the best of those dropped", session);
    return result;
  }

  private static void show(String what, Session session) {
    System.out.printf(
        Locale.ROOT, "%n%s; %d denoiser evaluations so far%n", what, session.evaluations().spent());
    for (Candidate candidate : session.candidates()) {
      System.out.printf(
          Locale.ROOT,
          "%-8s %2d steps  score %6.3f  %s%n",
          candidate.outcome(),
          candidate.stepsDone(),
          candidate.score().orElse(Double.NaN),
          candidate.origin());
    }
  }
}
