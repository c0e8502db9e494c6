/**
 * The command line {@code probeselect-tools}: collects datasets, trains probes on them, calibrates
 * bundles for budgets, evaluates signals, and measures time and memory. {@link ProbeSelectTools} is
 * its main class; every command is a class of its own.
 */
@NullMarked
package io.github.probeselect.tools;

import org.jspecify.annotations.NullMarked;
