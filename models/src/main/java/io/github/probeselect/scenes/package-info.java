/**
 * The judge of the small world that the default model draws.
 *
 * <p>A prompt of that world names one to four flat shapes, perhaps how the first stands to the
 * second, and a background. {@link io.github.probeselect.scenes.SceneDescription} is what such a
 * prompt says; {@link io.github.probeselect.scenes.SceneCheck} measures how much of it an image
 * shows.
 *
 * <p>Nothing here is learned and nothing here takes part in training, so the judge cannot be gamed
 * by a model trained on another metric. It looks at pixels in four steps: the {@code Ground}, its
 * colour and texture, is estimated from the edge of the image; what differs from it is split by
 * colour into {@code Blob}s; every blob is compared with the outlines of the five shapes; the blobs
 * are matched with the objects that the prompt asks for.
 */
@NullMarked
package io.github.probeselect.scenes;

import org.jspecify.annotations.NullMarked;
