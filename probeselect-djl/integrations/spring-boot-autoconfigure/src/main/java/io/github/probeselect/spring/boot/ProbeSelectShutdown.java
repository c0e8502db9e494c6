package io.github.probeselect.spring.boot;

import io.github.probeselect.spring.ProbeSelectImageModel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Lets the calls of the image models end within the time that the context grants a shutdown phase,
 * after web servers and the executors of Spring have stopped. It is apart from the models because a
 * context makes every bean with such a lifecycle when it starts, those that are lazy too.
 */
final class ProbeSelectShutdown implements SmartLifecycle {

  /** Below the phase of the executors, which is {@code Integer.MAX_VALUE / 2}. */
  private static final int PHASE = Integer.MAX_VALUE / 2 - 1024;

  private final ConfigurableListableBeanFactory beans;
  private volatile boolean running;

  ProbeSelectShutdown(ConfigurableListableBeanFactory beans) {
    this.beans = beans;
  }

  /** Those that have been made. */
  private List<ProbeSelectImageModel> models() {
    return Stream.of(beans.getBeanNamesForType(ProbeSelectImageModel.class, true, false))
        .filter(beans::containsSingleton)
        .map(name -> beans.getBean(name, ProbeSelectImageModel.class))
        .toList();
  }

  @Override
  public void start() {
    models().forEach(ProbeSelectImageModel::start);
    running = true;
  }

  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public void stop(Runnable callback) {
    running = false;
    List<ProbeSelectImageModel> models = models();
    AtomicInteger busy = new AtomicInteger(models.size());
    if (models.isEmpty()) {
      callback.run();
    }
    for (ProbeSelectImageModel model : models) {
      model.stop(
          () -> {
            if (busy.decrementAndGet() == 0) {
              callback.run();
            }
          });
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
