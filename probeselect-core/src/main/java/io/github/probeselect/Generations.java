package io.github.probeselect;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.planning.Budget;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The generations of a pipeline, on the calling thread or on threads of their own, until it is
 * closed. Thread-safe.
 */
final class Generations implements AutoCloseable {

  private final LoadedModel loaded;
  private final Optional<BudgetPlanner> planner;
  private final Lifecycle lifecycle;
  private final GenerationThreads threads;

  /**
   * Admits generations.
   *
   * @param planner plans those with a budget; empty if the model has no calibration
   * @param devices on how many devices they run
   */
  Generations(LoadedModel loaded, Optional<BudgetPlanner> planner, int devices) {
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

  /** Runs a generation on this thread. */
  GenerationResult run(RequestOptions options) {
    Function<Cancellation, ResolvedRequest> planning = planning(options);
    return run(new Cancellation(deadline(options)), planning);
  }

  private GenerationResult run(
      Cancellation cancellation, Function<Cancellation, ResolvedRequest> planning) {
    return during(
        cancellation,
        () -> EarlyExit.run(loaded.pool(), planning.apply(cancellation), cancellation));
  }

  /** Queues a generation for another thread. */
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only tidies up
  Generation start(RequestOptions options) {
    Function<Cancellation, ResolvedRequest> planning = planning(options);
    Cancellation cancellation = new Cancellation(deadline(options));
    Generation generation = new Generation(cancellation, () -> run(cancellation, planning));
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
    lifecycle.enter(cancellation);
    try {
      cancellation.check();
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
