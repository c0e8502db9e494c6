package io.github.probeselect.spring;

import java.time.Instant;
import java.util.Optional;

/**
 * What a model has been doing, at one moment. Immutable.
 *
 * @param running calls that are under way, waiting for their turn included
 * @param succeeded calls that returned images
 * @param failed calls that failed, for whatever reason
 * @param lastSuccess when the last call returned images
 * @param lastFailure the last failure
 * @param stopped whether new calls are refused because the application context stops
 */
public record Activity(
    int running,
    long succeeded,
    long failed,
    Optional<Instant> lastSuccess,
    Optional<Failure> lastFailure,
    boolean stopped) {

  /**
   * A call that failed.
   *
   * @param at when
   * @param exception why
   */
  public record Failure(Instant at, Throwable exception) {}
}
