// What a shard holds for transactions, and who waits for it in which order.

import { describe, expect, it } from 'vitest';
import { createTxnWords, TxnWords } from '../../../src/fabric/txn-words.js';
import { Holds } from '../../../src/txn/holds.js';

interface Transaction {
  readonly word: number;
  readonly value: number;
}

function setUp() {
  const words = new TxnWords(createTxnWords(1), 0);
  const holds = new Holds(words);
  const ran: string[] = [];
  const begin = (): Transaction => {
    const word = words.begin();
    return { word, value: words.valueOf(word) };
  };
  const hold = (transaction: Transaction, ...keys: readonly (readonly [hash: number, exclusive: boolean])[]): void => {
    holds.sweep();
    holds.hold(
      transaction.word,
      transaction.value,
      keys.map(([hash, exclusive]) => ({ hash, exclusive })),
      'none',
    );
  };
  const park = (hash: number, name: string): void => {
    holds.park(hash, { proceed: () => ran.push(name) });
  };
  const cycle = (): string[] => {
    holds.sweep();
    holds.resume();
    return ran.splice(0);
  };
  return { words, holds, begin, hold, park, cycle };
}

describe('holds', () => {
  it('block writers and, where they are exclusive, readers', () => {
    const { holds, begin, hold } = setUp();
    hold(begin(), [1, false], [2, true]);
    expect([holds.blocksKey(1, false), holds.blocksKey(1, true)]).toEqual([false, true]);
    expect([holds.blocksKey(2, false), holds.blocksKey(2, true)]).toEqual([true, true]);
    expect([holds.blocksKey(3, false), holds.blocksKey(3, true)]).toEqual([false, false]);
    expect(holds.blocksWhole).toBe(true);
    expect([holds.isHeld(1), holds.isHeld(2), holds.isHeld(3)]).toEqual([true, true, false]);
  });

  it('are shared by readers, and go with the last of them', () => {
    const { holds, words, begin, hold } = setUp();
    const [a, b] = [begin(), begin()];
    hold(a, [1, false]);
    hold(b, [1, false], [2, false]);
    expect(holds.blocksWhole).toBe(false);
    words.end(a.word);
    holds.sweep();
    expect(holds.blocksKey(1, true)).toBe(true);
    words.end(b.word);
    expect(holds.sweep()).toBe(true);
    expect(holds.blocksKey(1, true)).toBe(false);
    expect(holds.isIdle).toBe(true);
    expect(holds.sweep()).toBe(false);
  });

  it('find out transactions that conflict', () => {
    const { begin, hold } = setUp();
    hold(begin(), [1, true]);
    expect(() => {
      hold(begin(), [1, false]);
    }).toThrow('transactions that conflict do not hold at the same time');
  });

  it('of one transaction may name a key twice, and come in several hops', () => {
    const { holds, words, begin, hold } = setUp();
    const a = begin();
    hold(a, [1, false], [1, true]);
    hold(a, [1, true], [2, true]);
    expect(holds.active).toBe(1);
    expect(holds.blocksKey(1, false)).toBe(true);
    words.end(a.word);
    holds.sweep();
    expect(holds.isIdle).toBe(true);
  });

  it('of a transaction that is about to end are free to those who wait for what it brought', () => {
    const { holds, words, begin, hold } = setUp();
    const [a, b] = [begin(), begin()];
    hold(a, [1, true]);
    hold(b, [2, true]);
    holds.ending = a.word;
    expect([holds.isHeld(1), holds.isHeld(2)]).toEqual([false, true]);
    expect(holds.blocksKey(1, true), 'not to commands').toBe(true);
    expect(words.end(a.word), 'nobody waits for its end').toBe(false);
    expect(words.end(b.word)).toBe(true);
  });

  it('tell the end of a transaction that came to share a key with parked work', () => {
    const { holds, words, begin, hold, park, cycle } = setUp();
    const [a, b] = [begin(), begin()];
    hold(a, [1, false]);
    park(1, 'writer');
    hold(b, [1, false]);
    expect(words.end(a.word), 'somebody waits for the first').toBe(true);
    expect(cycle()).toEqual([]);
    expect(words.end(b.word), 'and for the second').toBe(true);
    expect(cycle()).toEqual(['writer']);
    expect(holds.isIdle).toBe(true);
  });

  it('tell when the oldest transaction runs that holds something', () => {
    const { holds, words, begin } = setUp();
    const [a, b] = [begin(), begin()];
    holds.hold(a.word, a.value, [{ hash: 1, exclusive: true }], 'none', 5);
    holds.hold(b.word, b.value, [{ hash: 2, exclusive: true }], 'none', 7);
    expect(holds.oldestMs).toBe(5);
    words.end(a.word);
    holds.sweep();
    expect(holds.oldestMs).toBe(7);
    words.end(b.word);
    holds.sweep();
    expect(holds.oldestMs).toBe(Infinity);
  });

  it('drop an ended transaction although its word is in use again', () => {
    const { holds, words, begin, hold } = setUp();
    const a = begin();
    hold(a, [1, true]);
    words.end(a.word);
    const b = begin();
    expect(b.word).toBe(a.word);
    expect(holds.isHeld(1), 'asked before the sweep').toBe(false);
    hold(b, [2, true]);
    expect(holds.blocksKey(1, true)).toBe(false);
    expect(holds.blocksKey(2, false)).toBe(true);
  });

  it('of the whole shard block everything, or all writers', () => {
    const { holds, words, begin } = setUp();
    const [a, b] = [begin(), begin()];
    holds.hold(a.word, a.value, [], 'shared');
    expect([holds.blocksKey(1, false), holds.blocksKey(1, true), holds.blocksWhole]).toEqual([false, true, false]);
    words.end(a.word);
    holds.sweep();
    holds.hold(b.word, b.value, [], 'exclusive');
    expect([holds.blocksKey(1, false), holds.blocksKey(1, true), holds.blocksWhole]).toEqual([true, true, true]);
    expect(holds.isHeld(1)).toBe(true);
    words.end(b.word);
    holds.sweep();
    expect(holds.isIdle).toBe(true);
  });
});

describe('parked work', () => {
  it('goes on in order, and asks to be told', () => {
    const { words, holds, begin, hold, park, cycle } = setUp();
    const [a, b] = [begin(), begin()];
    hold(a, [1, true]);
    hold(b, [2, true]);
    park(1, 'first');
    park(2, 'other');
    park(1, 'second');
    expect(holds.active).toBe(5);
    expect(cycle()).toEqual([]);
    expect(words.end(a.word)).toBe(true);
    expect(cycle()).toEqual(['first', 'second']);
    expect(words.end(b.word)).toBe(true);
    expect(cycle()).toEqual(['other']);
    expect(holds.isIdle).toBe(true);
  });

  it('keeps everybody who comes later behind it, readers too', () => {
    const { words, holds, begin, hold, park, cycle } = setUp();
    const a = begin();
    hold(a, [1, false]);
    expect(holds.blocksKey(1, false)).toBe(false);
    park(1, 'writer');
    expect(holds.blocksKey(1, false)).toBe(true);
    park(1, 'reader');
    words.end(a.word);
    expect(holds.blocksKey(1, false), 'before the sweep').toBe(true);
    expect(cycle()).toEqual(['writer', 'reader']);
  });

  it('that was parked when the transaction had just ended goes on with the next sweep', () => {
    const { words, begin, hold, park, cycle } = setUp();
    const a = begin();
    hold(a, [1, true]);
    expect(words.end(a.word), 'nobody waited').toBe(false);
    park(1, 'late');
    expect(cycle()).toEqual(['late']);
  });

  it('goes on between two transactions that follow each other', () => {
    const { words, holds, begin, hold, park, cycle } = setUp();
    const [a, b] = [begin(), begin()];
    hold(a, [1, true]);
    park(1, 'between');
    words.end(a.word);
    expect(cycle()).toEqual(['between']); // as handleHop does before it holds
    hold(b, [1, true]);
    expect(holds.blocksKey(1, false)).toBe(true);
  });

  it('waits for all readers', () => {
    const { words, begin, hold, park, cycle } = setUp();
    const [a, b] = [begin(), begin()];
    hold(a, [1, false]);
    hold(b, [1, false]);
    park(1, 'writer');
    expect(words.end(a.word)).toBe(true);
    expect(cycle()).toEqual([]);
    expect(words.end(b.word)).toBe(true);
    expect(cycle()).toEqual(['writer']);
  });

  it('may park again, elsewhere or where it was, and what is behind it keeps its order', () => {
    const { words, holds, begin, hold, cycle, park } = setUp();
    const [a, b] = [begin(), begin()];
    const ran: string[] = [];
    hold(a, [1, true]);
    hold(b, [2, true]);
    // Needs both keys, one after the other, as a record of commands does.
    const both = {
      proceed: (): void => {
        for (const hash of [1, 2]) {
          if (!holds.blocksKey(hash, true)) continue;
          holds.park(hash, both);
          return;
        }
        ran.push('both');
      },
    };
    holds.park(1, both);
    park(1, 'behind');
    words.end(a.word);
    expect(cycle()).toEqual(['behind']);
    expect(ran).toEqual([]);
    const c = begin();
    hold(c, [1, true]);
    words.end(b.word);
    cycle();
    expect(ran, 'its first key is held anew').toEqual([]);
    words.end(c.word);
    cycle();
    expect(ran).toEqual(['both']);
    expect(holds.isIdle).toBe(true);
  });

  it('waits for the whole shard as well', () => {
    const { words, holds, begin, park, cycle } = setUp();
    const a = begin();
    holds.hold(a.word, a.value, [], 'exclusive');
    park(7, 'work');
    expect(cycle()).toEqual([]);
    expect(words.end(a.word)).toBe(true);
    expect(cycle()).toEqual(['work']);
    expect(holds.isIdle).toBe(true);
  });
});
