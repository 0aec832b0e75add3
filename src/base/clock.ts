// The clock comes in by the constructor, so that the simulator and the tests can hold or turn it.

export interface Clock {
  /** Wall time, Unix milliseconds. */
  nowMs(): number;
  /** Monotonic time in microseconds from an arbitrary start; fractions allowed. */
  monotonicUs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicUs: () => performance.now() * 1000,
};
