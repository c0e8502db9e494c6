package io.github.probeselect.snippets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.Candidate;
import io.github.probeselect.Generation;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.GenerationResult.ImageForm;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.Session;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.evaluation.Calibrator;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Proposal;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.Features;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakeModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** The Java blocks of the README and the pages, compiled; each stands in a method of its own. */
@SuppressWarnings("unused")
final class PageSnippets {

  private PageSnippets() {}

  static void readmeGenerate() throws IOException {
    GenerationResult result =
        ProbeSelect.generate("a red circle above a blue square on a gray background", 16, 4);
    result.images().get(0).writePng(Path.of("best.png"));
    result.candidates().forEach(System.out::println);
  }

  static void readmeRequest(GenerationListener listener) throws IOException {
    try (Pipeline pipeline = ProbeSelect.open(Path.of("my-bundle"))) {
      Generation generation =
          pipeline
              .request("two green stars and a black cross on a striped cyan background")
              .candidates(16)
              .keep(4)
              .steps(30)
              .guidanceScale(3.5)
              .decideAt(DecisionPoint.fraction(0.2))
              .listener(listener)
              .start();
      GenerationResult result = generation.join();
      result.writeTo(Path.of("out"));
    }
  }

  static List<Pipeline> devices(Path bundle) {
    Pipeline onTheSecond = ProbeSelect.open(bundle, Pipeline.Options.defaults().device("cuda:1"));
    Pipeline onAllGpus = ProbeSelect.open(bundle, Pipeline.Options.defaults().devices("cuda:*"));
    return List.of(onTheSecond, onAllGpus);
  }

  static GenerationResult readmeSession(Pipeline pipeline) throws IOException {
    Session session = pipeline.request("a red circle above a blue square").candidates(16).open();
    session.advance(DecisionPoint.fraction(0.2)).keep(4);
    session.save(Path.of("circle.session"));
    GenerationResult result = session.finish();
    return result;
  }

  static QualityMetric metric() {
    QualityMetric redInTheMiddle =
        QualityMetric.of(
            "red-in-the-middle",
            (image, prompt) -> image.red(image.width() / 2, image.height() / 2) / 255.0);
    return redInTheMiddle;
  }

  static void metricUsed(Pipeline pipeline, String prompt, QualityMetric redInTheMiddle) {
    GenerationResult byTheFinished =
        pipeline
            .request(prompt)
            .candidates(8)
            .cuts(Cut.at(0.2, 4))
            .rescoreBy(redInTheMiddle)
            .keep(1)
            .generate();
    GenerationResult byPreviews =
        pipeline
            .request(prompt)
            .signals(new PreviewProbe(pipeline.model(), redInTheMiddle))
            .generate();
  }

  static SelectionPolicy policy() {
    SelectionPolicy closeToTheBest =
        round -> {
          List<ScoredCandidate> best = round.bestFirst().subList(0, round.atMost());
          double limit = best.get(0).score() - 0.5;
          long close = best.stream().filter(candidate -> candidate.score() >= limit).count();
          return best.subList(0, (int) Math.max(close, round.keep()));
        };
    return closeToTheBest;
  }

  static GenerationResult policyUsed(
      Pipeline pipeline, String prompt, SelectionPolicy closeToTheBest) {
    Probe nearGrey =
        observation ->
            observation.x0Predictions().stream().mapToDouble(x0 -> -Math.abs(x0[0])).toArray();
    GenerationResult result =
        pipeline
            .request(prompt)
            .candidates(16)
            .keep(2)
            .probe(nearGrey)
            .policy(closeToTheBest)
            .generate();
    return result;
  }

  static void policyTested(SelectionPolicy closeToTheBest) {
    Round round =
        new Round(
            List.of(
                new ScoredCandidate(0, 7, 0.2),
                new ScoredCandidate(1, 8, 0.9),
                new ScoredCandidate(2, 9, 0.8)),
            2,
            1,
            2,
            10,
            Features.NONE);
    assertThat(closeToTheBest.select(round))
        .extracting(ScoredCandidate::seed)
        .containsExactly(8L, 9L);
  }

  static void metricTested(
      Pipeline pipeline, SelectionPolicy closeToTheBest, QualityMetric redInTheMiddle) {
    RgbImage red = RgbImage.of(1, 1, new byte[] {(byte) 255, 0, 0});
    assertThat(redInTheMiddle.score(red, "a red circle")).isEqualTo(1);
    GenerationResult result =
        pipeline
            .request("a red circle")
            .candidates(8)
            .cuts(Cut.at(0.2, 4))
            .policy(closeToTheBest)
            .rescoreBy(redInTheMiddle)
            .keep(2)
            .generate();
    assertThat(result.images()).hasSize(2);
    assertThat(result.warnings()).isEmpty();
  }

  static void metricDirectory(RgbImage image) {
    try (LearnedMetric clipScore = ProbeSelect.openMetric(Path.of("clipscore"))) {
      double score = clipScore.score(image, "a red circle above a blue square");
    }
  }

  static GenerationResult cuts(Pipeline pipeline, QualityMetric metric) {
    GenerationResult result =
        pipeline
            .request("a red circle above a blue square")
            .candidates(16)
            .cuts(Cut.at(0.1, 8), Cut.at(0.3, 3))
            .signals(pipeline.probe(), Signal.guidanceGap())
            .policy(SelectionPolicy.adaptive(0.98))
            .rescoreBy(metric)
            .keep(1)
            .generate();
    return result;
  }

  static GenerationResult budget(Pipeline pipeline, String prompt) {
    Proposal proposal = pipeline.plan(Budget.fullRuns(3), 1);
    System.out.println(proposal.explanation());
    GenerationResult result =
        pipeline.request(prompt).budget(Budget.fullRuns(3)).keep(1).generate();
    return result;
  }

  static void calibrate(Pipeline pipeline, List<String> prompts, Path directory, Path bundle)
      throws IOException {
    QualityMetric mine =
        QualityMetric.of("mine", "1", (image, prompt) -> image.red(32, 16) - image.blue(32, 16));
    Dataset recorded =
        new Collector(pipeline, CollectionSettings.of(List.of(0.1, 0.2, 0.4), 16), List.of())
            .collect(prompts, directory, Part.WHOLE, (done, of) -> {});
    Calibration calibration =
        Calibrator.calibrate(pipeline, recorded, Calibrator.signals(pipeline, mine), mine);
    calibration.write(bundle.resolve(Calibration.FILE));
  }

  static GenerationResult budgetByMine(Pipeline pipeline, String prompt, QualityMetric mine) {
    Proposal proposal = pipeline.plan(Budget.fullRuns(3), 1, mine);
    GenerationResult result =
        pipeline.request(prompt).budget(Budget.fullRuns(3)).rescoreBy(mine).generate();
    return result;
  }

  static GenerationResult session(Pipeline pipeline) {
    Session session = pipeline.request("a red circle above a blue square").candidates(16).open();
    session.advance(DecisionPoint.fraction(0.2));
    for (Candidate candidate : session.candidates()) {
      show(session.preview(candidate.origin()), candidate.score());
    }
    session.keep(Origin.seed(3), Origin.seed(7));
    session.advance(DecisionPoint.fraction(0.6));
    session.resume(Origin.seed(11));
    GenerationResult result = session.finish();
    return result;
  }

  private static void show(RgbImage preview, OptionalDouble score) {}

  static void origins(GenerationRequest request, Session session, KeptImage liked) {
    GenerationRequest inTurn =
        request.wordings("a red circle", "a crimson disc").guidanceScales(3, 5, 8);
    GenerationRequest near =
        request.origins(
            Origin.seed(7), Origin.seed(7).guidanceScale(3), Origin.seed(7).varied(100, 0.2));
    session.start(liked.origin().varied(101, 0.2), liked.origin().varied(102, 0.2));
  }

  static void fake() {
    FakeModel model = new FakeModel();
    try (Pipeline pipeline = new Pipeline(model)) {
      GenerationResult result = pipeline.generate("a red circle", 8, 2);
      assertThat(result.images()).hasSize(2);
      assertThat(result.evaluations().spent()).isEqualTo(8 * 2 + 2 * 8);
    }
  }

  static GenerationResult fakeProbe(Pipeline pipeline) {
    Probe oddSeedsFirst =
        observation -> observation.seeds().stream().mapToDouble(seed -> seed % 2).toArray();
    GenerationResult result =
        pipeline.request("a red circle").candidates(4).keep(2).probe(oddSeedsFirst).generate();
    return result;
  }

  /** The response of a servlet. */
  private interface Response {
    OutputStream getOutputStream();
  }

  static void integrationsBytes(GenerationResult result, Response response) throws IOException {
    KeptImage best = result.images().get(0);
    byte[] png = best.toPng();
    best.writePng(response.getOutputStream());
    BufferedImage picture = best.image().toBufferedImage();
    byte[] preview = result.candidates().get(3).preview().orElseThrow().toPng();
  }

  static void integrationsJson(GenerationResult result, Response response) throws IOException {
    String named = result.toJson(); // images by name
    String whole = result.toJson(ImageForm.BASE64); // with their PNGs, and previews
    result.writeJson(response.getOutputStream(), ImageForm.BASE64);
    Map<String, Object> fields = result.toMap(); // for other JSON libraries, templates, logs
  }

  static void integrationsJackson(GenerationResult result) throws IOException {
    String json = new ObjectMapper().writeValueAsString(result.candidates());
  }

  /** A page of an application. */
  private interface Page {
    void show(int candidate, int stepsDone, byte[] png);

    void show(KeptImage image);
  }

  static void integrationsEvents(Pipeline pipeline, String prompt, Page page) {
    GenerationListener events =
        new GenerationListener() {
          @Override
          public void onPreview(Preview preview) {
            page.show(preview.candidate(), preview.stepsDone(), preview.image().toPng());
          }

          @Override
          public void onFinished(KeptImage image) {
            page.show(image);
          }
        };
    Generation generation =
        pipeline.request(prompt).candidates(16).keep(4).previewEvery(5).listener(events).start();
  }

  static void integrationsCancellation(OutputStream stream) {
    GenerationListener events =
        new GenerationListener() {
          @Override
          public void onProgress(Progress progress) {
            try {
              stream.write(progress.toString().getBytes(UTF_8));
            } catch (IOException e) {
              throw new GenerationCancelledException("the browser has gone", e);
            }
          }
        };
  }

  /** A listener of an application. */
  private static final class AuditLog implements GenerationListener {}

  static void integrationsPipeline(Supplier<GenerationListener> metrics) {
    Pipeline.Options options = Pipeline.Options.defaults().listeners(metrics, () -> new AuditLog());
  }
}
