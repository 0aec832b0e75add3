// Rows of keys that somebody is interested in.

import { describe, expect, it } from 'vitest';
import { KeyTable } from '../../../src/shard/key-table.js';

const bytes = Buffer.from('..alpha.beta');
const [alpha, beta] = [
  [2, 7],
  [8, 12],
] as const;

describe('key table', () => {
  it('finds a key by database and bytes, whatever the hash says', () => {
    const table = new KeyTable<string>();
    const a = table.ensure(0, 5, bytes, ...alpha);
    const b = table.ensure(0, 5, bytes, ...beta);
    const other = table.ensure(1, 5, bytes, ...alpha);
    expect(new Set([a, b, other]).size).toBe(3);
    expect(table.ensure(0, 5, bytes, ...alpha)).toBe(a);
    expect(table.find(0, 5, Buffer.from('alpha'), 0, 5)).toBe(a);
    expect(table.find(0, 6, bytes, ...alpha)).toBeUndefined();
    expect(table.find(2, 5, bytes, ...alpha)).toBeUndefined();
    expect(table.size).toBe(3);
    expect([...table.rows()]).toEqual([a, b, other]);
  });

  it('keeps a copy of the key', () => {
    const table = new KeyTable<string>();
    const own = Buffer.from('key');
    const row = table.ensure(0, 1, own, 0, 3);
    own.fill(0);
    expect(Buffer.from(row.key).toString()).toBe('key');
  });

  it('drops a row with its last member, once', () => {
    const table = new KeyTable<string>();
    const a = table.ensure(0, 5, bytes, ...alpha);
    const b = table.ensure(0, 5, bytes, ...beta);
    a.members.push('one', 'two');
    b.members.push('one');
    table.remove(a, 'one');
    table.remove(a, 'nobody');
    expect(table.size).toBe(2);
    table.remove(a, 'two');
    table.remove(a, 'two');
    expect(table.size).toBe(1);
    expect(table.find(0, 5, bytes, ...alpha)).toBeUndefined();
    expect(table.find(0, 5, bytes, ...beta)).toBe(b);
    table.remove(b, 'one');
    expect([table.size, [...table.rows()].length]).toEqual([0, 0]);
    expect(table.ensure(0, 5, bytes, ...alpha)).not.toBe(a);
  });
});
