// "Instantaneous" figures of INFO: the mean rate over the last samples of a counter that only grows.
//
//   samples   | t0: total | t1: total | ... |      a ring of SAMPLES_MAX, taken by whoever has a timer
//
// The rate is what was counted between the oldest and the newest sample, per second. A counter that went back
// (CONFIG RESETSTAT) starts over.

/** At Redis's ten samples a second these are the last 1.6 seconds. */
export const SAMPLES_MAX = 16;

export class RateMeter {
  readonly #times = new Float64Array(SAMPLES_MAX);
  readonly #totals = new Float64Array(SAMPLES_MAX);
  /** Samples held, and where the next one goes. */
  #count = 0;
  #next = 0;

  /** Takes a sample: the counter's `total` at `nowMs`. A second one at the same time is dropped. */
  sample(nowMs: number, total: number): void {
    if (this.#count > 0) {
      const last = (this.#next + SAMPLES_MAX - 1) % SAMPLES_MAX;
      if (nowMs <= this.#times[last]) return;
      if (total < this.#totals[last]) this.#count = 0;
    }
    this.#times[this.#next] = nowMs;
    this.#totals[this.#next] = total;
    this.#next = (this.#next + 1) % SAMPLES_MAX;
    if (this.#count < SAMPLES_MAX) this.#count++;
  }

  /** Counts per second over the samples held; 0 with fewer than two. */
  perSecond(): number {
    if (this.#count < 2) return 0;
    const newest = (this.#next + SAMPLES_MAX - 1) % SAMPLES_MAX;
    const oldest = (this.#next + SAMPLES_MAX - this.#count) % SAMPLES_MAX;
    const elapsedMs = this.#times[newest] - this.#times[oldest];
    return ((this.#totals[newest] - this.#totals[oldest]) * 1000) / elapsedMs;
  }
}
