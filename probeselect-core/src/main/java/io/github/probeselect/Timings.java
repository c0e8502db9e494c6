package io.github.probeselect;

import java.time.Duration;

/**
 * Wall-clock time of each part of a generation.
 *
 * @param encode encoding the prompt
 * @param early the steps up to the decision point, all candidates
 * @param decide scoring and selecting, previews included
 * @param remaining the steps after the decision point, kept candidates
 * @param decode turning latents into images
 * @param total everything, from the call to the result
 */
public record Timings(
    Duration encode,
    Duration early,
    Duration decide,
    Duration remaining,
    Duration decode,
    Duration total) {}
