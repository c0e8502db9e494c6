package io.github.probeselect.spring.boot;

import io.github.probeselect.Pipeline;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.spring.Activity;
import io.github.probeselect.spring.ProbeSelectImageModel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Reports bundle, device and calls of an image model without running the model. It is down while
 * the latest failure of the engine is less than a minute old and no call has succeeded since: after
 * that minute traffic may try again. A call that was refused, cancelled or too large for the memory
 * does not count. It is out of service once the application context stops.
 */
public class ProbeSelectHealthIndicator extends AbstractHealthIndicator {

  private static final Duration DOWN = Duration.ofMinutes(1);

  private final ProbeSelectImageModel model;
  private final Clock clock;

  /** Reports on a model. */
  public ProbeSelectHealthIndicator(ProbeSelectImageModel model) {
    this(model, Clock.systemUTC());
  }

  ProbeSelectHealthIndicator(ProbeSelectImageModel model, Clock clock) {
    super("the image model cannot be examined");
    this.model = model;
    this.clock = clock;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    Activity activity = model.activity();
    if (activity.stopped()) {
      builder.outOfService();
    } else if (isDown(activity)) {
      builder.down();
    } else {
      builder.up();
    }
    Pipeline pipeline = model.getPipeline();
    DiffusionModel loaded = pipeline.model();
    builder
        .withDetail("bundle", pipeline.manifest().name())
        .withDetail("device", loaded.device().name())
        .withDetail("running", activity.running())
        .withDetail("succeeded", activity.succeeded())
        .withDetail("failed", activity.failed());
    activity.lastSuccess().ifPresent(at -> builder.withDetail("lastSuccess", at.toString()));
    activity
        .lastFailure()
        .ifPresent(
            failure ->
                builder.withDetail(
                    "lastFailure", failure.at() + " " + failure.exception().toString()));
  }

  private boolean isDown(Activity activity) {
    Instant since = clock.instant().minus(DOWN);
    return activity
        .lastFailure()
        .filter(failure -> isOfTheEngine(failure.exception()))
        .filter(failure -> failure.at().isAfter(since))
        .filter(
            failure ->
                activity.lastSuccess().map(success -> failure.at().isAfter(success)).orElse(true))
        .isPresent();
  }

  private static boolean isOfTheEngine(Throwable exception) {
    return exception instanceof BackendException && !(exception instanceof DeviceMemoryException);
  }
}
