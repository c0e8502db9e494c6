package io.github.probeselect;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.planning.Budget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generations of a pipeline, on the calling thread or on threads of their own, until it is
 * closed. Thread-safe.
 */
final class Generations implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

  private final LoadedModel loaded;
  private final Optional<BudgetPlanner> planner;
  private final Lifecycle lifecycle;
  private final GenerationThreads threads;
  private final List<Supplier<? extends GenerationListener>> listeners;

  /**
   * Admits generations.
   *
   * @param planner plans those with a budget; empty if the model has no calibration
   * @param devices on how many devices they run
   * @param listeners each makes a listener for every generation
   */
  Generations(
      LoadedModel loaded,
      Optional<BudgetPlanner> planner,
      int devices,
      List<Supplier<? extends GenerationListener>> listeners) {
    this.listeners = listeners;
    this.loaded = loaded;
    this.planner = planner;
    this.lifecycle = new Lifecycle(loaded.pool()::close);
    this.threads = new GenerationThreads(devices);
  }

  /**
   * The planner of budgets.
   *
   * @throws InvalidRequestException if the model has no calibration
   */
  BudgetPlanner planner() {
    return planner.orElseThrow(
        () ->
            new InvalidRequestException(
                "the bundle "
                    + loaded.manifest().name()
                    + " has no calibration to plan a budget from; make one with"
                    + " probeselect-tools calibrate or with Calibrator, or say how many candidates are started and"
                    + " kept"));
  }

  /** The listeners of the pipeline for another generation or session. */
  List<GenerationListener> listeners() {
    List<GenerationListener> made = new ArrayList<>();
    for (Supplier<? extends GenerationListener> supplier : listeners) {
      try {
        made.add(Arguments.require("a listener of the pipeline", supplier.get()));
      } catch (RuntimeException e) {
        LOG.warn("there is no listener for a generation; the generation goes on", e);
      }
    }
    return made;
  }

  /** Runs a generation on this thread. */
  GenerationResult run(RequestOptions options) {
    Accepted accepted = new Accepted(options);
    return accepted.reporting(() -> accepted.run(planning(options)));
  }

  /** Queues a generation for another thread. */
  Generation start(RequestOptions options) {
    Accepted accepted = new Accepted(options);
    return accepted.reporting(() -> start(accepted, planning(options)));
  }

  /** A generation, and the listeners that are told how it ends. */
  private final class Accepted {

    private final List<GenerationListener> watching = listeners();
    private final Cancellation cancellation;
    private final IsolatedListener everyone;

    Accepted(RequestOptions options) {
      this.cancellation = new Cancellation(deadline(options));
      this.everyone =
          new IsolatedListener(
              Stream.concat(Stream.of(options.listener), watching.stream()).toList(), cancellation);
    }

    /** Does work whose failure ends the generation. */
    <T> T reporting(Supplier<T> work) {
      try {
        return work.get();
      } catch (RuntimeException | Error e) {
        everyone.onFailure(e);
        throw e;
      }
    }

    GenerationResult run(Function<Cancellation, ResolvedRequest> planning) {
      return reporting(
          () ->
              admitted(
                  cancellation,
                  // Reported while it still counts as running: a listener that waits for this very
                  // generation is refused.
                  () -> reporting(() -> result(planning))));
    }

    private GenerationResult result(Function<Cancellation, ResolvedRequest> planning) {
      cancellation.check();
      ResolvedRequest request = planning.apply(cancellation).heardBy(watching);
      GenerationResult result = EarlyExit.run(loaded.pool(), request, cancellation);
      everyone.onResult(result);
      return result;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only tidies up
  private Generation start(Accepted accepted, Function<Cancellation, ResolvedRequest> planning) {
    Cancellation cancellation = accepted.cancellation;
    Generation generation =
        new Generation(cancellation, () -> accepted.run(planning), accepted.everyone::onFailure);
    lifecycle.accept(cancellation);
    generation
        .turn()
        .thenAccept(
            comes -> {
              if (!comes) {
                lifecycle.leave(cancellation);
              }
            });
    try {
      threads.start(generation);
    } catch (RejectedExecutionException e) {
      lifecycle.leave(cancellation);
      throw new BackendException(Lifecycle.CLOSED, e);
    }
    return generation;
  }

  private static Optional<Instant> deadline(RequestOptions options) {
    return Optional.ofNullable(options.deadline);
  }

  /**
   * Resolves a request once there is a cancellation, which planning obeys. What can be checked
   * without planning is checked now.
   */
  private Function<Cancellation, ResolvedRequest> planning(RequestOptions options) {
    Budget budget = options.budget;
    if (budget == null) {
      ResolvedRequest resolved = ResolvedRequest.of(options, Allocation.of(options), loaded);
      return cancellation -> resolved;
    }
    BudgetPlanner chosen = planner();
    chosen.check(budget, options);
    ResolvedRequest.of(options, Allocation.withoutSelection(options), loaded);
    return cancellation ->
        ResolvedRequest.of(options, chosen.allocation(budget, options, cancellation), loaded);
  }

  /** Runs work that uses the model, which is not released until it has ended. */
  <T extends @Nullable Object> T during(Cancellation cancellation, Supplier<T> work) {
    return admitted(
        cancellation,
        () -> {
          cancellation.check();
          return work.get();
        });
  }

  private <T extends @Nullable Object> T admitted(Cancellation cancellation, Supplier<T> work) {
    lifecycle.enter(cancellation);
    try {
      return work.get();
    } finally {
      lifecycle.leave(cancellation);
    }
  }

  @Override
  public void close() {
    lifecycle.shut();
    threads.close();
    lifecycle.close();
  }
}
