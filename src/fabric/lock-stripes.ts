// The lock table of transactions over several shards. Only they use it, and only between each other: a command on one
// shard never looks here.
//
//   | next ticket | turn | owner of ticket t, t mod OWNERS ... | WHOLE | stripe 0 | stripe 1 | ... |
//
//   stripe   EXCLUSIVE: one transaction has it | n > 0: n transactions share it | 0: free
//            WANTED besides: the transaction whose turn it is waits for it, nobody else may take it
//
// A key belongs to stripe `hash mod STRIPES`. WHOLE is the stripe of the keyspace as such: every transaction shares it,
// those over the whole keyspace take it exclusively, even to read: others may write.
//
// A transaction first tries to take all stripes of its footprint at once, and gives back what it got when one is not to be
// had (`tryLock`). Then it draws a ticket; while it is its turn it may wait for one stripe after the other, keeping those
// it has (`lockInTurn`). Only one transaction at a time waits while it holds, and what it waits for is held by running
// transactions, which wait for nobody here: so there is no deadlock. Turns come in the order of the tickets, and a stripe
// that is wanted bars newcomers: so nobody starves.
//
// Invariants
// (1) No wake-up is lost. The waiter sets WANTED, then looks whether the stripe is free; the releaser frees the stripe with one
//     atomic operation and looks at what stood there. One of the two sees the other.
// (2) Nor a turn: who draws a ticket stores its owner, then looks at the turn; who ends a turn stores the next one, then looks
//     for its owner.
// Limit: a core has one ticket at a time (its other transactions wait behind that one), so OWNERS bounds the cores.

import { assert } from '../base/assert.js';
import { LINE_BYTES } from './ring-layout.js';

/** Stripes of keys; a power of two. Two keys that share one only make their transactions wait for each other. */
export const STRIPES = 4096;
const STRIPE_MASK = STRIPES - 1;
/** The most cores; a power of two. */
const OWNERS = 1024;

const WORDS_PER_LINE = LINE_BYTES / Int32Array.BYTES_PER_ELEMENT;
const NEXT_TICKET = 0;
const TURN = WORDS_PER_LINE;
const FIRST_OWNER = 2 * WORDS_PER_LINE;
const WHOLE = FIRST_OWNER + OWNERS;
const FIRST_STRIPE = WHOLE + WORDS_PER_LINE;
const WORDS = FIRST_STRIPE + STRIPES;

const WANTED = 1 << 30;
const EXCLUSIVE = 1 << 29;

const NO_CORE = -1;

/** What the threads share: structured-clonable. */
export type LockStripesPlan = SharedArrayBuffer;

export function createLockStripes(): LockStripesPlan {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** The stripes that a transaction needs, each once, in ascending order. */
export class StripeSet {
  /** stripe << 1 | exclusive, ascending; the whole keyspace comes first. */
  readonly #stripes: number[] = [];
  /** How many of them, from the first, are taken. */
  taken = 0;

  /** @param whole the transaction is over the whole keyspace */
  constructor(whole: boolean) {
    this.#stripes.push(codeOf(WHOLE, whole));
  }

  get size(): number {
    return this.#stripes.length;
  }

  /** Adds the stripe of a key with that hash. */
  addKey(hash: number, exclusive: boolean): void {
    this.#stripes.push(codeOf(FIRST_STRIPE + (hash & STRIPE_MASK), exclusive));
  }

  /** Puts the stripes in order, once all keys are added. A stripe that is both shared and exclusive is exclusive. */
  seal(): void {
    const stripes = this.#stripes.sort((a, b) => a - b);
    let kept = 0;
    for (const code of stripes) {
      const same = kept > 0 && stripes[kept - 1] >>> 1 === code >>> 1;
      if (same) stripes[kept - 1] = code;
      else stripes[kept++] = code;
    }
    stripes.length = kept;
  }

  wordAt(i: number): number {
    return this.#stripes[i] >>> 1;
  }

  isExclusive(i: number): boolean {
    return (this.#stripes[i] & 1) !== 0;
  }
}

function codeOf(word: number, exclusive: boolean): number {
  return (word << 1) | (exclusive ? 1 : 0);
}

/** One core's hold on the table. */
export class LockStripes {
  readonly #words: Int32Array;
  readonly #core: number;
  /** This core has drawn a ticket, and which. */
  #queued = false;
  #ticket = 0;

  constructor(plan: LockStripesPlan, core: number) {
    assert(core < OWNERS, 'a place for every core');
    this.#words = new Int32Array(plan);
    this.#core = core;
  }

  /**
   * Takes all stripes of `set`, or none. `wakes` is told a core that waits for what was taken for a moment and given back.
   */
  tryLock(set: StripeSet, wakes: (core: number) => void): boolean {
    assert(set.taken === 0, 'stripes are taken once');
    for (let i = 0; i < set.size; i++) {
      if (this.#take(set.wordAt(i), set.isExclusive(i), false)) continue;
      set.taken = i;
      this.unlock(set, wakes);
      return false;
    }
    set.taken = set.size;
    return true;
  }

  /** Draws this core's ticket; true: it is its turn at once. */
  queue(): boolean {
    assert(!this.#queued, 'a core has one ticket at a time');
    const words = this.#words;
    this.#queued = true;
    this.#ticket = Atomics.add(words, NEXT_TICKET, 1);
    Atomics.store(words, this.#ownerWord(this.#ticket), this.#core + 1);
    return this.isTurn();
  }

  /** True when this core's ticket is the one whose turn it is. */
  isTurn(): boolean {
    return this.#queued && Atomics.load(this.#words, TURN) === this.#ticket;
  }

  /**
   * In this core's turn: goes on taking the stripes of `set` in order. False: one is not free yet; it is marked as wanted, and
   * who gives it back will tell this core. True: all are taken, and the turn is over; `wakes` is told the next core.
   */
  lockInTurn(set: StripeSet, wakes: (core: number) => void): boolean {
    assert(this.isTurn(), 'only in its turn does a core wait for stripes');
    for (; set.taken < set.size; set.taken++) {
      if (!this.#take(set.wordAt(set.taken), set.isExclusive(set.taken), true)) return false;
    }
    this.#endTurn(wakes);
    return true;
  }

  /** Gives back what is taken of `set`; `wakes` is told the core that waits for one of the stripes, if any. */
  unlock(set: StripeSet, wakes: (core: number) => void): void {
    const words = this.#words;
    let wanted = false;
    for (let i = set.taken - 1; i >= 0; i--) {
      const word = set.wordAt(i);
      const before = set.isExclusive(i) ? Atomics.and(words, word, ~EXCLUSIVE) : Atomics.sub(words, word, 1);
      assert((before & ~WANTED) !== 0, 'a stripe that is given back was taken');
      wanted ||= (before & WANTED) !== 0;
    }
    set.taken = 0;
    if (!wanted) return;
    // The turn cannot pass on before its transaction has this very stripe.
    const core = this.#ownerOf(Atomics.load(words, TURN));
    if (core !== NO_CORE) wakes(core);
  }

  /** True when nobody has or wants any stripe and nobody waits (tests, at rest). */
  isIdle(): boolean {
    const words = this.#words;
    for (let word = WHOLE; word < WORDS; word++) if (Atomics.load(words, word) !== 0) return false;
    return Atomics.load(words, NEXT_TICKET) === Atomics.load(words, TURN);
  }

  /** Takes one stripe; `inTurn`: marks it as wanted first, and takes what is wanted by itself. */
  #take(word: number, exclusive: boolean, inTurn: boolean): boolean {
    const words = this.#words;
    if (inTurn) Atomics.or(words, word, WANTED);
    for (;;) {
      const now = Atomics.load(words, word);
      if (!inTurn && (now & WANTED) !== 0) return false;
      const holders = now & ~WANTED;
      if (exclusive ? holders !== 0 : holders === EXCLUSIVE) return false;
      const next = exclusive ? EXCLUSIVE : holders + 1;
      if (Atomics.compareExchange(words, word, now, next) === now) return true;
    }
  }

  #endTurn(wakes: (core: number) => void): void {
    const words = this.#words;
    const ticket = this.#ticket;
    this.#queued = false;
    Atomics.store(words, this.#ownerWord(ticket), 0);
    const next = (ticket + 1) | 0;
    Atomics.store(words, TURN, next);
    const core = this.#ownerOf(next);
    if (core !== NO_CORE) wakes(core);
  }

  #ownerWord(ticket: number): number {
    return FIRST_OWNER + (ticket & (OWNERS - 1));
  }

  #ownerOf(ticket: number): number {
    return Atomics.load(this.#words, this.#ownerWord(ticket)) - 1;
  }
}
