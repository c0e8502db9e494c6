package io.github.probeselect;

import java.time.Duration;

/** Where the time went. */
record TimingsValues(
    Duration encode,
    Duration early,
    Duration decide,
    Duration remaining,
    Duration decode,
    Duration total)
    implements GenerationResult.Timings {}
