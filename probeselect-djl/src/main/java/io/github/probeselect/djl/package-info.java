/**
 * The backend on DJL's PyTorch engine, which runs the TorchScript modules of a bundle.
 *
 * <p>{@link io.github.probeselect.djl.DjlBackend} is what {@link java.util.ServiceLoader} finds. An
 * application does not need this package, unless it runs networks of its own beside the model, such
 * as the training of a probe: it takes its turns on the {@link
 * io.github.probeselect.djl.DeviceWorker}.
 *
 * <p>Three rules govern the native side. Every call into PyTorch runs on the one {@link
 * io.github.probeselect.djl.DeviceWorker} of its device. Every native resource has one owner, which
 * closes it in the method that opened it or is itself {@link AutoCloseable}; a model owns all its
 * open resources, and closing it releases the rest. Only 32-bit floats and 64-bit integers cross
 * the boundary ({@code BoundaryTypes}).
 */
@NullMarked
package io.github.probeselect.djl;

import org.jspecify.annotations.NullMarked;
