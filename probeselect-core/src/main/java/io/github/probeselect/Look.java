package io.github.probeselect;

import io.github.probeselect.bundle.Tap;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Reading;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of candidates where they arrive with a step, until it is closed. The activations
 * live only as long; the step is taken with {@link #commit}, before or after that.
 */
final class Look implements AutoCloseable {

  private final Context context;
  private final Plan plan;
  private final Cancellation cancellation;
  private final List<View> views;

  Look(Context context, List<View> views) {
    this.context = context;
    this.plan = context.plan();
    this.cancellation = context.cancellation();
    this.views = views;
  }

  /** Shows them to the observer, if it asked. */
  void show() {
    Consumer<Observation> observer = plan.observer();
    if (observer != null && !views.isEmpty() && plan.isObserved(views.get(0).stepsDone())) {
      cancellation.check();
      observed()
          .map(this::observation)
          .forEach(observation -> cancellation.callback(() -> observer.accept(observation)));
    }
  }

  /** Has the candidates take the step. */
  void commit() {
    arrivals().forEach(arrival -> arrival.candidate().step(arrival.moment()));
  }

  List<Arrival> arrivals() {
    return views.stream().map(View::arrivals).flatMap(Collection::stream).toList();
  }

  /** The signals' readings of each candidate, by index. */
  Map<Integer, List<Reading>> readings() {
    Map<Integer, List<Reading>> readings = new HashMap<>();
    observed().forEach(together -> read(together, readings));
    return readings;
  }

  private void read(View together, Map<Integer, List<Reading>> readings) {
    Observation observation = observation(together);
    for (Signal signal : plan.signals()) {
      cancellation.check();
      List<Judgement> scores = checked(signal, asked(signal, observation), together.size());
      for (int row = 0; row < together.size(); row++) {
        Arrival arrival = together.arrivals().get(row);
        readings
            .computeIfAbsent(arrival.index(), unseen -> new ArrayList<>())
            .add(
                new Reading(
                    signal.name(),
                    together.stepsDone(),
                    plan.schedule().steps(),
                    scored(arrival, scores.get(row))));
      }
    }
  }

  /** The bundle's own probe is no code of the caller. */
  private List<Judgement> asked(Signal signal, Observation observation) {
    return signal instanceof BundledProbe
        ? signal.judge(observation)
        : cancellation.callback(() -> signal.judge(observation));
  }

  /** A trajectory that has left the finite numbers has no score, whatever a signal returns. */
  private static Judgement scored(Arrival arrival, Judgement score) {
    return arrival.moment().canBeScored() && Double.isFinite(score.score())
        ? score
        : new Judgement(Double.NaN, Double.NaN);
  }

  private static List<Judgement> checked(
      Signal signal, @Nullable List<Judgement> said, int candidates) {
    if (said == null || said.size() != candidates) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the signal '%s' returned %s scores for %d candidates; it must return one for each",
              signal.name(),
              said == null ? "no" : said.size(),
              candidates));
    }
    return said;
  }

  /** Each candidate's activations at all taps, one after the other, by index; copied. */
  Map<Integer, float[]> features() {
    Map<Integer, float[]> features = new HashMap<>();
    List<Tap> taps = context.model().activationExtractor().taps();
    for (View view : views.stream().filter(View::isCaptured).toList()) {
      for (int i = 0; i < view.size(); i++) {
        int row = i;
        features.put(
            view.arrivals().get(row).index(),
            concatenated(
                taps.stream().map(tap -> view.activations().values(row, tap.name())).toList()));
      }
    }
    return features;
  }

  private static float[] concatenated(List<float[]> parts) {
    float[] whole = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  /**
   * All candidates of one wording together, which is fastest; in the reproducible mode one by one,
   * so that the score of one does not depend on how many there are.
   */
  private Stream<View> observed() {
    if (plan.settings().reproducible()) {
      return views.stream();
    }
    Map<String, List<View>> alike = new LinkedHashMap<>();
    views.forEach(
        view -> alike.computeIfAbsent(view.prompt(), unseen -> new ArrayList<>()).add(view));
    return alike.values().stream().map(View::joined);
  }

  private Observation observation(View together) {
    List<Arrival> shown = together.arrivals();
    List<Moment> moments = shown.stream().map(Arrival::moment).toList();
    return new Observation(
        plan.settings().prompt(),
        shown.stream().map(arrival -> arrival.candidate().seed()).toList(),
        together.activations(),
        moments.stream().map(Moment::latents).toList(),
        moments.stream().map(Moment::originalPrediction).toList(),
        context.latentShape(),
        moments.stream().map(Moment::guidanceGap).toList(),
        together.stepsDone() / (double) plan.schedule().steps(),
        context.encodings().of(together.prompt()));
  }

  @Override
  public void close() {
    views.forEach(view -> view.activations().close());
  }
}
