// Pseudo-random numbers from a seed, so that a test, a simulation or a bug report can replay a run.
// Algorithm: xorshift32 variants are too weak for sampling, so this is PCG-like mixing of a counter (splitmix32).

/** A source of random 32-bit numbers. */
export interface Random {
  /** An integer in [0, 2^32). */
  next32(): number;
  /** An integer in [0, bound); `bound` is at most 2^32. */
  below(bound: number): number;
}

/** splitmix32: 32 bits of state, full period, passes what sampling and shuffling need. Not for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  below(bound: number): number {
    return Math.floor((this.next32() / 4294967296) * bound);
  }
}
