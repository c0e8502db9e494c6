package io.github.probeselect.internal.recorded;

/**
 * What can be read of a candidate, and when.
 *
 * @param signal the name of a signal
 * @param stepsDone denoising steps done
 */
public record RecordedPoint(String signal, int stepsDone) {}
