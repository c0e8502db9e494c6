package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.WritableText;
import io.github.probeselect.model.Signal;
import io.github.probeselect.noise.StartingNoise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Refuses what no model could do with a request. */
final class RequestChecks {

  /** So many candidates are held in memory at once. */
  private static final int MOST_CANDIDATES = 1 << 16;

  private RequestChecks() {}

  /**
   * Checks all that can be checked without a model.
   *
   * @throws InvalidRequestException if the prompt is missing or empty, {@code n} is less than 1, or
   *     {@code k} is not from 1 to {@code n}
   */
  static void all(@Nullable String prompt, int n, int k) {
    prompt(prompt);
    count(n);
    keep(k);
    keep(k, n);
  }

  /** Returns the prompt if an image can be made of it, and files written. */
  static String prompt(@Nullable String prompt) {
    if (prompt == null) {
      throw new InvalidRequestException("the prompt is null; say what the image shows");
    }
    if (prompt.isBlank()) {
      throw new InvalidRequestException("the prompt is empty; say what the image shows");
    }
    return WritableText.require("the prompt", prompt);
  }

  static void keep(int k) {
    if (k < 1) {
      throw new InvalidRequestException("k = " + k + "; at least one candidate must be kept");
    }
  }

  static void keep(int k, int n) {
    if (k > n) {
      throw new InvalidRequestException(
          "k = " + k + " of n = " + n + " candidates cannot be kept; lower k or raise n");
    }
  }

  /** Checks the number of candidates. */
  static void count(int n) {
    if (n < 1) {
      throw new InvalidRequestException("n = " + n + "; at least one candidate is needed");
    }
    if (n > MOST_CANDIDATES) {
      throw new InvalidRequestException(
          "n = "
              + n
              + "; a request has at most "
              + MOST_CANDIDATES
              + " candidates, so make several requests of it");
    }
  }

  /** Returns the signals if their scores can be told apart by name. */
  static List<Signal> signals(Signal @Nullable ... signals) {
    List<Signal> given = Arguments.requireAll("signals", signals);
    List<String> names = given.stream().map(Signal::name).toList();
    names.forEach(name -> WritableText.require("the name of a signal", name));
    if (names.stream().distinct().count() != names.size()) {
      throw new InvalidRequestException(
          "two signals have the same name, so their scores could not be told apart: " + names);
    }
    return given;
  }

  /** Checks that there are seeds and that no two give the same image. */
  static void seeds(long @Nullable [] seeds) {
    long[] given = Arguments.require("seeds", seeds);
    if (given.length == 0) {
      throw new InvalidRequestException("there are no seeds; at least one candidate is needed");
    }
    count(given.length);
    Map<Long, Long> found = new HashMap<>();
    for (long seed : given) {
      Long before = found.putIfAbsent(StartingNoise.effective(seed), seed);
      if (before != null) {
        throw new InvalidRequestException(
            "a seed occurs twice: "
                + before
                + " and "
                + seed
                + (before == seed ? "" : ", which differ by a multiple of 2^32,")
                + " give the same image, so give each once");
      }
    }
  }
}
