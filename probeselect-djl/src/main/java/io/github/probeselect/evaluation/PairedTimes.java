package io.github.probeselect.evaluation;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Wall-clock times of several requests that take turns: each round runs all of them, and they are
 * compared round by round, so that a change in the speed of the machine affects all alike.
 * Immutable.
 *
 * <pre>{@code
 * PairedTimes times = PairedTimes.measure(List.of(selected, finished), 7);
 * double saving = PairedTimes.median(times.ratios(0, 1));
 * }</pre>
 */
public final class PairedTimes {

  private final double[][] seconds;
  private final List<GenerationResult.Evaluations> evaluations;

  private PairedTimes(double[][] seconds, List<GenerationResult.Evaluations> evaluations) {
    this.seconds = seconds;
    this.evaluations = List.copyOf(evaluations);
  }

  /**
   * Runs every request once without timing it, then {@code rounds} times in turn.
   *
   * @param requests at least one
   * @param rounds at least 1
   * @throws InvalidRequestException if there is no request or no round
   */
  public static PairedTimes measure(List<GenerationRequest> requests, int rounds) {
    if (requests.isEmpty() || rounds < 1) {
      throw new InvalidRequestException(
          requests.size() + " requests in " + rounds + " rounds; times need at least one of each");
    }
    List<GenerationResult.Evaluations> evaluations = new ArrayList<>();
    requests.forEach(request -> evaluations.add(request.generate().evaluations()));
    double[][] seconds = new double[requests.size()][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int request = 0; request < seconds.length; request++) {
        seconds[request][round] =
            requests.get(request).generate().timings().total().toNanos() * 1e-9;
      }
    }
    return new PairedTimes(seconds, evaluations);
  }

  /** The seconds that a request took in each round, by its index in the list. */
  public double[] seconds(int request) {
    return seconds[request].clone();
  }

  /** The time of one request divided by that of another, round by round. */
  public double[] ratios(int request, int reference) {
    return IntStream.range(0, seconds[request].length)
        .mapToDouble(round -> seconds[request][round] / seconds[reference][round])
        .toArray();
  }

  /** The denoiser evaluations of a request. */
  public GenerationResult.Evaluations evaluations(int request) {
    return evaluations.get(request);
  }

  /**
   * The median; of an even number of values the upper of the two in the middle.
   *
   * @param values at least one
   */
  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
