package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the candidates of a request start: origins, or seeds to which guidance scales and wordings
 * are assigned cyclically. Immutable.
 *
 * @param seeds one for each candidate, unless origins are given
 * @param given origins in place of seeds; empty if there are none
 * @param guidanceScales none for that of the request
 * @param wordings none for the prompt of the request
 */
record CandidateOrigins(
    List<Long> seeds, List<Origin> given, List<Double> guidanceScales, List<String> wordings) {

  /** A single candidate with seed 0. */
  static final CandidateOrigins DEFAULT =
      new CandidateOrigins(List.of(0L), List.of(), List.of(), List.of());

  /** Consecutive seeds. */
  static long[] consecutive(int n, long firstSeed) {
    RequestChecks.count(n);
    return LongStream.range(0, n).map(i -> firstSeed + i).toArray();
  }

  /** Different random seeds of 32 bits. */
  static long[] random(int n) {
    RequestChecks.count(n);
    SplittableRandom random = new SplittableRandom(ThreadLocalRandom.current().nextLong());
    return random.longs(0, 1L << 32).distinct().limit(n).toArray();
  }

  /** Replaces seeds and origins by seeds. */
  CandidateOrigins withSeeds(long @Nullable ... other) {
    RequestChecks.seeds(other);
    return new CandidateOrigins(
        LongStream.of(other).boxed().toList(), List.of(), guidanceScales, wordings);
  }

  /** Replaces the seeds by origins. */
  CandidateOrigins withOrigins(Origin @Nullable ... origins) {
    List<Origin> others = Arguments.requireAll("origins", origins);
    if (others.isEmpty()) {
      throw new InvalidRequestException("there are no origins; at least one candidate is needed");
    }
    RequestChecks.count(others.size());
    return new CandidateOrigins(seeds, others, guidanceScales, wordings);
  }

  CandidateOrigins withGuidanceScales(double @Nullable ... scales) {
    DoubleStream.of(Arguments.require("guidanceScales", scales))
        .forEach(Origin::checkGuidanceScale);
    return new CandidateOrigins(seeds, given, DoubleStream.of(scales).boxed().toList(), wordings);
  }

  CandidateOrigins withWordings(String @Nullable ... prompts) {
    List<String> others = Arguments.requireAll("wordings", prompts);
    for (int i = 0; i < others.size(); i++) {
      Origin.checkWording("wording " + (i + 1), others.get(i));
    }
    return new CandidateOrigins(seeds, given, guidanceScales, others);
  }

  /** One origin for each candidate: those given, or one for each seed. */
  List<Origin> all() {
    if (given.isEmpty()) {
      return ofSeeds(seeds);
    }
    if (!guidanceScales.isEmpty() || !wordings.isEmpty()) {
      throw new InvalidRequestException(
          "origins determine guidance scale and wording of every candidate; leave guidanceScales and wordings out, or give seeds instead of origins");
    }
    return given;
  }

  /** The origins of {@code n} candidates with consecutive seeds from the first seed on. */
  List<Origin> consecutive(int n) {
    return ofSeeds(LongStream.of(consecutive(n, seeds.get(0))).boxed().toList());
  }

  private List<Origin> ofSeeds(List<Long> each) {
    return IntStream.range(0, each.size()).mapToObj(i -> origin(i, each.get(i))).toList();
  }

  private Origin origin(int index, long seed) {
    Origin origin = Origin.seed(seed);
    if (!wordings.isEmpty()) {
      int turn = index / Math.max(1, guidanceScales.size());
      origin = origin.wording(wordings.get(turn % wordings.size()));
    }
    return guidanceScales.isEmpty()
        ? origin
        : origin.guidanceScale(guidanceScales.get(index % guidanceScales.size()));
  }
}
