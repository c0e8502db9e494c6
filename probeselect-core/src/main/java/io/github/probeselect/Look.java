package io.github.probeselect;

import io.github.probeselect.bundle.Tap;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.JoinedActivations;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.NoActivations;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.Signal;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be seen of the candidates after a step, until it is closed. */
final class Look implements AutoCloseable {

  private final DiffusionModel model;
  private final Plan plan;
  private final Conditioning prompt;
  private final Cancellation cancellation;
  private final int stepsDone;
  private final List<Trajectory> candidates;
  private final List<Activations> seen;

  Look(
      DiffusionModel model,
      Plan plan,
      Conditioning prompt,
      Cancellation cancellation,
      int stepsDone,
      List<Trajectory> candidates,
      List<Activations> seen) {
    this.model = model;
    this.plan = plan;
    this.prompt = prompt;
    this.cancellation = cancellation;
    this.stepsDone = stepsDone;
    this.candidates = candidates;
    this.seen = seen;
  }

  /** Shows them to the observer, if it asked. */
  void show() {
    Consumer<Observation> observer = plan.observer();
    if (observer != null && plan.isObserved(stepsDone)) {
      cancellation.check();
      observations().forEach(observer);
    }
  }

  /** What the signals say, one list for each candidate. */
  List<List<Reading>> readings(List<Signal> signals) {
    List<List<Reading>> readings =
        Stream.generate(() -> (List<Reading>) new ArrayList<Reading>())
            .limit(candidates.size())
            .toList();
    int row = 0;
    for (Observation observation : observations().toList()) {
      for (Signal signal : signals) {
        cancellation.check();
        List<Judgement> said = checked(signal, signal.judge(observation), observation.size());
        for (int i = 0; i < said.size(); i++) {
          Judgement judgement = judged(candidates.get(row + i), said.get(i));
          readings
              .get(row + i)
              .add(new Reading(signal.name(), stepsDone, plan.schedule().steps(), judgement));
        }
      }
      row += observation.size();
    }
    return readings;
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
          "the signal '%s' returned %s scores for %d candidates; it must return one for each"
              .formatted(signal.name(), said == null ? "no" : said.size(), candidates));
    }
    return said;
  }

  /** The candidates' activations at all taps, one after the other. */
  Round.Features features() {
    if (seen.isEmpty()) {
      return Round.Features.NONE;
    }
    Activations all = new JoinedActivations(seen);
    List<Tap> taps = model.activationExtractor().taps();
    List<Integer> order = candidates.stream().map(Trajectory::index).toList();
    return candidate -> {
      int row = order.indexOf(candidate.index());
      return concatenated(taps.stream().map(tap -> all.values(row, tap.name())).toList());
    };
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
   * All candidates together, which is fastest; in the reproducible mode one by one, so that what is
   * said of one does not depend on how many there are.
   */
  private Stream<Observation> observations() {
    if (!plan.settings().reproducible()) {
      return Stream.of(
          observation(
              candidates,
              seen.isEmpty() ? new NoActivations(candidates.size()) : new JoinedActivations(seen)));
    }
    return IntStream.range(0, candidates.size())
        .mapToObj(
            i ->
                observation(
                    candidates.subList(i, i + 1),
                    seen.isEmpty() ? new NoActivations(1) : seen.get(i)));
  }

  private Observation observation(List<Trajectory> shown, Activations activations) {
    return new Observation(
        plan.settings().prompt(),
        shown.stream().map(Trajectory::seed).toList(),
        activations,
        shown.stream().map(Trajectory::latents).toList(),
        shown.stream().map(Trajectory::originalPrediction).toList(),
        plan.settings().latentShape(),
        shown.stream().map(Trajectory::guidanceGap).toList(),
        stepsDone / (double) plan.schedule().steps(),
        prompt);
  }

  @Override
  public void close() {
    seen.forEach(Activations::close);
  }
}
