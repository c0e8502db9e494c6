/**
 * Images for the requests of all APIs: checked against model and limits, queued, run on a session
 * of the library, shared by identical requests.
 */
@NullMarked
package io.github.probeselect.server.work;

import org.jspecify.annotations.NullMarked;
