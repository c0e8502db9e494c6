package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.probeselect.djl.network.NetworkProbeFile;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The library's own network, and the metric that scores the images it predicts. */
final class NetworkScorer implements ProbeScorer {

  private final NetworkProbeFile file;
  private final ProbeNetwork network;

  /** Scores predicted images; null if the probe predicts none. */
  private final @Nullable QualityMetric metric;

  private NetworkScorer(
      NetworkProbeFile file, ProbeNetwork network, @Nullable QualityMetric metric) {
    this.file = file;
    this.network = network;
    this.metric = metric;
  }

  /**
   * Loads the network.
   *
   * @param weights the content of its safetensors file
   * @param metrics finds a metric of the model by its name
   * @param owner will own the weights
   * @throws io.github.probeselect.error.InvalidProbeException if the weights are damaged or not
   *     those of the JSON
   */
  static NetworkScorer open(
      NetworkProbeFile file,
      InputStream weights,
      Function<String, QualityMetric> metrics,
      NDManager owner) {
    return new NetworkScorer(
        file,
        new ProbeNetwork(file.shape(), file.readWeights(weights, owner)),
        file.shape().picture() ? metrics.apply(file.selects()) : null);
  }

  @Override
  public ProbeNetwork.ScoreTensors score(ProbeReading reading) {
    NDArray tokens = network.tokens(reading.embedding()).repeat(0, reading.size());
    NDArray input = network.input(reading.grid());
    NDArray cells = network.cells(input, reading.fraction(), tokens);
    float[] rewards = pictureRewards(reading.prompt(), input, cells);
    NDArray seen = reading.grid().getManager().create(rewards);
    return network.score(file.selects(), seen, cells);
  }

  /** The scores of the metric for the predicted pictures, standardised; zeros without pictures. */
  private float[] pictureRewards(String prompt, NDArray input, NDArray cells) {
    if (metric == null) {
      return new float[(int) cells.getShape().get(0)];
    }
    List<RgbImage> pictures = network.pictures(input, cells);
    return file.scale().standardised(QualityMetric.Scores.of(metric, pictures, prompt).values());
  }
}
