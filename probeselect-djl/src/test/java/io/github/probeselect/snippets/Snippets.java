package io.github.probeselect.snippets;

import io.github.probeselect.Generation;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.Session;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.evaluation.Calibrator;
import io.github.probeselect.evaluation.PairedTimes;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.selection.Selection;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Score;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.schedule.SamplerState;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** The examples of the Javadoc, as code that compiles. {@link SnippetsTest} holds the two equal. */
final class Snippets {

  private Snippets() {}

  static void probeSelect() throws IOException {
    GenerationResult result =
        ProbeSelect.generate("a red circle above a blue square on a gray background", 16, 4);
    result.images().get(0).writePng(Path.of("best.png"));
  }

  static void openMetric(RgbImage image) {
    try (LearnedMetric clipScore = ProbeSelect.openMetric(Path.of("clipscore"))) {
      double score = clipScore.score(image, "a red circle above a blue square");
    }
  }

  static void pipeline() throws IOException {
    try (Pipeline pipeline = ProbeSelect.open(Path.of("my-bundle"))) {
      GenerationResult result = pipeline.generate("a red circle above a blue square", 16, 4);
      result.writeTo(Path.of("images"));
    }
  }

  static List<Pipeline> options(Path bundle) {
    Pipeline onOneGpu = ProbeSelect.open(bundle, Pipeline.Options.defaults().device("cuda:1"));
    Pipeline onAllGpus = ProbeSelect.open(bundle, Pipeline.Options.defaults().devices("cuda:*"));
    return List.of(onOneGpu, onAllGpus);
  }

  static List<GenerationResult> generationRequest(Pipeline pipeline) {
    GenerationRequest stars =
        pipeline
            .request("two green stars on a striped tan background")
            .negativePrompt("a red circle")
            .candidates(16)
            .keep(4)
            .steps(30)
            .guidanceScale(4)
            .size(64, 48)
            .decideAt(DecisionPoint.fraction(0.25));
    GenerationResult result = stars.generate();
    GenerationResult others = stars.candidates(16, 1000).generate();
    return List.of(result, others);
  }

  static GenerationRequest origins(GenerationRequest request) {
    Origin liked = Origin.seed(7).guidanceScale(3);
    GenerationRequest near =
        request.origins(liked, liked.varied(100, 0.2), Origin.seed(8).wording("a crimson disc"));
    return near;
  }

  static GenerationResult session(Pipeline pipeline) throws IOException {
    Session session = pipeline.request("a red circle above a blue square").candidates(16).open();
    session.advance(DecisionPoint.fraction(0.2));
    session.keep(4);
    session.advance(DecisionPoint.fraction(0.5));
    session.resume(Origin.seed(3)); // a dropped candidate continues where it stopped
    session.save(Path.of("circle.session"));
    GenerationResult result = session.finish();
    return result;
  }

  static Generation generation(Pipeline pipeline) {
    Generation generation = pipeline.request("a red circle").candidates(16).keep(4).start();
    generation.future().thenAccept(result -> System.out.println(result.evaluations().share()));
    generation.cancel(); // no longer needed
    return generation;
  }

  static SelectionPolicy selectionPolicy() {
    SelectionPolicy onlyGoodOnes =
        round -> {
          List<ScoredCandidate> best = round.bestFirst().subList(0, round.atMost());
          List<ScoredCandidate> good =
              best.stream().filter(candidate -> candidate.score() > 0.5).toList();
          return good.isEmpty() ? best.subList(0, 1) : good;
        };
    return onlyGoodOnes;
  }

  static GenerationRequest cuts(GenerationRequest request, QualityMetric metric) {
    GenerationRequest narrowing =
        request.candidates(16).cuts(Cut.at(0.1, 8), Cut.at(0.3, 3)).rescoreBy(metric).keep(1);
    return narrowing;
  }

  static GenerationResult budget(Pipeline pipeline) {
    GenerationResult result =
        pipeline.request("a red circle above a blue square").budget(Budget.fullRuns(3)).generate();
    return result;
  }

  static GenerationResult budgetByAnOutsideMetric(
      Pipeline pipeline, String prompt, LearnedMetric clipScore) {
    Proposal proposal = pipeline.plan(Budget.fullRuns(3), 1, clipScore);
    GenerationResult result =
        pipeline.request(prompt).budget(Budget.fullRuns(3)).rescoreBy(clipScore).generate();
    return result;
  }

  static void calibrator(
      Pipeline pipeline, List<String> prompts, QualityMetric metric, Path directory, Path bundle)
      throws IOException {
    CollectionSettings settings = CollectionSettings.of(List.of(0.1, 0.2, 0.4), 16);
    Dataset recorded =
        new Collector(pipeline, settings, List.of())
            .collect(prompts, directory, Part.WHOLE, (done, of) -> {});
    Calibration calibration =
        Calibrator.calibrate(pipeline, recorded, Calibrator.signals(pipeline, metric), metric);
    calibration.write(bundle.resolve(Calibration.FILE)); // found there by ProbeSelect.open
  }

  static Costs costs() {
    Costs costs =
        Costs.DENOISING_ONLY.signal(Probe.NAME, 0.4).finish(1.5).secondsPerEvaluation(0.02);
    return costs;
  }

  static double pairedTimes(GenerationRequest selected, GenerationRequest finished) {
    PairedTimes times = PairedTimes.measure(List.of(selected, finished), 7);
    double saving = PairedTimes.median(times.ratios(0, 1));
    return saving;
  }

  static List<Integer> selection(SelectionPlan plan, List<Long> seeds) {
    Selection selection = new Selection(plan, seeds);
    for (OptionalInt step = selection.nextDecision();
        step.isPresent();
        step = selection.nextDecision()) {
      selection.decide(readings(selection.running(), step.getAsInt()), Round.Features.NONE);
    }
    List<Integer> finished = selection.running();
    return finished;
  }

  private static List<List<Reading>> readings(List<Integer> candidates, int stepsDone) {
    return candidates.stream()
        .map(
            candidate ->
                List.of(new Reading("index", stepsDone, 10, new Score(candidate, Double.NaN))))
        .toList();
  }

  static Probe probe() {
    Probe guidanceGap =
        observation -> observation.guidanceGaps().stream().mapToDouble(gap -> gap).toArray();
    return guidanceGap;
  }

  static QualityMetric qualityMetric() {
    QualityMetric redInTheMiddle =
        QualityMetric.of(
            "red-in-the-middle",
            (image, prompt) -> image.red(image.width() / 2, image.height() / 2) / 255.0);
    return redInTheMiddle;
  }

  static float[] schedule(Schedule schedule, float[] noise) {
    SamplerState state = schedule.start(noise);
    for (int step = 0; step < schedule.steps(); step++) {
      float[] input = schedule.modelInput(step, state);
      float[] prediction = denoise(input, schedule.timestep(step));
      state = schedule.step(step, state, prediction);
    }
    float[] imageLatents = state.latents();
    return imageLatents;
  }

  private static float[] denoise(float[] input, double timestep) {
    return input.clone();
  }
}
