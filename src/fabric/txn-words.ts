// One word of shared memory for every transaction that is under way: shards ask it whether the keys that they hold for the
// transaction are free again.
//
//   word = generation << 1 | awaited          a core owns WORDS_PER_CORE words in a row and reuses them
//
// A shard remembers word and value of a transaction. As long as the generation stands, the transaction runs. `awaited` says
// that some shard has work that waits for its end: then the end is told by message, otherwise nobody is told.
//
// Invariant: no end is missed. The shard sets `awaited` by compare-and-swap, the coordinator ends by exchange: either the
// exchange sees `awaited`, or the compare-and-swap fails and the shard knows.

import { assert } from '../base/assert.js';

/** Transactions of one core that may be under way at a time; more wait for their turn. */
export const WORDS_PER_CORE = 4096;

const AWAITED = 1;
const NEXT_GENERATION = 2;

/** What the threads share: structured-clonable. */
export type TxnWordsPlan = SharedArrayBuffer;

export function createTxnWords(cores: number): TxnWordsPlan {
  return new SharedArrayBuffer(cores * WORDS_PER_CORE * Int32Array.BYTES_PER_ELEMENT);
}

/** One core's view: it begins and ends its own transactions, and asks about those of others. */
export class TxnWords {
  readonly #words: Int32Array;
  readonly #free: number[] = [];
  readonly #first: number;
  #fresh = 0;

  constructor(plan: TxnWordsPlan, core: number) {
    this.#words = new Int32Array(plan);
    this.#first = core * WORDS_PER_CORE;
    assert(this.#first + WORDS_PER_CORE <= this.#words.length, 'words for every core');
  }

  /** A word for a transaction that begins; -1: all are in use. */
  begin(): number {
    const freed = this.#free.pop();
    if (freed !== undefined) return freed;
    return this.#fresh === WORDS_PER_CORE ? -1 : this.#first + this.#fresh++;
  }

  /** What the word holds while its transaction runs and nobody waits for it. */
  valueOf(word: number): number {
    return Atomics.load(this.#words, word) & ~AWAITED;
  }

  /** The transaction ends: what it held is free. True: somebody waits for that and must be told. */
  end(word: number): boolean {
    const value = this.valueOf(word);
    const before = Atomics.exchange(this.#words, word, (value + NEXT_GENERATION) | 0);
    this.#free.push(word);
    return (before & AWAITED) !== 0;
  }

  /** True while the transaction that had `value` in `word` runs. */
  isRunning(word: number, value: number): boolean {
    return (Atomics.load(this.#words, word) & ~AWAITED) === value;
  }

  /** Asks to be told the end of that transaction; false: it has ended already. */
  await(word: number, value: number): boolean {
    const before = Atomics.compareExchange(this.#words, word, value, value | AWAITED);
    return before === value || before === (value | AWAITED);
  }

  /** No transaction of this core is under way (tests, at rest). */
  isIdle(): boolean {
    return this.#free.length === this.#fresh;
  }
}
