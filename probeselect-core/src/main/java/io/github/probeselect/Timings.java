package io.github.probeselect;

import java.time.Duration;

/**
 * Wall-clock time of each part of a generation.
 *
 * @param encode encoding the prompt
 * @param early the steps up to the last decision point
 * @param decide scoring and selecting at all decision points, previews included
 * @param remaining the steps after the last decision point, kept candidates
 * @param decode turning latents into images, and scoring these if the request says so
 * @param total all of that together
 */
public record Timings(
    Duration encode,
    Duration early,
    Duration decide,
    Duration remaining,
    Duration decode,
    Duration total) {}
