package io.github.probeselect.dataset;

/** Receives the progress of work on many prompts. */
@FunctionalInterface
public interface PromptProgress {
  /** Called after every prompt. */
  void done(int prompts, int ofPrompts);
}
