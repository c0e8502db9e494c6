/**
 * The backend on DJL's PyTorch engine: runs the TorchScript modules of a bundle.
 *
 * <p>{@link io.github.probeselect.djl.DjlBackend} is what {@link java.util.ServiceLoader} finds. An
 * application does not need this package, unless it runs networks of its own beside the model, such
 * as the training of a probe: it takes its turns on the {@link
 * io.github.probeselect.djl.DeviceWorker}.
 *
 * <p>Three rules keep the native side in order. Every call into PyTorch happens on the one {@link
 * io.github.probeselect.djl.DeviceWorker} of its device. Every native resource has one owner, which
 * closes it in the method that opened it or is itself {@link AutoCloseable}; a model owns all that
 * is open on its behalf, and its closing releases the rest. And only 32-bit floats and 64-bit
 * integers cross the boundary ({@code BoundaryTypes}).
 */
@NullMarked
package io.github.probeselect.djl;

import org.jspecify.annotations.NullMarked;
