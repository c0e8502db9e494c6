package io.github.probeselect.djl;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.util.Map;

/** Counts what DJL holds natively: arrays, modules, and the managers that own them. */
final class NativeResources {

  private NativeResources() {}

  /** All that is open in this process, whoever opened it. */
  static int open() {
    return DeviceWorker.cpu()
        .call(
            () -> {
              try (NDManager manager = DeviceWorker.cpu().newManager()) {
                return count(manager.getParentManager()) - 1;
              }
            });
  }

  private static int count(NDManager manager) {
    int count = 0;
    for (Object resource : resources(manager).values()) {
      count += 1 + (resource instanceof NDManager child ? count(child) : 0);
    }
    return count;
  }

  private static Map<?, ?> resources(NDManager manager) {
    try {
      Field field = BaseNDManager.class.getDeclaredField("resources");
      field.setAccessible(true);
      return (Map<?, ?>) field.get(manager);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this DJL keeps its resources elsewhere", e);
    }
  }
}
