package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.probeselect.testing.Gate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** One thread per device, whoever calls. */
class DeviceWorkerTest {

  private final DeviceWorker worker = DeviceWorker.cpu();

  @Test
  void oneDeviceHasOneWorkerAndOneThread() throws Exception {
    Set<Thread> seen = Collections.synchronizedSet(new HashSet<>());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread caller =
          new Thread(() -> seen.add(DeviceWorker.of(Device.cpu()).call(Thread::currentThread)));
      caller.start();
      callers.add(caller);
    }
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(DeviceWorker.of(Device.cpu())).isSameAs(worker);
    assertThat(seen).hasSize(1);
    assertThat(seen.iterator().next().isDaemon()).isTrue();
  }

  @Test
  void theTasksOfOneCallerRunInTheirOrder() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      worker.run(() -> order.add(number));
    }
    assertThat(order).isSorted().hasSize(20);
  }

  @Test
  void aTaskMayCallTheWorkerAgain() {
    assertThat(worker.<Integer, RuntimeException>call(() -> worker.call(() -> 7))).isEqualTo(7);
  }

  @Test
  void theCallerGetsTheExceptionOfTheTask() {
    assertThatThrownBy(
            () ->
                worker.call(
                    () -> {
                      throw new IOException("no disk");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("no disk");
    assertThatThrownBy(
            () ->
                worker.call(
                    () -> {
                      throw new AssertionError("no memory");
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("no memory");
    assertThat(worker.<String, RuntimeException>call(() -> "still alive")).isEqualTo("still alive");
  }

  @Test
  void anInterruptedCallerWaitsForItsTaskAndStaysInterrupted() throws Exception {
    Gate gate = new Gate();
    AtomicBoolean done = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread caller =
        new Thread(
            () -> {
              worker.run(
                  () -> {
                    gate.pass();
                    done.set(true);
                  });
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    gate.awaitArrival();
    caller.interrupt();
    caller.join(100);

    assertThat(caller.isAlive()).as("the caller waits for the task").isTrue();
    gate.open();
    caller.join();
    assertThat(done).isTrue();
    assertThat(interrupted).isTrue();
  }
}
