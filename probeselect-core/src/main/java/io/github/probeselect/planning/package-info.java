/**
 * Planning within a budget: how many candidates to start and where to cut.
 *
 * <p>A {@link io.github.probeselect.planning.Calibration} holds recorded readings and final metrics
 * of a model. From it and from the {@link io.github.probeselect.planning.Costs} of signals and
 * decoding on this machine, the library searches for the candidates and cuts with the highest
 * expected quality within a {@link io.github.probeselect.planning.Budget}. The result is a {@link
 * io.github.probeselect.planning.Proposal}: {@code Pipeline.plan} returns it, and {@code
 * GenerationRequest.budget} runs it.
 */
@NullMarked
package io.github.probeselect.planning;

import org.jspecify.annotations.NullMarked;
