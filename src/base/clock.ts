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

/** Beyond this distance from the wall clock the microsecond reading follows the wall clock (it was set, or drifted). */
const DRIFT_US_MAX = 2000;

/** Wall microseconds at the monotonic clock's zero, per clock. */
const anchors = new WeakMap<Clock, number>();

/** Wall time in whole Unix microseconds: the monotonic clock anchored to the wall clock, never far from `nowMs()`. */
export function unixMicroseconds(clock: Clock): number {
  const monotonic = clock.monotonicUs();
  const wall = clock.nowMs() * 1000;
  let anchor = anchors.get(clock);
  if (anchor === undefined || Math.abs(anchor + monotonic - wall) > DRIFT_US_MAX) {
    anchor = wall - monotonic;
    anchors.set(clock, anchor);
  }
  return Math.floor(anchor + monotonic);
}
