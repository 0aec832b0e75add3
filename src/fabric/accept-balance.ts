// Even spreading of connections over threads that accept on one shared listening descriptor.
//
// The kernel wakes every waiting thread for a new connection and the fastest one takes it, so shares drift apart. A
// thread that has just taken one above its share therefore stands still for a moment, until another thread has taken a
// connection or PATIENCE_MS is over, and so leaves the next one to the others. Under a burst of connections this evens
// the shares to one; a thread within its share never waits.
//
// Memory: one Int32 per thread (open connections), then one Int32 that counts accepts (the word waited on).

/** Longest stand-still per accepted connection. Others take a waiting connection within some 50 µs of their wake-up. */
const PATIENCE_MS = 1;

export type AcceptBalancePlan = SharedArrayBuffer;

/** Shared memory for `threads` accepting threads. */
export function createAcceptBalance(threads: number): AcceptBalancePlan {
  return new SharedArrayBuffer((threads + 1) * Int32Array.BYTES_PER_ELEMENT);
}

/** One thread's view. */
export class AcceptBalance {
  readonly #words: Int32Array;
  readonly #self: number;
  readonly #threads: number;
  readonly #patienceMs: number;

  /** @param patienceMs 0 where no other thread could take the next connection meanwhile */
  constructor(plan: AcceptBalancePlan, self: number, patienceMs = PATIENCE_MS) {
    this.#words = new Int32Array(plan);
    this.#threads = this.#words.length - 1;
    this.#self = self;
    this.#patienceMs = patienceMs;
  }

  /** Connections open on all threads. */
  total(): number {
    let sum = 0;
    for (let i = 0; i < this.#threads; i++) sum += Atomics.load(this.#words, i);
    return sum;
  }

  /** This thread has accepted one: stands still for a moment when that is more than its share. */
  accepted(): void {
    const words = this.#words;
    const mine = Atomics.add(words, this.#self, 1) + 1;
    const turn = Atomics.add(words, this.#threads, 1) + 1;
    Atomics.notify(words, this.#threads);
    const aboveShare = mine * this.#threads > this.total() + this.#threads - 1;
    if (aboveShare && this.#patienceMs > 0) Atomics.wait(words, this.#threads, turn, this.#patienceMs);
  }

  /** One of this thread's connections is gone. */
  closed(): void {
    Atomics.sub(this.#words, this.#self, 1);
  }
}
