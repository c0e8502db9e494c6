package io.github.probeselect.djl.training;

import io.github.probeselect.djl.network.ProbeShape;
import java.util.List;

/** What was collected for one bundle and fraction, rewarded by one metric. Immutable. */
public final class Dataset {

  private final List<Example> examples;
  private final String metric;
  private final double fraction;
  private final ProbeShape shape;
  private final String key;

  Dataset(List<Example> examples, String metric, double fraction, ProbeShape shape, String key) {
    this.examples = List.copyOf(examples);
    this.metric = metric;
    this.fraction = fraction;
    this.shape = shape;
    this.key = key;
  }

  /** One example per prompt. */
  List<Example> examples() {
    return examples;
  }

  /** The metric that rewarded the images. */
  public String metric() {
    return metric;
  }

  /** The fraction done at the decision point. */
  public double fraction() {
    return fraction;
  }

  /** What was recorded. */
  public ProbeShape shape() {
    return shape;
  }

  /** The number of prompts. */
  public int prompts() {
    return examples.size();
  }

  /** The settings of the collection, for the provenance of what is trained on it. */
  public String key() {
    return key;
  }
}
