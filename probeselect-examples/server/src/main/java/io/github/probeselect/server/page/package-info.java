/**
 * The page and its API: sessions in which candidates are seen, kept, dropped and resumed while they
 * run, kept on disk so that they survive a restart.
 */
@NullMarked
package io.github.probeselect.server.page;

import org.jspecify.annotations.NullMarked;
