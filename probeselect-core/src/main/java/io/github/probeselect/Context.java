package io.github.probeselect;

import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.model.DiffusionModel;
import java.util.List;

/**
 * What one computation works with, until it is closed.
 *
 * @param model the model
 * @param plan what is to be done
 * @param encodings the encoded prompts of its candidates, which this owns
 * @param cancellation how it is stopped
 * @param listener what is told of its progress; does not throw
 */
record Context(
    DiffusionModel model,
    Plan plan,
    PromptEncodings encodings,
    Cancellation cancellation,
    GenerationListener listener)
    implements AutoCloseable {

  /** Encodes the prompts of candidates that are to be run. */
  static Context open(
      DiffusionModel model, Plan plan, List<Origin> origins, Cancellation cancellation) {
    SettingsValues settings = plan.settings();
    return new Context(
        model,
        plan,
        new PromptEncodings(model, settings.negativePrompt()).encode(origins, settings),
        cancellation,
        new QuietListener(plan.listener(), cancellation));
  }

  LatentShape latentShape() {
    return plan.settings().latentShape();
  }

  @Override
  public void close() {
    encodings.close();
  }
}
