import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemLoop } from '../../../src/base/event-loop.js';
import { PauseState } from '../../../src/engine/pause.js';

const DAY_MS = 86_400_000;

describe('PauseState', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lasts longer than one timer can', () => {
    const pause = new PauseState(systemLoop, () => undefined);
    pause.start('all', Date.now() + 60 * DAY_MS, Date.now());
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(pause.active).toBe(true);
    vi.advanceTimersByTime(1);
    expect(pause.active).toBe(false);
  });

  it('ends early when it is told to, however long it was to be', () => {
    const pause = new PauseState(systemLoop, () => undefined);
    pause.start('write', Number.MAX_SAFE_INTEGER, Date.now());
    expect([pause.stops(true), pause.stops(false)]).toEqual([true, false]);
    pause.end();
    expect(pause.stops(true)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
