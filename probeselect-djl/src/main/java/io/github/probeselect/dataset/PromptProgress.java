package io.github.probeselect.dataset;

/** Is told how far work on many prompts is. */
@FunctionalInterface
public interface PromptProgress {
  /** Called after every prompt. */
  void done(int prompts, int ofPrompts);
}
