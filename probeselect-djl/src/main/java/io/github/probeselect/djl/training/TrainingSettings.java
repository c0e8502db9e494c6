package io.github.probeselect.djl.training;

/**
 * The settings of a training.
 *
 * @param previewEpochs passes over the decoded x0 predictions in which the probe's own decoder is
 *     trained on them; none for a probe that predicts no image
 * @param pictureEpochs passes over the training prompts in which the trunk learns to predict the
 *     finished image; none for a probe that predicts no image
 * @param rankingEpochs passes after that, in which the heads learn to rank the seeds of a prompt
 *     and to estimate how far off they are
 * @param patience after how many passes without a better within-prompt Spearman on the validation
 *     prompts a part ends
 * @param promptsPerBatch prompts in one batch, each with all its candidates at one fraction
 * @param learningRate the peak of each part's cosine schedule
 * @param weightDecay decoupled weight decay (Loshchilov and Hutter 2019)
 * @param emaDecay decay of the running mean of the weights that is evaluated and kept
 * @param terms the weights of the terms of the objective
 * @param seed fixes initial weights and order: two trainings on one machine give the same probe
 */
public record TrainingSettings(
    int previewEpochs,
    int pictureEpochs,
    int rankingEpochs,
    int patience,
    int promptsPerBatch,
    double learningRate,
    double weightDecay,
    double emaDecay,
    Terms terms,
    long seed) {

  /**
   * The weights of the terms of the objective; zero omits a term.
   *
   * @param ranking listwise ranking inside each prompt
   * @param likelihood Gaussian likelihood of the residuals within prompts, which fits the deviation
   * @param correlation one minus the correlation of score and metric within prompts
   * @param contrastive alignment of activations and prompt embedding
   */
  public record Terms(double ranking, double likelihood, double correlation, double contrastive) {}

  /** The settings that the shipped probes were trained with. */
  public static TrainingSettings defaults() {
    return new TrainingSettings(20, 24, 4, 6, 16, 2e-3, 0.05, 0.998, new Terms(1, 1, 0, 0), 0);
  }

  /**
   * The losses of the published method, with ranking inside each prompt: listwise ranking,
   * contrastive alignment of weight 10, correlation of weight 10; for a probe that predicts no
   * image. The likelihood fits the deviation.
   */
  public static TrainingSettings published() {
    return new TrainingSettings(0, 0, 24, 24, 16, 1e-3, 0.01, 0.999, new Terms(1, 1, 10, 10), 0);
  }

  /** The same settings with other numbers of epochs. */
  public TrainingSettings withEpochs(int preview, int picture, int ranking) {
    return new TrainingSettings(
        preview,
        picture,
        ranking,
        patience,
        promptsPerBatch,
        learningRate,
        weightDecay,
        emaDecay,
        terms,
        seed);
  }

  /** The same settings with another objective. */
  public TrainingSettings withTerms(Terms other) {
    return new TrainingSettings(
        previewEpochs,
        pictureEpochs,
        rankingEpochs,
        patience,
        promptsPerBatch,
        learningRate,
        weightDecay,
        emaDecay,
        other,
        seed);
  }
}
