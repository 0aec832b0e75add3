// A number that all threads draw from: dense, each value given once (client ids; later the journal's order).

export type SharedSequencePlan = SharedArrayBuffer;

export function createSharedSequence(): SharedSequencePlan {
  return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
}

export class SharedSequence {
  readonly #word: BigInt64Array;

  constructor(plan: SharedSequencePlan) {
    this.#word = new BigInt64Array(plan);
  }

  /** The next number, from 1. */
  next(): number {
    return Number(Atomics.add(this.#word, 0, 1n)) + 1;
  }
}
