package io.github.probeselect;

import io.github.probeselect.GenerationListener.Preview;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Score;
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
 * A denoising step of some candidates that was evaluated but not committed: signals and the
 * observer read its results until it is closed, which releases the activations. {@link #commit},
 * before or after the close, lets the candidates take the step.
 */
final class PendingStep implements AutoCloseable {

  private final Context context;
  private final ResolvedRequest request;
  private final Cancellation cancellation;
  private final List<ArrivalGroup> groups;

  PendingStep(Context context, List<ArrivalGroup> groups) {
    this.context = context;
    this.request = context.request();
    this.cancellation = context.cancellation();
    this.groups = groups;
  }

  /** Calls the observer, if the step is observed. */
  void show() {
    Consumer<Observation> observer = request.observer();
    if (observer != null && !groups.isEmpty() && request.isObserved(groups.get(0).stepsDone())) {
      cancellation.check();
      observed()
          .map(this::observation)
          .forEach(observation -> cancellation.callback(() -> observer.accept(observation)));
    }
  }

  /**
   * Passes a preview of each candidate to the listener, if the request asks for previews after this
   * step.
   *
   * @param decoded those that are decoded already, by index
   */
  void showPreviews(Map<Integer, RgbImage> decoded) {
    for (Arrival arrival : arrivals()) {
      int stepsDone = arrival.point().stepsDone();
      if (request.isPreviewed(stepsDone)) {
        RgbImage known = decoded.get(arrival.index());
        context
            .listener()
            .onPreview(
                new Preview(
                    arrival.index(),
                    arrival.candidate().origin(),
                    stepsDone,
                    request.schedule().steps(),
                    known == null ? preview(arrival) : known));
      }
    }
  }

  /** The image decoded from a candidate's x0 prediction. */
  RgbImage preview(Arrival arrival) {
    cancellation.check();
    return context.model().preview(arrival.point().x0Prediction(), context.latentShape());
  }

  /** Moves the candidates to the points after the step. */
  void commit() {
    arrivals().forEach(arrival -> arrival.candidate().step(arrival.point()));
  }

  List<Arrival> arrivals() {
    return groups.stream().map(ArrivalGroup::arrivals).flatMap(Collection::stream).toList();
  }

  /** The signals' readings of each candidate, by index. */
  Map<Integer, List<Reading>> readings() {
    Map<Integer, List<Reading>> readings = new HashMap<>();
    observed().forEach(together -> read(together, readings));
    return readings;
  }

  private void read(ArrivalGroup together, Map<Integer, List<Reading>> readings) {
    Observation observation = observation(together);
    for (Signal signal : request.signals()) {
      cancellation.check();
      List<Score> scores = checked(signal, scoresOf(signal, observation), together.size());
      for (int row = 0; row < together.size(); row++) {
        Arrival arrival = together.arrivals().get(row);
        readings
            .computeIfAbsent(arrival.index(), unseen -> new ArrayList<>())
            .add(
                new Reading(
                    signal.name(),
                    together.stepsDone(),
                    request.schedule().steps(),
                    scored(arrival, scores.get(row))));
      }
    }
  }

  /** Calls a signal as a callback, except the bundle's probe, which is not the caller's code. */
  private List<Score> scoresOf(Signal signal, Observation observation) {
    return signal instanceof BundledProbe
        ? signal.scores(observation)
        : cancellation.callback(() -> signal.scores(observation));
  }

  /** The score is NaN if the x0 prediction is not finite, whatever the signal returns. */
  private static Score scored(Arrival arrival, Score score) {
    return arrival.point().canBeScored() && Double.isFinite(score.value())
        ? score
        : new Score(Double.NaN, Double.NaN);
  }

  private static List<Score> checked(
      Signal signal, @Nullable List<Score> returned, int candidates) {
    if (returned == null || returned.size() != candidates) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the signal '%s' returned %s scores for %d candidates; it must return one for each",
              signal.name(),
              returned == null ? "no" : returned.size(),
              candidates));
    }
    return returned;
  }

  /** Each candidate's activations at all taps, concatenated and copied, by index. */
  Map<Integer, float[]> features() {
    Map<Integer, float[]> features = new HashMap<>();
    List<Tap> taps = context.model().activationExtractor().taps();
    for (ArrivalGroup group : groups.stream().filter(ArrivalGroup::isCaptured).toList()) {
      for (int i = 0; i < group.size(); i++) {
        int row = i;
        features.put(
            group.arrivals().get(row).index(),
            concatenated(
                taps.stream().map(tap -> group.activations().values(row, tap.name())).toList()));
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
   * so that a score does not depend on the number of candidates.
   */
  private Stream<ArrivalGroup> observed() {
    if (request.settings().reproducible()) {
      return groups.stream();
    }
    Map<String, List<ArrivalGroup>> alike = new LinkedHashMap<>();
    groups.forEach(
        group -> alike.computeIfAbsent(group.prompt(), unseen -> new ArrayList<>()).add(group));
    return alike.values().stream().map(ArrivalGroup::joined);
  }

  private Observation observation(ArrivalGroup together) {
    List<Arrival> shown = together.arrivals();
    List<TrajectoryPoint> points = shown.stream().map(Arrival::point).toList();
    return new Observation(
        request.settings().prompt(),
        shown.stream().map(arrival -> arrival.candidate().seed()).toList(),
        together.activations(),
        points.stream().map(TrajectoryPoint::latents).toList(),
        points.stream().map(TrajectoryPoint::x0Prediction).toList(),
        context.latentShape(),
        points.stream().map(TrajectoryPoint::guidanceGap).toList(),
        together.stepsDone() / (double) request.schedule().steps(),
        context.encodings().of(together.prompt()));
  }

  @Override
  public void close() {
    groups.forEach(group -> group.activations().close());
  }
}
