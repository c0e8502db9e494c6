/** How results are judged: within-prompt rank correlation, captured gain and their intervals. */
@NullMarked
package io.github.probeselect.evaluation;

import org.jspecify.annotations.NullMarked;
