package io.github.probeselect.testing;

import io.github.probeselect.model.Conditioning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The encoded prompts of one generation. It also counts the rows evaluated at each timestep, by
 * which {@link FakeModel} knows the candidates and steps that its faults name.
 */
final class FakeConditioning implements Conditioning {

  private final FakeModel model;
  private final String prompt;
  private final String negativePrompt;
  private final float[] promptEmbedding;
  private final List<Truncation> truncations;
  private final Map<Double, Integer> rowsByTimestep = new LinkedHashMap<>();
  private boolean closed;

  FakeConditioning(
      FakeModel model,
      String prompt,
      String negativePrompt,
      float[] promptEmbedding,
      List<Truncation> truncations) {
    this.model = model;
    this.prompt = prompt;
    this.negativePrompt = negativePrompt;
    this.promptEmbedding = promptEmbedding;
    this.truncations = truncations;
    model.opened(this);
  }

  String prompt() {
    return prompt;
  }

  String negativePrompt() {
    return negativePrompt;
  }

  /** Counts {@code rows} rows at {@code timestep} and returns how many there were before. */
  synchronized int countRows(double timestep, int rows) {
    int before = rowsByTimestep.getOrDefault(timestep, 0);
    rowsByTimestep.put(timestep, before + rows);
    return before;
  }

  /** The place of {@code timestep} among the timesteps of this generation, from 0. */
  synchronized int step(double timestep) {
    return List.copyOf(rowsByTimestep.keySet()).indexOf(timestep);
  }

  synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the conditioning is used after it was closed");
    }
  }

  @Override
  public float[] promptEmbedding() {
    requireOpen();
    return promptEmbedding.clone();
  }

  @Override
  public List<Truncation> truncations() {
    requireOpen();
    return truncations;
  }

  @Override
  public synchronized void close() {
    closed = true;
    model.closed(this);
  }
}
