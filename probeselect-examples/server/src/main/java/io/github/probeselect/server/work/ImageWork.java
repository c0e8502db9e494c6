package io.github.probeselect.server.work;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.Generation;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.Session;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.selection.DecisionPoint;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The work for one request. It can be stopped before the next denoiser call, and run again: it then
 * goes on after the last step that it has done, except under a budget, where it begins anew.
 */
final class ImageWork {

  private final Pipeline pipeline;
  private final ImageRequest request;
  private final @Nullable Session session;
  private volatile @Nullable Generation generation;
  private volatile boolean stopped;
  private volatile boolean interrupted;
  private volatile long begun;
  private volatile Optional<GenerationListener.Progress> progress = Optional.empty();

  /**
   * Prepares the work.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if the model cannot do it
   */
  ImageWork(Pipeline pipeline, ImageRequest request) {
    this.pipeline = pipeline;
    this.request = request;
    this.session =
        request.budget().isPresent() ? null : request.on(pipeline).listener(watching()).open();
  }

  ImageRequest request() {
    return request;
  }

  Optional<GenerationListener.Progress> progress() {
    return progress;
  }

  /** How long it has been computing, about. */
  double seconds() {
    return begun == 0 ? 0 : (System.nanoTime() - begun) * 1e-9;
  }

  boolean isInterrupted() {
    return interrupted;
  }

  private GenerationListener watching() {
    return new GenerationListener() {
      @Override
      public void onProgress(Progress current) {
        progress = Optional.of(current);
        if (begun == 0) {
          begun = System.nanoTime();
        }
        if (stopped) {
          stopNow();
        }
      }
    };
  }

  /**
   * Generates.
   *
   * @throws GenerationCancelledException if it was stopped
   */
  Images run() {
    try {
      refuseToGoOn();
      return Images.of(session == null ? withinBudget() : selected(session));
    } catch (GenerationCancelledException e) {
      if (interrupted) {
        return previews();
      }
      throw e;
    }
  }

  private GenerationResult selected(Session selecting) {
    if (request.keep() < selecting.candidates().size()) {
      selecting.advance(DecisionPoint.fraction(request.decideAt()));
      refuseToGoOn();
      selecting.keep(request.keep());
    }
    refuseToGoOn();
    return selecting.finish();
  }

  private GenerationResult withinBudget() {
    GenerationRequest planned =
        request
            .on(pipeline)
            .budget(Budget.fullRuns(request.budget().orElseThrow()))
            .listener(watching());
    Generation started = planned.start();
    generation = started;
    if (stopped) {
      started.cancel();
    }
    return started.join();
  }

  private void refuseToGoOn() {
    if (stopped) {
      throw new GenerationCancelledException("the work was stopped");
    }
  }

  /** Stops it before the next denoiser call. */
  void stop() {
    stopped = true;
    stopNow();
  }

  private void stopNow() {
    if (session != null) {
      session.cancel();
    }
    Generation started = generation;
    if (started != null) {
      started.cancel();
    }
  }

  /** Stops it; {@link #run} then returns previews of what is there. */
  void interrupt() {
    interrupted = true;
    stop();
  }

  /** Lets it be run again. */
  void again() {
    stopped = false;
  }

  /** Previews of the best candidates, as far as they have run. */
  private Images previews() {
    if (session == null) {
      return none();
    }
    List<Images.Image> images =
        session.candidates().stream()
            .filter(candidate -> candidate.outcome() != Outcome.PRUNED)
            .filter(candidate -> candidate.stepsDone() > 0)
            .sorted(Comparator.comparingInt(Candidate::rank))
            .limit(request.keep())
            .map(candidate -> preview(session, candidate))
            .toList();
    return new Images(
        session.settings(),
        images,
        session.candidates().size(),
        session.evaluations().spent(),
        session.evaluations().share(),
        true,
        List.of());
  }

  private static Images.Image preview(Session session, Candidate candidate) {
    return new Images.Image(
        Base64.getEncoder().encodeToString(session.preview(candidate.origin()).toPng()),
        candidate.seed(),
        Images.finite(candidate.score()),
        Images.finite(candidate.finalScore()),
        candidate.rank(),
        candidate.outcome(),
        "");
  }

  private Images none() {
    return new Images(
        request.on(pipeline).open().settings(),
        List.of(),
        request.candidates(),
        0,
        0,
        true,
        List.of());
  }
}
