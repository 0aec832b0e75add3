// Waking a thread that sleeps in its event loop.
//
// Every thread has one word in shared memory, on a line of its own: AWAKE or PARKED. A parked thread waits in libuv's
// poll, where its sockets and timers go on waking it; `Atomics.waitAsync` on the word adds "or when a peer calls".
// A waker costs about 20 us of CPU on both sides together (src/decisions/0003), so the word is there to be looked at first.
//
//   sleeper                              waker
//   1. word = PARKED                     1. publish (tail, head: a shared store)
//   2. look at every source once more    2. load the word; AWAKE: done
//   3. nothing found: wait               3. compareExchange PARKED -> AWAKE; who wins notifies, exactly one
//
// Invariant: no wake-up is lost. All four accesses are sequentially consistent, so there is one order of them all. If the
// sleeper's look (2) does not see what was published, then the look comes before the publication in that order; then
// the word was PARKED before the waker loads it, and the waker (or another one that was faster) wins the exchange.
// Its notify finds the sleeper either waiting, and wakes it, or not yet waiting: then `waitAsync` itself compares
// the word with PARKED, under the same lock that notify takes, and refuses to wait.
//
// A thread that something else woke stores AWAKE and leaves its wait standing for the next time; at most one wait per
// thread is ever pending. So a late notify may end the next sleep early: one empty cycle, never a missed record.
//
// `waitAsync` does not keep a process or worker alive: its event loop needs another reason to run (a listening socket,
// a message handler), or it ends.

import { assert } from '../base/assert.js';
import { LINE_BYTES } from './ring-layout.js';

const AWAKE = 0;
const PARKED = 1;
const WORDS_PER_LINE = LINE_BYTES / Int32Array.BYTES_PER_ELEMENT;

/** Shared memory for the words of `threads` threads. */
export function createWakeWords(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * LINE_BYTES);
}

/** One thread's hold on the words: it parks itself and wakes others. */
export class Waker {
  readonly #words: Int32Array;
  readonly #selfWord: number;
  readonly #woken: () => void;
  #waiting = false;

  /** `woken` runs on this thread's event loop after a peer's wake-up, with the word back at AWAKE. */
  constructor(memory: SharedArrayBuffer, self: number, woken: () => void) {
    assert(self >= 0 && (self + 1) * LINE_BYTES <= memory.byteLength, 'a word for every thread');
    this.#words = new Int32Array(memory);
    this.#selfWord = self * WORDS_PER_LINE;
    this.#woken = woken;
  }

  /** Step 1 of the sleeper; what follows must be a look at every source. */
  announce(): void {
    Atomics.store(this.#words, this.#selfWord, PARKED);
  }

  /** Takes the announcement back: peers need not wake this thread. */
  retract(): void {
    Atomics.store(this.#words, this.#selfWord, AWAKE);
  }

  /** Step 3 of the sleeper: arms the wake-up. False: a peer has called in between, so there is work. */
  wait(): boolean {
    if (this.#waiting) return Atomics.load(this.#words, this.#selfWord) === PARKED;
    const result = Atomics.waitAsync(this.#words, this.#selfWord, PARKED);
    if (!result.async) return false;
    this.#waiting = true;
    void result.value.then(this.#onNotified);
    return true;
  }

  /** Wakes `peer` if it is parked and nobody else has; true when this call did. Comes after the publishing store. */
  wake(peer: number): boolean {
    const word = peer * WORDS_PER_LINE;
    if (Atomics.load(this.#words, word) === AWAKE) return false;
    if (Atomics.compareExchange(this.#words, word, PARKED, AWAKE) !== PARKED) return false;
    Atomics.notify(this.#words, word, 1);
    return true;
  }

  readonly #onNotified = (): void => {
    this.#waiting = false;
    Atomics.store(this.#words, this.#selfWord, AWAKE);
    this.#woken();
  };
}
