package io.github.probeselect.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The faults that a test has placed in a model. Thread-safe. */
final class FakeFaults {

  private final List<Interruption> interruptions = new CopyOnWriteArrayList<>();
  private final List<Place> divergences = new CopyOnWriteArrayList<>();
  private final List<Integer> blinded = new CopyOnWriteArrayList<>();
  private final List<Call> overflows = new CopyOnWriteArrayList<>();

  private record Interruption(Call call, Runnable action) {}

  private record Place(int candidate, int step) {}

  private record Call(Stage stage, int number) {}

  void interrupt(Stage stage, int call, Runnable action) {
    interruptions.add(new Interruption(new Call(stage, call), action));
  }

  void diverge(int candidate, int step) {
    divergences.add(new Place(candidate, step));
  }

  void blind(int candidate) {
    blinded.add(candidate);
  }

  void overflow(Stage stage, int call) {
    overflows.add(new Call(stage, call));
  }

  /** Runs what a test has placed at a call. */
  void runAt(Stage stage, int call) {
    Call reached = new Call(stage, call);
    interruptions.stream()
        .filter(interruption -> interruption.call().equals(reached))
        .forEach(interruption -> interruption.action().run());
  }

  boolean diverges(int candidate, int step) {
    return divergences.contains(new Place(candidate, step));
  }

  boolean isBlind(int candidate) {
    return blinded.contains(candidate);
  }

  boolean overflows(Stage stage, int call) {
    return overflows.contains(new Call(stage, call));
  }
}
