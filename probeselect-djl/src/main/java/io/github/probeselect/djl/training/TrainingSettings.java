package io.github.probeselect.djl.training;

/**
 * How a probe is trained.
 *
 * @param pictureEpochs passes over the training prompts in which the trunk learns to predict the
 *     finished image
 * @param rankingEpochs passes after that, in which the score learns to rank the seeds of a prompt
 * @param promptsPerBatch prompts in one batch, each with all its candidates
 * @param learningRate the peak of each part's cosine schedule
 * @param weightDecay decoupled weight decay (Loshchilov and Hutter 2019)
 * @param emaDecay decay of the running mean of the weights that is evaluated and kept
 * @param contrastiveWeight weight of the contrastive alignment with the prompt embedding, beside
 *     the squared error of the predicted image
 * @param seed fixes initial weights and order: two trainings on one machine give the same probe
 */
public record TrainingSettings(
    int pictureEpochs,
    int rankingEpochs,
    int promptsPerBatch,
    double learningRate,
    double weightDecay,
    double emaDecay,
    double contrastiveWeight,
    long seed) {

  /** Settings that the shipped probe was trained with. */
  public static TrainingSettings defaults() {
    return new TrainingSettings(24, 5, 16, 1.5e-3, 0.02, 0.995, 0.002, 0);
  }

  /** The same settings with other numbers of epochs. */
  public TrainingSettings withEpochs(int newPictureEpochs, int newRankingEpochs) {
    return new TrainingSettings(
        newPictureEpochs,
        newRankingEpochs,
        promptsPerBatch,
        learningRate,
        weightDecay,
        emaDecay,
        contrastiveWeight,
        seed);
  }
}
