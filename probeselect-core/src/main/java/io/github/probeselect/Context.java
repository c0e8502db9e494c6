package io.github.probeselect;

import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.model.DiffusionModel;
import java.util.List;

/**
 * The resources of one computation, until it is closed.
 *
 * @param model the model
 * @param request the resolved request
 * @param encodings the encoded prompts of its candidates, which this owns
 * @param cancellation stops the computation
 * @param listener receives progress; does not throw
 */
record Context(
    DiffusionModel model,
    ResolvedRequest request,
    PromptEncodings encodings,
    Cancellation cancellation,
    GenerationListener listener)
    implements AutoCloseable {

  /** Encodes the prompts of the candidates to be run. */
  static Context open(
      DiffusionModel model,
      ResolvedRequest request,
      List<Origin> origins,
      Cancellation cancellation) {
    return new Context(
        model,
        request,
        new PromptEncodings(model, request.settings(), request.releaseTextEncoder())
            .encode(origins),
        cancellation,
        new IsolatedListener(request.listeners(), cancellation));
  }

  LatentShape latentShape() {
    return request.settings().latentShape();
  }

  @Override
  public void close() {
    encodings.close();
  }
}
