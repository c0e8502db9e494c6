/**
 * The image type: 8-bit RGB pixels, with conversions to float planes and to {@link
 * java.awt.image.BufferedImage}.
 */
@NullMarked
package io.github.probeselect.image;

import org.jspecify.annotations.NullMarked;
