package io.github.probeselect.internal.recorded;

/**
 * A signal and a number of steps done: the key of a reading.
 *
 * @param signal the name of a signal
 * @param stepsDone denoising steps done
 */
public record RecordedPoint(String signal, int stepsDone) {}
