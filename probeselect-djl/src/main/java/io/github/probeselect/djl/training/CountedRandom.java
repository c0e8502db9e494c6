package io.github.probeselect.djl.training;

import java.util.Random;

/** A {@link Random} that can be put where another of the same seed was, by how much that gave. */
@SuppressWarnings("serial") // never serialised
final class CountedRandom extends Random {

  private long drawn;

  CountedRandom(long seed) {
    super(seed);
  }

  /** How often bits were drawn. */
  long drawn() {
    return drawn;
  }

  /** Draws until {@link #drawn} is {@code count}; each draw moves the generator on by one. */
  void advanceTo(long count) {
    while (drawn < count) {
      next(Integer.SIZE);
    }
  }

  @Override
  protected int next(int bits) {
    drawn++;
    return super.next(bits);
  }
}
