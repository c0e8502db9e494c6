package io.github.probeselect.djl.training;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.dataset.DatasetHeader;
import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.djl.network.Finite;
import io.github.probeselect.djl.network.PixelUnshuffle;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.selection.DecisionPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The training data of a probe of one shape, loaded from a dataset into memory. Immutable. */
public final class TrainingData {

  private final List<Example> examples;
  private final ProbeShape shape;
  private final List<Double> fractions;
  private final Map<String, Object> provenance;

  TrainingData(
      List<Example> examples,
      ProbeShape shape,
      List<Double> fractions,
      Map<String, Object> provenance) {
    this.examples = List.copyOf(examples);
    this.shape = shape;
    this.fractions = List.copyOf(fractions);
    this.provenance = provenance;
  }

  /**
   * Loads the inputs and targets of a probe.
   *
   * @param bundle the bundle that the probe is for
   * @param fractions the fractions done that it is trained at, each one that was observed
   * @throws InvalidDatasetException if the dataset was collected with another model, lacks a tap, a
   *     metric or a fraction, or holds numbers that are not finite or an image that is void; the
   *     message names it
   */
  public static TrainingData load(
      Dataset dataset, BundleManifest bundle, ProbeShape shape, List<Double> fractions) {
    DatasetHeader header = dataset.header();
    check(dataset, bundle, shape);
    int[] times = fractions.stream().mapToInt(fraction -> time(dataset, fraction)).toArray();
    List<Example> examples = new ArrayList<>();
    dataset.forEach(recorded -> examples.add(example(dataset, recorded, shape, times)));
    Map<String, Object> provenance = new TreeMap<>();
    provenance.put("prompts", examples.size());
    provenance.put("promptsSha256", header.promptsSha256());
    provenance.put("seedsPerPrompt", header.seedsPerPrompt());
    provenance.put("firstSeed", header.firstSeed());
    List<Double> done = Arrays.stream(times).mapToObj(header::fractionDone).toList();
    return new TrainingData(examples, shape, done, provenance);
  }

  /** The first {@code count} prompts, or all if there are fewer. */
  public TrainingData first(int count) {
    List<Example> some = examples.subList(0, Math.min(count, examples.size()));
    return new TrainingData(some, shape, fractions, provenance);
  }

  /** The same prompts with masked inputs. */
  public TrainingData showing(InputMask shown) {
    List<Example> less = examples.stream().map(example -> example.showing(shown, shape)).toList();
    return new TrainingData(less, shape, fractions, provenance);
  }

  /** The same prompts for a probe of another shape with the same inputs. */
  public TrainingData withShape(ProbeShape other) {
    return new TrainingData(examples, other, fractions, provenance);
  }

  private static void check(Dataset dataset, BundleManifest bundle, ProbeShape shape) {
    DatasetHeader header = dataset.header();
    if (!header.denoiserSha256().equals(bundle.denoiserHash())) {
      throw new InvalidDatasetException(
          String.format(
              Locale.ROOT,
              "dataset %s was collected with the denoiser %s of bundle %s, but bundle %s has %s; collect it with that",
              dataset.directory(),
              header.denoiserSha256(),
              header.bundle(),
              bundle.name(),
              bundle.denoiserHash()));
    }
    for (Tap tap : shape.inputs().taps()) {
      if (!header.taps().contains(tap)) {
        throw new InvalidDatasetException(
            String.format(
                Locale.ROOT,
                "dataset %s has no %s, only %s; collect it again",
                dataset.directory(),
                tap,
                header.taps()));
      }
    }
    for (String metric : shape.metrics()) {
      if (!header.metrics().contains(metric)) {
        throw new InvalidDatasetException(
            String.format(
                Locale.ROOT,
                "dataset %s has no scores of the metric %s, only of %s; collect it again with that metric",
                dataset.directory(),
                metric,
                header.metrics()));
      }
    }
  }

  private static int time(Dataset dataset, double fraction) {
    DatasetHeader header = dataset.header();
    int step = DecisionPoint.fraction(fraction).stepsDone(header.steps());
    int time = header.observedAfter().indexOf(step);
    if (time < 0) {
      throw new InvalidDatasetException(
          String.format(
              Locale.ROOT,
              "dataset %s was not observed at fraction %s, after step %d, only after steps %s of %d; collect it again",
              dataset.directory(),
              fraction,
              step,
              header.observedAfter(),
              header.steps()));
    }
    return time;
  }

  private static Example example(
      Dataset dataset, RecordedPrompt recorded, ProbeShape shape, int[] times) {
    List<Example.Seed> seeds = new ArrayList<>();
    for (int j = 0; j < recorded.candidates(); j++) {
      double[] scores = new double[shape.metrics().size()];
      for (int m = 0; m < scores.length; m++) {
        scores[m] = recorded.score(j, shape.metrics().get(m));
        if (!Double.isFinite(scores[m])) {
          throw new InvalidDatasetException(
              String.format(
                  Locale.ROOT,
                  "dataset %s: the score of %s for seed %d of '%s' is %s, not a finite number; leave that prompt out",
                  dataset.directory(),
                  shape.metrics().get(m),
                  recorded.seed(j),
                  recorded.prompt(),
                  scores[m]));
        }
      }
      List<float[]> grids = new ArrayList<>();
      for (int time : times) {
        float[] grid = grid(recorded, j, time, shape);
        if (!Finite.all(grid)) {
          throw unfit(dataset, recorded, j, "has inputs that are not finite numbers");
        }
        grids.add(grid);
      }
      if (recorded.image(j).isVoid()) {
        throw unfit(dataset, recorded, j, "has an image that is void");
      }
      seeds.add(
          new Example.Seed(
              recorded.seed(j), grids, PixelUnshuffle.picture(recorded.image(j), shape), scores));
    }
    return new Example(recorded.prompt(), recorded.embedding(), seeds);
  }

  private static InvalidDatasetException unfit(
      Dataset dataset, RecordedPrompt recorded, int candidate, String why) {
    return new InvalidDatasetException(
        String.format(
            Locale.ROOT,
            "dataset %s: seed %d of '%s' %s; leave that prompt out",
            dataset.directory(),
            recorded.seed(candidate),
            recorded.prompt(),
            why));
  }

  private static float[] grid(RecordedPrompt recorded, int candidate, int time, ProbeShape shape) {
    float[] grid = new float[shape.inputChannels() * shape.cells()];
    int at = 0;
    for (Tap tap : shape.inputs().taps()) {
      float[] values = recorded.activation(candidate, time, tap);
      System.arraycopy(values, 0, grid, at, values.length);
      at += values.length;
    }
    float[] folded =
        PixelUnshuffle.x0Prediction(
            recorded.x0Prediction(candidate, time), recorded.header().latents(), shape.inputs());
    System.arraycopy(folded, 0, grid, at, folded.length);
    return grid;
  }

  /** One example per prompt. */
  List<Example> examples() {
    return examples;
  }

  /** The shape of the probe. */
  public ProbeShape shape() {
    return shape;
  }

  /** The fractions done. */
  public List<Double> fractions() {
    return fractions;
  }

  /** The number of prompts. */
  public int prompts() {
    return examples.size();
  }

  /** The prompt with this index, from 0. */
  public String prompt(int index) {
    return examples.get(index).prompt();
  }

  /** The scores of one of the shape's metrics for the finished images of a prompt's candidates. */
  double[] scores(int prompt, int metric) {
    return examples.get(prompt).candidates().stream()
        .mapToDouble(seed -> seed.scores()[metric])
        .toArray();
  }

  /** Its origin, for the provenance of probes trained on it. */
  public Map<String, Object> provenance() {
    return provenance;
  }

  /** Mean and deviation of each metric. */
  Map<String, ProbeFile.Scale> scales() {
    Map<String, ProbeFile.Scale> scales = new LinkedHashMap<>();
    for (int m = 0; m < shape.metrics().size(); m++) {
      int metric = m;
      double[] scores =
          examples.stream()
              .flatMap(example -> example.candidates().stream())
              .mapToDouble(seed -> seed.scores()[metric])
              .toArray();
      double mean = Arrays.stream(scores).average().orElse(0);
      double variance = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).average().orElse(0);
      scales.put(
          shape.metrics().get(m),
          new ProbeFile.Scale(mean, variance > 0 ? Math.sqrt(variance) : 1));
    }
    return scales;
  }
}
