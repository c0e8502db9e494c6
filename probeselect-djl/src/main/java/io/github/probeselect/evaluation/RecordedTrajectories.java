package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.model.Score;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Scores the candidates of a dataset with signals, so that policies can be replayed on it. */
public final class RecordedTrajectories {

  private RecordedTrajectories() {}

  /**
   * The scores of the signals at every observation of the dataset, and the quality of the finished
   * images. A prompt of which a candidate has no finite score by the metric, as one whose image is
   * void, is left out.
   *
   * @param metric the metric of the finished images, which the dataset must have
   */
  public static Calibration.Readings of(
      Dataset dataset, List<RecordedSignal> signals, String metric) {
    DatasetHeader header = dataset.header();
    List<Calibration.Prompt> prompts = new ArrayList<>();
    dataset.forEach(
        prompt -> {
          if (Evaluation.isScored(prompt, List.of(metric))) {
            prompts.add(new Calibration.Prompt(scores(prompt, signals), finals(prompt, metric)));
          }
        });
    return new Calibration.Readings(header.steps(), points(header, signals), prompts);
  }

  /** The points of the readings: every signal at every observation. */
  static List<Point> points(DatasetHeader header, List<RecordedSignal> signals) {
    List<Point> points = new ArrayList<>();
    for (RecordedSignal signal : signals) {
      header.observedAfter().forEach(step -> points.add(new Point(signal.name(), step)));
    }
    return points;
  }

  /** The scores of each candidate at these points. */
  static double[][] scores(RecordedPrompt prompt, List<RecordedSignal> signals) {
    int times = prompt.header().observedAfter().size();
    double[][] scores = new double[prompt.candidates()][signals.size() * times];
    for (int signal = 0; signal < signals.size(); signal++) {
      for (int time = 0; time < times; time++) {
        List<Score> scored = signals.get(signal).scores(prompt, time);
        for (int candidate = 0; candidate < scores.length; candidate++) {
          scores[candidate][signal * times + time] = scored.get(candidate).value();
        }
      }
    }
    return scores;
  }

  private static double[] finals(RecordedPrompt prompt, String metric) {
    return IntStream.range(0, prompt.candidates())
        .mapToDouble(j -> prompt.score(j, metric))
        .toArray();
  }
}
