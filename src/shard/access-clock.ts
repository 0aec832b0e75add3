// The 24 bits of an entry that say when or how often it was used, as Redis keeps them (evict.c), so that OBJECT and
// eviction give the same answers.
//
//   LRU   seconds, modulo 2^24
//   LFU   | minutes of the last decay : 16 | counter : 8 |    counter: logarithmic, 5 for a new key, one less per minute

import type { Random } from '../base/prng.js';
import { CLOCK_MASK } from '../structures/entry-layout.js';

const LFU_INITIAL = 5;
const LFU_COUNTER_MAX = 255;
const MINUTES_MASK = 0xffff;
const LFU_LOG_FACTOR = 10;
const LFU_DECAY_MINUTES = 1;

export function lruClock(nowMs: number): number {
  return Math.floor(nowMs / 1000) & CLOCK_MASK;
}

/** Milliseconds since the entry was used, in whole seconds. */
export function lruIdleMs(clock: number, nowMs: number): number {
  const now = lruClock(nowMs);
  return (now >= clock ? now - clock : now + CLOCK_MASK - clock) * 1000;
}

function lfuMinutes(nowMs: number): number {
  return Math.floor(nowMs / 60000) & MINUTES_MASK;
}

export function lfuInitialClock(nowMs: number): number {
  return lfuClock(nowMs, LFU_INITIAL);
}

/** The clock of an entry with this counter (0 to 255), just decayed. */
export function lfuClock(nowMs: number, counter: number): number {
  return (lfuMinutes(nowMs) << 8) | counter;
}

/** The counter after its decay since it was last touched. */
export function lfuCounter(clock: number, nowMs: number): number {
  const now = lfuMinutes(nowMs);
  const then = clock >>> 8;
  const elapsed = now >= then ? now - then : MINUTES_MASK - then + now;
  return Math.max(0, (clock & LFU_COUNTER_MAX) - Math.floor(elapsed / LFU_DECAY_MINUTES));
}

/** The clock after one more use: the higher the counter, the less likely it rises. */
export function lfuTouched(clock: number, nowMs: number, random: Random): number {
  let counter = lfuCounter(clock, nowMs);
  if (counter < LFU_COUNTER_MAX) {
    const above = Math.max(0, counter - LFU_INITIAL);
    if (random.next32() / 4294967296 < 1 / (above * LFU_LOG_FACTOR + 1)) counter++;
  }
  return (lfuMinutes(nowMs) << 8) | counter;
}
