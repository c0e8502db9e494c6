package io.github.probeselect.noise;

/**
 * The generator MT19937 of Matsumoto and Nishimura, "Mersenne Twister: A 623-Dimensionally
 * Equidistributed Uniform Pseudo-Random Number Generator" (1998), seeded as in their version of
 * 2002, with the conversions to floating point that PyTorch uses. Not thread-safe.
 */
final class MersenneTwister {

  private static final int N = 624;
  private static final int M = 397;
  private static final int TWIST = 0x9908b0df;

  private final int[] state = new int[N];
  private int next = N;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** The next 32 random bits. */
  int nextBits() {
    if (next == N) {
      twist();
    }
    int bits = state[next++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return bits ^ (bits >>> 18);
  }

  /** A uniform number in [0, 1) made of the low 24 of 32 bits. */
  float nextFloat() {
    return (nextBits() & 0xffffff) * 0x1p-24f;
  }

  /** A uniform number in [0, 1) made of the low 53 of 64 bits, the high 32 of which come first. */
  double nextDouble() {
    long high = (long) nextBits() << 32;
    long low = nextBits() & 0xffffffffL;
    return ((high | low) & ((1L << 53) - 1)) * 0x1p-53;
  }

  private void twist() {
    for (int i = 0; i < N; i++) {
      int joined = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
      int twisted = (joined >>> 1) ^ ((joined & 1) == 0 ? 0 : TWIST);
      state[i] = state[(i + M) % N] ^ twisted;
    }
    next = 0;
  }
}
