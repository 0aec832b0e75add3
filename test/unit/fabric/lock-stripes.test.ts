// Lock stripes step by step: who gets what when. Real threads: test/concurrency/lock-stripes.test.ts.

import { describe, expect, it } from 'vitest';
import { createLockStripes, LockStripes, STRIPES, StripeSet } from '../../../src/fabric/lock-stripes.js';

/** `+3`: the key with hash 3, exclusively; `3`: shared; `whole` and `+whole` likewise. */
function setOf(...keys: readonly string[]): StripeSet {
  const set = new StripeSet(keys.includes('+whole'));
  for (const key of keys) if (!key.endsWith('whole')) set.addKey(Number(key.replace('+', '')), key.startsWith('+'));
  set.seal();
  return set;
}

function setUp(cores: number): { locks: LockStripes[]; woken: number[]; wakes: (core: number) => void } {
  const plan = createLockStripes();
  const woken: number[] = [];
  return {
    locks: Array.from({ length: cores }, (_, core) => new LockStripes(plan, core)),
    woken,
    wakes: (core) => woken.push(core),
  };
}

describe('stripe sets', () => {
  it('hold every stripe once, in order, the stronger mode', () => {
    const set = setOf('9', '+2', '9', '2', '+9', `${STRIPES + 5}`, '5', '+5');
    expect(set.size).toBe(4); // and the whole
    expect([set.isExclusive(0), set.isExclusive(1), set.isExclusive(2), set.isExclusive(3)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
    const words = Array.from({ length: set.size }, (_, i) => set.wordAt(i));
    expect(words).toEqual([...words].sort((a, b) => a - b));
  });

  it('take negative hashes', () => {
    const set = setOf('-1', `${STRIPES - 1}`);
    expect(set.size).toBe(2);
  });
});

describe('trying', () => {
  it('gives all or nothing', () => {
    const { locks, wakes, woken } = setUp(2);
    const [a, b] = locks;
    const first = setOf('+1', '2');
    expect(a.tryLock(first, wakes)).toBe(true);
    for (const refused of [setOf('1'), setOf('+1'), setOf('+2'), setOf('0', '+2', '3'), setOf('+whole')]) {
      expect(b.tryLock(refused, wakes)).toBe(false);
      expect(refused.taken).toBe(0);
    }
    const beside = setOf('+0', '2', '+3');
    expect(b.tryLock(beside, wakes)).toBe(true);
    a.unlock(first, wakes);
    expect(a.tryLock(first, wakes)).toBe(true); // 1 is free, 2 is shared
    a.unlock(first, wakes);
    b.unlock(beside, wakes);
    expect(a.isIdle()).toBe(true);
    expect(woken).toEqual([]);
  });

  it('keeps the whole keyspace and single keys apart, both ways', () => {
    const { locks, wakes } = setUp(2);
    const [a, b] = locks;
    const whole = setOf('+whole');
    expect(a.tryLock(whole, wakes)).toBe(true);
    expect(b.tryLock(setOf('1'), wakes)).toBe(false);
    a.unlock(whole, wakes);
    const readers = [setOf('1'), setOf('1', '2'), setOf('1')];
    for (const set of readers) expect(b.tryLock(set, wakes)).toBe(true);
    expect(a.tryLock(whole, wakes)).toBe(false);
    for (const set of readers) b.unlock(set, wakes);
    expect(a.tryLock(whole, wakes)).toBe(true);
    a.unlock(whole, wakes);
    expect(a.isIdle()).toBe(true);
  });
});

describe('turns', () => {
  it('come in the order of the tickets, and pass on', () => {
    const { locks, wakes, woken } = setUp(3);
    const [a, b, c] = locks;
    const held = setOf('+1');
    expect(a.tryLock(held, wakes)).toBe(true);
    const [ofB, ofC] = [setOf('+1'), setOf('+1')];
    expect(b.queue()).toBe(true);
    expect(c.queue()).toBe(false);
    expect(b.lockInTurn(ofB, wakes)).toBe(false);
    expect(c.isTurn()).toBe(false);
    a.unlock(held, wakes);
    expect(woken).toEqual([1]);
    expect(b.lockInTurn(ofB, wakes)).toBe(true);
    expect(woken).toEqual([1, 2]);
    expect(c.isTurn()).toBe(true);
    expect(c.lockInTurn(ofC, wakes)).toBe(false);
    b.unlock(ofB, wakes);
    expect(woken).toEqual([1, 2, 2]);
    expect(c.lockInTurn(ofC, wakes)).toBe(true);
    c.unlock(ofC, wakes);
    expect(woken).toEqual([1, 2, 2]);
    expect(a.isIdle()).toBe(true);
  });

  it('bar newcomers from what is wanted, and only from that', () => {
    const { locks, wakes, woken } = setUp(2);
    const [a, b] = locks;
    const [first, second] = [setOf('1'), setOf('1', '2')];
    expect(a.tryLock(first, wakes)).toBe(true);
    expect(a.tryLock(second, wakes)).toBe(true);
    const waits = setOf('+1', '+2');
    b.queue();
    expect(b.lockInTurn(waits, wakes)).toBe(false);
    expect(a.tryLock(setOf('1'), wakes)).toBe(false); // a reader would have been let in without b
    expect(a.tryLock(setOf('+whole'), wakes)).toBe(false);
    const other = setOf('2', '+3');
    expect(a.tryLock(other, wakes)).toBe(true);
    a.unlock(first, wakes);
    expect(woken).toEqual([1]);
    expect(b.lockInTurn(waits, wakes)).toBe(false);
    a.unlock(second, wakes);
    expect(b.lockInTurn(waits, wakes)).toBe(false); // has 1, waits for 2
    expect(waits.taken).toBe(2);
    a.unlock(other, wakes);
    expect(b.lockInTurn(waits, wakes)).toBe(true);
    b.unlock(waits, wakes);
    expect(a.isIdle()).toBe(true);
  });

  it('tell the one who waits of what was taken for a moment only', () => {
    const { locks, wakes, woken } = setUp(3);
    const [a, b, c] = locks;
    const blocks = setOf('+9');
    a.tryLock(blocks, wakes);
    // c has taken 1 and is about to fail at 9, when b begins to want 1: here in one thread b comes first, and c fails at 1.
    const ofB = setOf('+1');
    const reader = setOf('1');
    a.tryLock(reader, wakes);
    b.queue();
    expect(b.lockInTurn(ofB, wakes)).toBe(false);
    expect(c.tryLock(setOf('0', '1', '9'), wakes)).toBe(false);
    a.unlock(reader, wakes);
    expect(woken).toEqual([1]);
    expect(b.lockInTurn(ofB, wakes)).toBe(true);
    b.unlock(ofB, wakes);
    a.unlock(blocks, wakes);
    expect(c.isIdle()).toBe(true);
  });

  it('are drawn again and again, past the number of owners', () => {
    const { locks, wakes } = setUp(2);
    for (let i = 0; i < 3000; i++) {
      const core = locks[i % 2];
      const set = setOf(i % 3 === 0 ? '+whole' : '+7');
      expect(core.queue()).toBe(true);
      expect(core.lockInTurn(set, wakes)).toBe(true);
      core.unlock(set, wakes);
    }
    expect(locks[0].isIdle()).toBe(true);
  });

  it('are one for each core', () => {
    const { locks } = setUp(1);
    locks[0].queue();
    expect(() => locks[0].queue()).toThrow('a core has one ticket at a time');
  });
});
