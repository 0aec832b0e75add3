// Two words of shared memory for every client that blocks or watches: the only things that another thread may change of a
// connection.
//
//   claim = generation << 1 | claimed      a blocked client: who sets `claimed` serves it, everybody else leaves it alone
//   watch = generation << 1 | dirty        a client with WATCH: a watched key has changed
//
// A client's place is given out by its core at the first use and stays until it leaves. Every wait and every WATCH ... EXEC is
// a generation of its own, so what belongs to an earlier one is recognised and ignored wherever it still lies.

import { assert } from '../base/assert.js';

/** Clients of one core that may have a place. Address space only, until it is used. */
const PLACE_BITS = 20;
const PLACES_PER_CORE = 1 << PLACE_BITS;
const PLACE_MASK = PLACES_PER_CORE - 1;

const CLAIM = 0;
const WATCH = 1;
const WORDS_PER_PLACE = 2;
const MARK = 1;
const NEXT_GENERATION = 2;

/** What the threads share: structured-clonable. By core. */
export type ClientWordsPlan = readonly SharedArrayBuffer[];

export function createClientWords(cores: number): ClientWordsPlan {
  const bytes = PLACES_PER_CORE * WORDS_PER_PLACE * Int32Array.BYTES_PER_ELEMENT;
  return Array.from({ length: cores }, () => new SharedArrayBuffer(bytes));
}

export class ClientWords {
  readonly #words: readonly Int32Array[];
  readonly #core: number;
  readonly #free: number[] = [];
  #fresh = 0;

  constructor(plan: ClientWordsPlan, core: number) {
    this.#words = plan.map((memory) => new Int32Array(memory));
    this.#core = core;
  }

  // ------------------------------------------------------------------ this core's clients

  /** A place for a client of this core; no two clients of any cores have the same. */
  takePlace(): number {
    const freed = this.#free.pop();
    if (freed !== undefined) return freed;
    assert(this.#fresh < PLACES_PER_CORE, 'a core has fewer clients than places');
    return (this.#core << PLACE_BITS) | this.#fresh++;
  }

  givePlace(place: number): void {
    this.#free.push(place);
  }

  /** A wait begins; returns what names it: anybody may `claim` it from now on. */
  openClaim(place: number): number {
    return this.#open(place, CLAIM);
  }

  /** A WATCH begins; returns what names it. */
  openWatch(place: number): number {
    return this.#open(place, WATCH);
  }

  // ------------------------------------------------------------------ any core's clients

  /** Claims the wait `value` of the client at `place`; true: the caller, and nobody else, answers it. */
  claim(place: number, value: number): boolean {
    return this.#mark(place, CLAIM, value);
  }

  /** False when the wait `value` of the client at `place` is claimed, or over. */
  isOpen(place: number, value: number): boolean {
    return Atomics.load(this.#words[place >>> PLACE_BITS], wordOf(place, CLAIM)) === value;
  }

  /** A key that the client at `place` watches under `value` has changed. */
  markDirty(place: number, value: number): void {
    this.#mark(place, WATCH, value);
  }

  /** True when no key watched under `value` has changed. */
  isClean(place: number, value: number): boolean {
    return Atomics.load(this.#words[place >>> PLACE_BITS], wordOf(place, WATCH)) === value;
  }

  #open(place: number, which: number): number {
    const words = this.#words[this.#core];
    const word = wordOf(place, which);
    const value = ((Atomics.load(words, word) & ~MARK) + NEXT_GENERATION) | 0;
    Atomics.store(words, word, value);
    return value;
  }

  #mark(place: number, which: number, value: number): boolean {
    const words = this.#words[place >>> PLACE_BITS];
    return Atomics.compareExchange(words, wordOf(place, which), value, value | MARK) === value;
  }
}

function wordOf(place: number, which: number): number {
  return (place & PLACE_MASK) * WORDS_PER_PLACE + which;
}
