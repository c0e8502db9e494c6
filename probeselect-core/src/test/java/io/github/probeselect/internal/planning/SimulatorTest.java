package io.github.probeselect.internal.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.recorded.LinearForecast;
import io.github.probeselect.internal.recorded.RecordedReadings;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Calibration.Point;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPlan;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakePipeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replayed selection is the live one. */
class SimulatorTest {

  private static final int STEPS = 10;
  private static final int CANDIDATES = 12;
  private static final QualityMetric METRIC =
      QualityMetric.of("corner", (image, prompt) -> image.toPlanes()[0]);

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void aReplayDecidesAsTheLiveGenerationOfTheSameSeedsDoes() {
    Probe probe = fake.model().probe(0.2).orElseThrow();
    RecordedReadings recorded = record(List.of(probe, Signal.guidanceGap()));
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 25; i++) {
      int n = 2 + random.nextInt(CANDIDATES - 1);
      int keep = 1 + random.nextInt(2);
      int second = Math.min(n, keep + random.nextInt(3));
      List<Cut> cuts =
          List.of(
              new Cut(DecisionPoint.step(1 + random.nextInt(3)), second + random.nextInt(4)),
              new Cut(DecisionPoint.step(4 + random.nextInt(6)), second));
      SelectionPolicy policy = random.nextBoolean() ? SelectionPolicy.topK() : lowest();
      LinearForecast forecast = fit(recorded, cuts);
      SelectionPlan plan = SelectionPlan.of(STEPS, cuts, keep, policy, forecast, true);
      if (n <= keep) {
        continue;
      }
      Simulator.Outcome replayed =
          new Simulator(recorded)
              .run(
                  plan,
                  List.of(Probe.NAME, Signal.GUIDANCE_GAP),
                  0,
                  IntStream.range(0, n).boxed().toList());
      GenerationResult live =
          request(n)
              .keep(keep)
              .cuts(cuts.toArray(Cut[]::new))
              .signals(probe, Signal.guidanceGap())
              .forecast(forecast)
              .policy(policy)
              .rescoreBy(METRIC)
              .generate();

      assertThat(replayed.best().stream().map(Integer::longValue))
          .as("seed %d, round %d, n %d, %s", seed, i, n, plan)
          .isEqualTo(live.images().stream().map(KeptImage::seed).toList());
      assertThat(replayed.evaluations()).isEqualTo(live.evaluations().spent());
      assertThat(replayed.scored())
          .isEqualTo(live.candidates().stream().mapToInt(c -> c.readings().size() / 2).sum());
      assertThat(replayed.finished())
          .isEqualTo(live.candidates().stream().filter(c -> c.stepsDone() == STEPS).count());
    }
  }

  @Test
  void aSignalThatWasNotReadThereIsNamed() {
    RecordedReadings recorded = record(List.of(Signal.guidanceGap()));
    SelectionPlan plan =
        SelectionPlan.of(
            STEPS, List.of(Cut.at(0.2, 1)), 1, SelectionPolicy.topK(), Forecast.latest(), false);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () -> new Simulator(recorded).run(plan, List.of("crystal ball"), 0, List.of(0, 1)))
        .withMessageContaining("'crystal ball' has no reading after step 2");
  }

  private static SelectionPolicy lowest() {
    return round -> {
      var best = round.bestFirst();
      return best.subList(best.size() - round.atMost(), best.size());
    };
  }

  private static LinearForecast fit(RecordedReadings recorded, List<Cut> cuts) {
    return new ForecastFit(recorded)
        .forecast(
            List.of(Probe.NAME, Signal.GUIDANCE_GAP),
            cuts.stream().map(cut -> cut.at().stepsDone(STEPS)).distinct().toList());
  }

  private GenerationRequest request(int n) {
    return fake.pipeline()
        .request(FakePipeline.PROMPT)
        .candidates(n)
        .steps(STEPS)
        .reproducible(true);
  }

  /** All candidates, run to the end and read after every step. */
  private RecordedReadings record(List<Signal> signals) {
    double[][] scores = new double[CANDIDATES][signals.size() * (STEPS - 1)];
    GenerationResult all =
        request(CANDIDATES)
            .keep(CANDIDATES)
            .rescoreBy(METRIC)
            .observeAt(
                IntStream.range(1, STEPS)
                    .mapToObj(DecisionPoint::step)
                    .toArray(DecisionPoint[]::new))
            .observer(
                observation -> {
                  int step = (int) Math.round(observation.fractionDone() * STEPS);
                  int row = Math.toIntExact(observation.seeds().get(0));
                  for (int i = 0; i < signals.size(); i++) {
                    scores[row][i * (STEPS - 1) + step - 1] =
                        signals.get(i).scores(observation).get(0).value();
                  }
                })
            .generate();
    List<Point> points = new ArrayList<>();
    for (Signal signal : signals) {
      IntStream.range(1, STEPS).forEach(step -> points.add(new Point(signal.name(), step)));
    }
    double[] finals =
        all.candidates().stream()
            .mapToDouble((Candidate c) -> c.finalScore().orElseThrow())
            .toArray();
    assertThat(Arrays.stream(finals).distinct().count()).isEqualTo(CANDIDATES);
    return new RecordedReadings(
        new Calibration.Readings(STEPS, points, List.of(new Calibration.Prompt(scores, finals))));
  }
}
