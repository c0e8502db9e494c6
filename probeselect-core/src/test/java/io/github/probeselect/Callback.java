package io.github.probeselect;

import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;

/** Where a generation, or a session, calls code of its caller. */
enum Callback {
  PROGRESS((request, code) -> request.listener(new Listening(code, () -> {}, () -> {}))),
  DECISION((request, code) -> request.listener(new Listening(() -> {}, code, () -> {}))),
  IMAGE((request, code) -> request.listener(new Listening(() -> {}, () -> {}, code))),
  OBSERVER(
      (request, code) ->
          request
              .observer(observation -> code.run())
              .observeAt(DecisionPoint.step(1), DecisionPoint.step(2))),
  SIGNAL(
      (request, code) -> {
        Probe probe =
            observation -> {
              code.run();
              return new double[observation.size()];
            };
        return request.probe(probe);
      }),
  FORECAST(
      (request, code) ->
          request.forecast(
              readings -> {
                code.run();
                return Forecast.latest().of(readings);
              })),
  POLICY(
      (request, code) ->
          request.policy(
              round -> {
                code.run();
                return SelectionPolicy.topK().select(round);
              })),
  METRIC(
      (request, code) ->
          request.rescoreBy(
              QualityMetric.of(
                  "own",
                  (image, prompt) -> {
                    code.run();
                    return 1;
                  })));

  private final BiFunction<GenerationRequest, Runnable, GenerationRequest> place;

  Callback(BiFunction<GenerationRequest, Runnable, GenerationRequest> place) {
    this.place = place;
  }

  /** The request, calling the code at this place every time. */
  GenerationRequest in(GenerationRequest request, Runnable code) {
    return place.apply(request, code);
  }

  /** The request, calling the code at this place the first time. */
  GenerationRequest once(GenerationRequest request, Runnable code) {
    AtomicBoolean done = new AtomicBoolean();
    return in(
        request,
        () -> {
          if (done.compareAndSet(false, true)) {
            code.run();
          }
        });
  }

  private record Listening(Runnable progressed, Runnable decided, Runnable finished)
      implements GenerationListener {

    @Override
    public void onProgress(Progress progress) {
      progressed.run();
    }

    @Override
    public void onDecision(List<Candidate> candidates) {
      decided.run();
    }

    @Override
    public void onImage(KeptImage image) {
      finished.run();
    }
  }
}
