package io.github.probeselect.dataset;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Observation;
import java.util.stream.IntStream;

/**
 * The records of one prompt's candidates. Candidates count from 0 to {@code candidates() - 1},
 * observations from 0 to {@code header().observedAfter().size() - 1}. Arrays are copies. Immutable.
 */
public final class RecordedPrompt {

  private final Shard shard;
  private final int row;

  RecordedPrompt(Shard shard, int row) {
    this.shard = shard;
    this.row = row;
  }

  /** How it was collected. */
  public DatasetHeader header() {
    return shard.header();
  }

  /** Its index in the dataset. */
  public int index() {
    return shard.firstPrompt() + row;
  }

  /** The prompt. */
  public String prompt() {
    return shard.prompts().get(row);
  }

  /** The number of candidates. */
  public int candidates() {
    return header().seedsPerPrompt();
  }

  /** The prompt's embedding, {@code [tokens, channels]}. */
  public float[] embedding() {
    int count = header().promptEmbedding().tokens() * header().promptEmbedding().channels();
    return shard.array("prompt_embedding").floats(row * count, count);
  }

  /** The seed of a candidate. */
  public long seed(int candidate) {
    return shard.array("seeds").int64(shard.candidate(row, candidate));
  }

  /** The activation at a tap, {@code [channels, gridHeight, gridWidth]}. */
  public float[] activation(int candidate, int observation, Tap tap) {
    return map(Shard.tapArray(tap.name()), candidate, observation, tap.count());
  }

  /** The latents after the observed step, {@code [channels, height, width]}. */
  public float[] latents(int candidate, int observation) {
    return map("latents", candidate, observation, header().latents().count());
  }

  /** The x0 prediction, {@code [channels, height, width]}. */
  public float[] x0Prediction(int candidate, int observation) {
    return map("x0", candidate, observation, header().latents().count());
  }

  private float[] map(String array, int candidate, int observation, int count) {
    int place = shard.observation(row, candidate, observation);
    return shard.array(array).floats(place * count, count);
  }

  /** The guidance gap; NaN without classifier-free guidance. */
  public double guidanceGap(int candidate, int observation) {
    return shard.array("guidance_gap").float64(shard.observation(row, candidate, observation));
  }

  /**
   * The score of a metric for the decoded x0 prediction; NaN if it had none.
   *
   * @throws io.github.probeselect.error.InvalidDatasetException if that was not collected
   */
  public double previewScore(int candidate, int observation, String metric) {
    int place = shard.observation(row, candidate, observation);
    return shard.array(Shard.previewArray(metric)).float64(place);
  }

  /**
   * The score of a metric for the finished image; NaN if it had none.
   *
   * @throws io.github.probeselect.error.InvalidDatasetException if that was not collected
   */
  public double score(int candidate, String metric) {
    return shard.array(Shard.scoreArray(metric)).float64(shard.candidate(row, candidate));
  }

  /** The observation that an observer received then; it holds nothing that must be closed. */
  public Observation observation(int observation) {
    return RecordedObservation.of(this, observation);
  }

  /**
   * Whether all candidates have a finite score by that metric. A candidate whose image is void has
   * none.
   *
   * @throws io.github.probeselect.error.InvalidDatasetException if that was not collected
   */
  public boolean isScored(String metric) {
    return IntStream.range(0, candidates()).allMatch(j -> Double.isFinite(score(j, metric)));
  }

  /** The finished image, marked if it is void. */
  public RgbImage image(int candidate) {
    int bytes = 3 * header().height() * header().width();
    int place = shard.candidate(row, candidate);
    RgbImage image =
        RgbImage.of(
            header().width(), header().height(), shard.array("images").bytes(place * bytes, bytes));
    return shard.isVoid(row, candidate) ? image.asVoid() : image;
  }
}
