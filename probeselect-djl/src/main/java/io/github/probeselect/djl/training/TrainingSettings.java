package io.github.probeselect.djl.training;

/**
 * How a probe is trained.
 *
 * @param pictureEpochs passes over the training prompts in which the trunk learns to predict the
 *     finished image; none for a probe that predicts no picture
 * @param rankingEpochs passes after that, in which the heads learn to rank the seeds of a prompt
 *     and to say how far off they are
 * @param patience after how many passes without a better within-prompt Spearman on the validation
 *     prompts a part ends
 * @param promptsPerBatch prompts in one batch, each with all its candidates at one fraction
 * @param learningRate the peak of each part's cosine schedule
 * @param weightDecay decoupled weight decay (Loshchilov and Hutter 2019)
 * @param emaDecay decay of the running mean of the weights that is evaluated and kept
 * @param contrastiveWeight weight of the contrastive alignment of activations and prompt embedding
 * @param correlationWeight weight of one minus the correlation of score and metric within prompts
 * @param seed fixes initial weights and order: two trainings on one machine give the same probe
 */
public record TrainingSettings(
    int pictureEpochs,
    int rankingEpochs,
    int patience,
    int promptsPerBatch,
    double learningRate,
    double weightDecay,
    double emaDecay,
    double contrastiveWeight,
    double correlationWeight,
    long seed) {

  /** Settings that the shipped probes were trained with. */
  public static TrainingSettings defaults() {
    return new TrainingSettings(24, 4, 6, 16, 2e-3, 0.05, 0.998, 0, 0, 0);
  }

  /**
   * The losses of the published method, with ranking inside each prompt: listwise ranking,
   * contrastive alignment of weight 10, correlation of weight 10; for a probe that predicts no
   * picture.
   */
  public static TrainingSettings published() {
    return new TrainingSettings(0, 24, 24, 16, 1e-3, 0.01, 0.999, 10, 10, 0);
  }

  /** The same settings with other numbers of epochs. */
  public TrainingSettings withEpochs(int picture, int ranking) {
    return new TrainingSettings(
        picture,
        ranking,
        patience,
        promptsPerBatch,
        learningRate,
        weightDecay,
        emaDecay,
        contrastiveWeight,
        correlationWeight,
        seed);
  }
}
