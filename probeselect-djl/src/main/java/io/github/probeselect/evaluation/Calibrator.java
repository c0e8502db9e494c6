package io.github.probeselect.evaluation;

import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.dataset.PromptProgress;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Computes the calibration from which budgets are planned: scores the candidates of a dataset with
 * signals, and its finished images with a metric. Scores recorded in the dataset are not used, so
 * one dataset can be calibrated with any metric.
 *
 * <pre>{@code
 * CollectionSettings settings = CollectionSettings.of(List.of(0.1, 0.2, 0.4), 16);
 * Dataset recorded =
 *     new Collector(pipeline, settings, List.of())
 *         .collect(prompts, directory, Part.WHOLE, (done, of) -> {});
 * Calibration calibration =
 *     Calibrator.calibrate(pipeline, recorded, Calibrator.signals(pipeline, metric), metric);
 * calibration.write(bundle.resolve(Calibration.FILE)); // found there by ProbeSelect.open
 * }</pre>
 */
public final class Calibrator {

  private Calibrator() {}

  /**
   * The signals that need no further training: the bundle's probe if it has one, the metric's score
   * of decoded previews, and under classifier-free guidance the guidance gap.
   *
   * @param metric scores the previews; the caller closes it
   */
  public static List<Signal> signals(Pipeline pipeline, QualityMetric metric) {
    BundleManifest manifest = pipeline.manifest();
    List<Signal> signals = new ArrayList<>();
    if (!manifest.probes().isEmpty()) {
      signals.add(pipeline.probe());
    }
    signals.add(new PreviewProbe(pipeline.model(), metric));
    if (manifest.guidance() == Guidance.CLASSIFIER_FREE) {
      signals.add(Signal.guidanceGap());
    }
    return signals;
  }

  /**
   * Calibrates; {@link #calibrate(Pipeline, Dataset, List, QualityMetric, PromptProgress)} without
   * progress.
   */
  public static Calibration calibrate(
      Pipeline pipeline, Dataset dataset, List<Signal> signals, QualityMetric metric) {
    return calibrate(pipeline, dataset, signals, metric, (done, of) -> {});
  }

  /**
   * Calibrates.
   *
   * @param pipeline the model that the dataset was collected on
   * @param dataset a dataset, which needs no metrics and no previews
   * @param signals the signals that plans may use, with different names; a plan uses one or all of
   *     them
   * @param metric the metric whose expected value plans maximise
   * @param progress called after every prompt
   * @throws InvalidRequestException if the dataset is that of another model, there is no signal or
   *     two have one name, or the metric has no finite score for a finished image
   */
  public static Calibration calibrate(
      Pipeline pipeline,
      Dataset dataset,
      List<Signal> signals,
      QualityMetric metric,
      PromptProgress progress) {
    BundleManifest manifest = pipeline.manifest();
    DatasetHeader header = dataset.header();
    if (!header.denoiserSha256().equals(manifest.denoiserHash())) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the dataset %s was collected on %s with the denoiser %s, but this is %s with %s; collect one on this model",
              dataset.directory(),
              header.bundle(),
              header.denoiserSha256(),
              manifest.name(),
              manifest.denoiserHash()));
    }
    List<String> names = signals.stream().map(Signal::name).toList();
    if (Set.copyOf(names).size() < names.size()) {
      throw new InvalidRequestException(
          "two signals have the same name, so a plan could not tell them apart: " + names);
    }
    List<RecordedSignal> replayed = signals.stream().map(RecordedSignal::replay).toList();
    List<Point> points = RecordedTrajectories.points(header, replayed);
    List<Calibration.Prompt> groups = new ArrayList<>();
    dataset.forEach(
        prompt -> {
          groups.add(
              new Calibration.Prompt(
                  RecordedTrajectories.scores(prompt, replayed), finals(prompt, metric)));
          progress.done(groups.size(), dataset.prompts().size());
        });
    return Calibration.of(
            manifest.name(),
            manifest.denoiserHash(),
            metric.name(),
            new Calibration.Readings(header.steps(), points, groups))
        .versions(
            new Calibration.Versions(
                metric.version(),
                signals.stream().collect(Collectors.toMap(Signal::name, Signal::version))));
  }

  private static double[] finals(RecordedPrompt prompt, QualityMetric metric) {
    List<RgbImage> images =
        IntStream.range(0, prompt.candidates()).mapToObj(prompt::image).toList();
    double[] scores = QualityMetric.Scores.of(metric, images, prompt.prompt()).values();
    for (int candidate = 0; candidate < scores.length; candidate++) {
      if (!Double.isFinite(scores[candidate])) {
        throw new InvalidRequestException(
            String.format(
                Locale.ROOT,
                "the metric '%s' gives the image of seed %d of the prompt \"%s\" the score %s; a calibration needs a finite score of every image, so leave the prompt out or take another metric",
                metric.name(),
                prompt.seed(candidate),
                prompt.prompt(),
                scores[candidate]));
      }
    }
    return scores;
  }
}
