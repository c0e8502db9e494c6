package io.github.probeselect.djl.training;

/**
 * How a probe is trained.
 *
 * @param epochs passes over the training prompts
 * @param promptsPerBatch prompts in one batch, each with all its candidates
 * @param learningRate the peak of the cosine schedule
 * @param weightDecay decoupled weight decay (Loshchilov and Hutter 2019)
 * @param emaDecay decay of the running mean of the weights that is evaluated and kept
 * @param neighbourPrompts in each batch every candidate is also scored under this many similar
 *     prompts
 * @param rankingWeight weight of the listwise ranking inside each prompt
 * @param regressionWeight weight of the squared error of the reward
 * @param denseWeight weight of the squared error of the finished image in small
 * @param contrastiveWeight weight of the contrastive alignment with the prompt embedding
 * @param seed fixes initial weights and order: two trainings on one machine give the same probe
 */
public record TrainingSettings(
    int epochs,
    int promptsPerBatch,
    double learningRate,
    double weightDecay,
    double emaDecay,
    int neighbourPrompts,
    double rankingWeight,
    double regressionWeight,
    double denseWeight,
    double contrastiveWeight,
    long seed) {

  /** Settings that the shipped probe was trained with. */
  public static TrainingSettings defaults() {
    return new TrainingSettings(24, 16, 1e-3, 0.02, 0.995, 2, 0.5, 1, 10, 0.1, 0);
  }

  /** The same settings with another number of epochs. */
  public TrainingSettings withEpochs(int newEpochs) {
    return new TrainingSettings(
        newEpochs,
        promptsPerBatch,
        learningRate,
        weightDecay,
        emaDecay,
        neighbourPrompts,
        rankingWeight,
        regressionWeight,
        denseWeight,
        contrastiveWeight,
        seed);
  }
}
