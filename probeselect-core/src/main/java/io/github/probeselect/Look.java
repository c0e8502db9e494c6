package io.github.probeselect;

import io.github.probeselect.bundle.Tap;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.JoinedActivations;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.NoActivations;
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

/** What can be seen of candidates that are equally far, until it is closed. */
final class Look implements AutoCloseable {

  private final DiffusionModel model;
  private final Plan plan;
  private final Wordings wordings;
  private final Cancellation cancellation;
  private final List<Chunk> seen;

  Look(
      DiffusionModel model,
      Plan plan,
      Wordings wordings,
      Cancellation cancellation,
      List<Chunk> seen) {
    this.model = model;
    this.plan = plan;
    this.wordings = wordings;
    this.cancellation = cancellation;
    this.seen = seen;
  }

  /** Shows them to the observer, if it asked. */
  void show() {
    Consumer<Observation> observer = plan.observer();
    if (observer != null && !seen.isEmpty() && plan.isObserved(stepsDone())) {
      cancellation.check();
      observed()
          .map(this::observation)
          .forEach(observation -> cancellation.callback(() -> observer.accept(observation)));
    }
  }

  private int stepsDone() {
    return seen.get(0).candidates().get(0).stepsDone();
  }

  /** What the signals say of each candidate, by index. */
  Map<Integer, List<Reading>> readings(List<Signal> signals) {
    Map<Integer, List<Reading>> readings = new HashMap<>();
    observed().forEach(together -> read(together, signals, readings));
    return readings;
  }

  private void read(Chunk together, List<Signal> signals, Map<Integer, List<Reading>> readings) {
    Observation observation = observation(together);
    for (Signal signal : signals) {
      cancellation.check();
      List<Judgement> said = checked(signal, asked(signal, observation), together.size());
      for (int row = 0; row < together.size(); row++) {
        Trajectory candidate = together.candidates().get(row);
        readings
            .computeIfAbsent(candidate.index(), unseen -> new ArrayList<>())
            .add(
                new Reading(
                    signal.name(),
                    stepsDone(),
                    plan.schedule().steps(),
                    judged(candidate, said.get(row))));
      }
    }
  }

  /** The bundle's own probe is no code of the caller. */
  private List<Judgement> asked(Signal signal, Observation observation) {
    return signal instanceof BundledProbe
        ? signal.judge(observation)
        : cancellation.callback(() -> signal.judge(observation));
  }

  /** A trajectory that has left the finite numbers cannot be judged, whatever a signal says. */
  private static Judgement judged(Trajectory candidate, Judgement said) {
    return candidate.canBeJudged() && Double.isFinite(said.score())
        ? said
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
    List<Tap> taps = model.activationExtractor().taps();
    for (Chunk chunk : seen.stream().filter(Chunk::isCaptured).toList()) {
      for (int i = 0; i < chunk.size(); i++) {
        int row = i;
        features.put(
            chunk.candidates().get(row).index(),
            concatenated(
                taps.stream().map(tap -> chunk.activations().values(row, tap.name())).toList()));
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
   * so that what is said of one does not depend on how many there are.
   */
  private Stream<Chunk> observed() {
    if (plan.settings().reproducible()) {
      return seen.stream();
    }
    Map<String, List<Chunk>> alike = new LinkedHashMap<>();
    seen.forEach(
        chunk ->
            alike
                .computeIfAbsent(chunk.settings().prompt(), unseen -> new ArrayList<>())
                .add(chunk));
    return alike.values().stream().map(Look::joined);
  }

  private static Chunk joined(List<Chunk> parts) {
    List<Trajectory> all =
        parts.stream().map(Chunk::candidates).flatMap(Collection::stream).toList();
    Activations activations =
        parts.get(0).isCaptured()
            ? new JoinedActivations(parts.stream().map(Chunk::activations).toList())
            : new NoActivations(all.size());
    return new Chunk(all, activations);
  }

  private Observation observation(Chunk together) {
    List<Trajectory> shown = together.candidates();
    return new Observation(
        plan.settings().prompt(),
        shown.stream().map(Trajectory::seed).toList(),
        together.activations(),
        shown.stream().map(Trajectory::latents).toList(),
        shown.stream().map(Trajectory::originalPrediction).toList(),
        plan.settings().latentShape(),
        shown.stream().map(Trajectory::guidanceGap).toList(),
        stepsDone() / (double) plan.schedule().steps(),
        wordings.of(together.settings().prompt()));
  }

  @Override
  public void close() {
    seen.forEach(chunk -> chunk.activations().close());
  }
}
