// Words of running transactions: reuse, and no end that nobody hears of.

import { describe, expect, it } from 'vitest';
import { createTxnWords, TxnWords, WORDS_PER_CORE } from '../../../src/fabric/txn-words.js';

describe('words of transactions', () => {
  it('tell a running transaction from one that has ended, and from the next one in the same word', () => {
    const plan = createTxnWords(2);
    const [own, other] = [new TxnWords(plan, 1), new TxnWords(plan, 0)];
    const word = own.begin();
    const value = own.valueOf(word);
    expect(other.isRunning(word, value)).toBe(true);
    expect(own.end(word)).toBe(false);
    expect(other.isRunning(word, value)).toBe(false);
    expect(own.begin()).toBe(word);
    expect(other.isRunning(word, value)).toBe(false);
    expect(other.isRunning(word, own.valueOf(word))).toBe(true);
    own.end(word);
    expect(own.isIdle()).toBe(true);
  });

  it('either tell the end, or say that it has come', () => {
    const plan = createTxnWords(2);
    const [own, other] = [new TxnWords(plan, 0), new TxnWords(plan, 1)];
    const word = own.begin();
    const value = own.valueOf(word);
    expect(other.await(word, value)).toBe(true);
    expect(other.await(word, value)).toBe(true);
    expect(other.isRunning(word, value)).toBe(true);
    expect(own.valueOf(word)).toBe(value);
    expect(own.end(word)).toBe(true);
    expect(other.await(word, value)).toBe(false);
    own.begin();
    expect(own.end(word), 'what was awaited of an earlier transaction').toBe(false);
  });

  it('are different ones for all cores, and limited', () => {
    const plan = createTxnWords(2);
    const [a, b] = [new TxnWords(plan, 0), new TxnWords(plan, 1)];
    const words = new Set<number>();
    for (let i = 0; i < WORDS_PER_CORE; i++) words.add(a.begin()).add(b.begin());
    expect(words.size).toBe(2 * WORDS_PER_CORE);
    expect(a.begin()).toBe(-1);
    a.end(5);
    expect(a.begin()).toBe(5);
    expect(() => new TxnWords(plan, 2)).toThrow('words for every core');
  });

  it('go on when their generations have run over', () => {
    const plan = createTxnWords(1);
    new Int32Array(plan)[0] = 0x7ffffffe;
    const words = new TxnWords(plan, 0);
    const word = words.begin();
    const value = words.valueOf(word);
    expect(words.await(word, value)).toBe(true);
    expect(words.end(word)).toBe(true);
    expect(words.isRunning(word, value)).toBe(false);
    expect(words.valueOf(words.begin())).toBe(-0x80000000);
  });
});
