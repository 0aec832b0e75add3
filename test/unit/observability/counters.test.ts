// The layout of a row of counters, and what RESETSTAT clears.

import { describe, expect, it } from 'vitest';
import {
  COMMAND_COUNTERS,
  COUNTER_NAMES,
  COUNTER_SLOTS,
  CounterLayout,
  DB_COUNTERS,
  ERROR_CODES,
} from '../../../src/observability/counters.js';

describe('the row of counters', () => {
  const layout = new CounterLayout(16, 100);

  it('gives every counter a slot of its own, without gaps', () => {
    const slots = [
      ...COUNTER_NAMES.map((name) => COUNTER_SLOTS[name]),
      ...ERROR_CODES.map((code) => layout.error(code)),
      ...Array.from({ length: 16 }, (_, db) => DB_COUNTERS.map((_, i) => layout.db(db) + i)).flat(),
      ...Array.from({ length: 100 }, (_, id) => COMMAND_COUNTERS.map((_, i) => layout.command(id) + i)).flat(),
    ];
    expect(slots).toEqual(Array.from({ length: layout.slots }, (_, i) => i));
  });

  it('knows what a reset clears and how threads combine', () => {
    expect(layout.kind(COUNTER_SLOTS.keyspaceHits)).toBe('total');
    expect(layout.kind(COUNTER_SLOTS.connectedClients)).toBe('gauge');
    expect(layout.kind(COUNTER_SLOTS.largestInputBufferBytes)).toBe('peak');
    expect(layout.kind(layout.error('ERR'))).toBe('total');
    expect(layout.kind(layout.db(0))).toBe('gauge');
    expect(layout.kind(layout.db(15) + 1)).toBe('gauge');
    expect(layout.kind(layout.command(0))).toBe('total');
    expect(layout.kind(layout.slots - 1)).toBe('total');
  });

  it('counts unknown error codes together', () => {
    expect(layout.error('MYOWN')).toBe(layout.error('OTHER'));
    expect(layout.error('WRONGTYPE')).not.toBe(layout.error('OTHER'));
  });
});
