package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.evaluation.Evaluation;
import io.github.probeselect.evaluation.RecordedSignal;
import io.github.probeselect.evaluation.SignalCost;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Finishes every candidate of held-out prompts and reports how well each signal would have chosen
 * at every fraction: the probe, the decoded preview scored by the metric itself, the guidance gap,
 * and chance. Started again after a stop, it goes on where it was.
 */
@Command(
    name = "evaluate",
    description =
        "Finishes every candidate of held-out prompts and reports how well each signal would have chosen at every fraction.",
    footer = {
      "",
      "Reads: the model, the --metric directories, and one prompt a line from --prompts.",
      "Writes: its recordings into --data, and BUNDLE.md, BUNDLE.json and plots into --output. Started again after a stop, it goes on where it was."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public class Evaluate implements Callable<Integer> {

  private static final long RANDOM_SEED = 0;

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--prompts",
      description =
          "A file with one prompt per line; the test prompts of the default model if absent.")
  private @Nullable Path prompts;

  @Option(
      names = "--count",
      converter = AtLeastOne.class,
      description = "How many of them are used.")
  private int count = 200;

  @Option(names = "-n", converter = AtLeastOne.class, description = "Candidates per prompt.")
  private int n = 16;

  @Option(names = "--first-seed", description = "The seed of the first candidate.")
  private long firstSeed = 1_000_000;

  @Option(names = "--fractions", split = ",", description = "Where the signals are compared.")
  private List<Double> fractions = List.of(0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6);

  @Mixin private MetricOption metric = new MetricOption();

  @Option(
      names = "--rounds",
      converter = AtLeastOne.class,
      description = "How often the signals are timed.")
  private int rounds = 5;

  @Option(
      names = "--data",
      defaultValue = "${sys:probeselect.work:-probeselect}/evaluation",
      description = "Where the recordings lie; one directory per bundle.")
  private Path data = Path.of("");

  @Option(
      names = "--output",
      defaultValue = "${sys:probeselect.reports:-.}/evaluation",
      description = "Where the report is written.")
  private Path output = Path.of("");

  /** Creates the command. */
  public Evaluate() {}

  @Override
  public Integer call() throws IOException {
    List<String> chosen = PromptChoice.TEST.read(prompts, count);
    try (Pipeline pipeline = model.open();
        ChosenMetrics metrics = metric.open(pipeline)) {
      String metric = metrics.first().name();
      // What cannot be written is refused before the long work.
      Files.createDirectories(output);
      List<RecordedSignal> signals = new ArrayList<>();
      if (hasProbe(pipeline)) {
        signals.add(RecordedSignal.replay(pipeline.probe()));
      }
      for (QualityMetric each : metrics.ofPreviews()) {
        signals.add(RecordedSignal.preview(each.name()));
      }
      signals.add(RecordedSignal.guidanceGap());
      signals.addAll(furtherSignals(pipeline, metric));
      signals.add(RecordedSignal.promptOnly(metric));
      signals.add(RecordedSignal.random(RANDOM_SEED));
      Dataset dataset = record(pipeline, chosen, metrics);
      SignalCost cost = measure(pipeline, chosen.get(0), metrics, dataset.header());
      Evaluation evaluation;
      try (ProgressBar bar = new ProgressBar("scoring", chosen.size())) {
        evaluation = Evaluation.of(dataset, signals, cost, (done, of) -> bar.stepTo(done));
      }
      Path report = new EvaluationReport(evaluation, notes()).write(output);
      System.out.println(Files.readString(report));
      System.out.println("written to " + report.toAbsolutePath());
    }
    return 0;
  }

  /**
   * Signals that are compared too, for a study that knows more of them.
   *
   * @param metric the one that counts
   */
  protected List<RecordedSignal> furtherSignals(Pipeline pipeline, String metric)
      throws IOException {
    return List.of();
  }

  /** Sentences on them for the report. */
  protected List<String> furtherNotes() throws IOException {
    return List.of();
  }

  private static boolean hasProbe(Pipeline pipeline) {
    return !pipeline.manifest().probes().isEmpty();
  }

  private List<String> notes() throws IOException {
    List<String> notes = new ArrayList<>();
    notes.add(
        "\"prompt only\" knows the mean of the finished images of a prompt and nothing of its seeds: what its global Spearman shows is how little that figure says about selection.");
    notes.addAll(furtherNotes());
    return notes;
  }

  private Dataset record(Pipeline pipeline, List<String> chosen, ChosenMetrics metrics)
      throws IOException {
    CollectionSettings settings =
        CollectionSettings.of(fractions, n).withFirstSeed(firstSeed).withPreviews(true);
    Path directory = data.resolve(pipeline.manifest().name());
    return Recordings.collect(
        pipeline, chosen, settings, metrics.firstBeforeOthers(chosen), Part.WHOLE, directory);
  }

  /** Times the signals that are compared with best-of-N. */
  private SignalCost measure(
      Pipeline pipeline, String prompt, ChosenMetrics metrics, DatasetHeader header) {
    List<Signal> signals = new ArrayList<>();
    if (hasProbe(pipeline)) {
      signals.add(pipeline.probe());
    }
    for (QualityMetric each : metrics.ofPreviews()) {
      signals.add(new PreviewProbe(pipeline.model(), each));
    }
    List<Double> fractions =
        IntStream.range(0, header.observedAfter().size()).mapToObj(header::fractionDone).toList();
    return SignalCost.measure(pipeline, prompt, signals, fractions, rounds);
  }
}
