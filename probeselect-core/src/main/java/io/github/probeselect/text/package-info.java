/** Texts that come from outside: what can be written into files, and files of prompts. */
@NullMarked
package io.github.probeselect.text;

import org.jspecify.annotations.NullMarked;
