package io.github.probeselect.schedule;

import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model was trained to remove noise, and by which rule it is sampled: what a diffusers
 * pipeline keeps in {@code scheduler_config.json}. It gives a {@link Schedule} for every number of
 * steps. Schedulers are immutable and safe for use by several threads.
 */
public interface Scheduler {

  /**
   * The name of the sampling rule.
   *
   * @return the name that people call it by, such as {@code DDIM}
   */
  String name();

  /**
   * Plans the way from noise to image.
   *
   * @param steps 1 to the number of steps the model was trained with
   * @return the schedule of that many steps
   * @throws InvalidRequestException if the model cannot be sampled in that many steps
   */
  Schedule schedule(int steps);

  /**
   * Reads the scheduler that a bundle describes.
   *
   * @param type the class name in diffusers; {@code DDIMScheduler} is supported
   * @param config the content of {@code scheduler_config.json}; a missing option has the default it
   *     has in diffusers, keys that begin with an underscore are ignored
   * @return the scheduler
   * @throws InvalidBundleException if the type is not supported, or an option is unknown, not
   *     supported, out of range or in contradiction to another one; the message names it
   */
  static Scheduler of(String type, Map<String, ? extends @Nullable Object> config) {
    if (!type.equals("DDIMScheduler")) {
      throw new InvalidBundleException(
          "scheduler type '"
              + type
              + "' is not supported; export the model with a DDIMScheduler instead");
    }
    return DdimScheduler.of(config);
  }
}
