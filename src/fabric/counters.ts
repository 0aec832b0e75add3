// Counters that every thread writes without asking and any thread may add up.
//
//   | thread 0: slot 0, slot 1, ... | unused | thread 1: slot 0, ... | unused | ...      rows begin on lines of their own
//
// A thread writes its own row only, with plain stores: no atomics, no contention. A reader sees values that are a
// moment old, each whole (processors store aligned 64-bit words at once), not all of one instant.
// Limit: values are doubles, exact up to 2^53.

import { assert } from '../base/assert.js';
import { LINE_BYTES } from './ring-layout.js';

const VALUE_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** What the threads share: structured-clonable. */
export interface CountersPlan {
  readonly threads: number;
  readonly slots: number;
  readonly memory: SharedArrayBuffer;
}

function rowLength(slots: number): number {
  return Math.ceil((slots * VALUE_BYTES) / LINE_BYTES) * (LINE_BYTES / VALUE_BYTES);
}

/** `slots` counters, all 0, for each of `threads`. */
export function createCounters(threads: number, slots: number): CountersPlan {
  assert(threads >= 1 && slots >= 1, 'counters for somebody');
  return { threads, slots, memory: new SharedArrayBuffer(threads * rowLength(slots) * VALUE_BYTES) };
}

/** One thread's view: writes its own row, reads all. */
export class Counters {
  readonly threads: number;
  readonly slots: number;
  readonly #values: Float64Array;
  readonly #rowLength: number;
  readonly #row: number;

  constructor(plan: CountersPlan, self: number) {
    assert(self >= 0 && self < plan.threads, 'a row for every thread');
    this.threads = plan.threads;
    this.slots = plan.slots;
    this.#values = new Float64Array(plan.memory);
    this.#rowLength = rowLength(plan.slots);
    this.#row = self * this.#rowLength;
  }

  /** Adds to this thread's counter. */
  add(slot: number, n: number): void {
    this.#values[this.#row + slot] += n;
  }

  /** Sets this thread's counter. */
  set(slot: number, value: number): void {
    this.#values[this.#row + slot] = value;
  }

  /** This thread's counter. */
  get(slot: number): number {
    return this.#values[this.#row + slot];
  }

  /** The counter of `thread`. */
  of(thread: number, slot: number): number {
    assert(thread >= 0 && thread < this.threads && slot >= 0 && slot < this.slots, 'an existing counter');
    return this.#values[thread * this.#rowLength + slot];
  }

  /** The sum over all threads. */
  total(slot: number): number {
    let sum = 0;
    for (let thread = 0; thread < this.threads; thread++) sum += this.of(thread, slot);
    return sum;
  }
}
