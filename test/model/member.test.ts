// A member against what was written into it: every combination of its parts, keys and values at the limits of the short
// form, values that grow in place, and the bytes that a set, a hash and a sorted set cost per member.

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/base/bytes.js';
import { REF_SEGMENT_SHIFT } from '../../src/memory/arena-layout.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { MEMBERS } from '../../src/structures/dict-element.js';
import { Dict } from '../../src/structures/dict.js';
import {
  compareMemberKey,
  initMember,
  memberBytes,
  memberExpireAt,
  memberHasKey,
  memberHash,
  memberHasSlot,
  memberHasTtl,
  memberKeyLength,
  memberKeyStart,
  memberScore,
  memberUsedBytes,
  memberValueLength,
  memberValueStart,
  memberWithParts,
  setMemberExpireAt,
  setMemberScore,
  setMemberValueLength,
} from '../../src/structures/member.js';
import { HASH_SEED, hashOf } from '../support/entries.js';

const SHORT_VALUE_BYTES_MAX = 2 ** 21 - 1;

function bytesAt(arena: Arena, ref: Ref, start: number, length: number): Uint8Array {
  return arena.u8[ref >>> REF_SEGMENT_SHIFT].slice(start, start + length);
}

function pattern(length: number, first: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (first + i * 7) & 0xff);
}

function makeMember(arena: Arena, key: Uint8Array, value: Uint8Array, hasTtl: boolean, hasSlot: boolean): Ref {
  const ref = arena.alloc(memberBytes(key.length, hasTtl, hasSlot, value.length));
  initMember(arena, ref, hasTtl, hasSlot, key, 0, key.length, value.length);
  arena.u8[ref >>> REF_SEGMENT_SHIFT].set(value, memberValueStart(arena, ref));
  return ref;
}

describe('a member', () => {
  for (const keyBytes of [0, 1, 3, 4, 16, 255, 256, 70_000]) {
    for (const valueBytes of [0, 1, 12, SHORT_VALUE_BYTES_MAX, SHORT_VALUE_BYTES_MAX + 1]) {
      it(`keeps a key of ${keyBytes} and a value of ${valueBytes} bytes beside all other parts`, () => {
        const arena = new Arena();
        const key = pattern(keyBytes, 3);
        const value = pattern(valueBytes, 11);
        for (const parts of [0, 1, 2, 3]) {
          const hasTtl = (parts & 1) === 1;
          const hasSlot = (parts & 2) === 2;
          const ref = makeMember(arena, key, value, hasTtl, hasSlot);
          if (hasTtl) setMemberExpireAt(arena, ref, 2 ** 45 + 12345);
          if (hasSlot) setMemberScore(arena, ref, -1.5e300);
          expect(memberHasTtl(arena, ref)).toBe(hasTtl);
          expect(memberHasSlot(arena, ref)).toBe(hasSlot);
          if (hasTtl) expect(memberExpireAt(arena, ref)).toBe(2 ** 45 + 12345);
          if (hasSlot) expect(memberScore(arena, ref)).toBe(-1.5e300);
          expect(memberKeyLength(arena, ref)).toBe(keyBytes);
          expect(Buffer.compare(bytesAt(arena, ref, memberKeyStart(arena, ref), keyBytes), key)).toBe(0);
          expect(memberValueLength(arena, ref)).toBe(valueBytes);
          expect(Buffer.compare(bytesAt(arena, ref, memberValueStart(arena, ref), valueBytes), value)).toBe(0);
          expect(memberHasKey(arena, ref, key, 0, keyBytes)).toBe(true);
          expect(compareMemberKey(arena, ref, key, 0, keyBytes)).toBe(0);
          expect(memberHash(arena, ref, HASH_SEED)).toBe(hashOf(key));
          arena.free(ref);
        }
        expect(arena.usedBytes).toBe(0);
      });
    }
  }

  it('is told from keys that differ in length or in any byte', () => {
    const arena = new Arena();
    for (const keyBytes of [1, 4, 15, 16, 300]) {
      const key = pattern(keyBytes, 100);
      const ref = makeMember(arena, key, bytesOf('value'), false, false);
      expect(memberHasKey(arena, ref, key, 0, keyBytes - 1)).toBe(false);
      expect(memberHasKey(arena, ref, pattern(keyBytes + 1, 100), 0, keyBytes + 1)).toBe(false);
      for (let i = 0; i < keyBytes; i++) {
        const other = key.slice();
        other[i] ^= 0x80;
        expect(memberHasKey(arena, ref, other, 0, keyBytes)).toBe(false);
        expect(Math.sign(compareMemberKey(arena, ref, other, 0, keyBytes))).toBe(Math.sign(key[i] - other[i]));
      }
    }
  });

  it('takes another value in place while its block and its form allow', () => {
    const arena = new Arena();
    const ref = makeMember(arena, bytesOf('field'), bytesOf('123'), false, false);
    expect(arena.sizeOf(ref)).toBe(16);
    for (const bytes of [0, 6, 7]) {
      expect(setMemberValueLength(arena, ref, bytes)).toBe(true);
      expect(memberValueLength(arena, ref)).toBe(bytes);
      expect(memberKeyLength(arena, ref)).toBe(5);
    }
    expect(setMemberValueLength(arena, ref, 8)).toBe(false);
    const long = makeMember(arena, bytesOf('f'), new Uint8Array(SHORT_VALUE_BYTES_MAX + 1), false, false);
    expect(setMemberValueLength(arena, long, SHORT_VALUE_BYTES_MAX)).toBe(false);
    expect(setMemberValueLength(arena, long, SHORT_VALUE_BYTES_MAX + 2)).toBe(true);
    expect(memberValueLength(arena, long)).toBe(SHORT_VALUE_BYTES_MAX + 2);
  });

  it('passes key, expiry and slot on to a member with other parts', () => {
    const arena = new Arena();
    for (const keyBytes of [0, 5, 16, 300]) {
      const key = pattern(keyBytes, 9);
      const old = makeMember(arena, key, bytesOf('value'), true, true);
      setMemberExpireAt(arena, old, 1_700_000_000_123);
      setMemberScore(arena, old, 2.5);
      const longer = memberWithParts(arena, old, true, SHORT_VALUE_BYTES_MAX + 1);
      expect(memberExpireAt(arena, longer)).toBe(1_700_000_000_123);
      expect(memberScore(arena, longer)).toBe(2.5);
      expect(memberHasKey(arena, longer, key, 0, keyBytes)).toBe(true);
      expect(memberValueLength(arena, longer)).toBe(SHORT_VALUE_BYTES_MAX + 1);
      const persistent = memberWithParts(arena, longer, false, 3);
      expect(memberHasTtl(arena, persistent)).toBe(false);
      expect(memberScore(arena, persistent)).toBe(2.5);
      expect(memberHasKey(arena, persistent, key, 0, keyBytes)).toBe(true);
      expect(memberUsedBytes(arena, persistent)).toBe(memberBytes(keyBytes, false, true, 3));
      for (const ref of [old, longer, persistent]) arena.free(ref);
    }
    expect(arena.usedBytes).toBe(0);
  });

  it('knows every double', () => {
    const arena = new Arena();
    const ref = makeMember(arena, bytesOf('m'), bytesOf(''), false, true);
    for (const score of [0, -0, 1, -1, 0.1, 5e-324, Number.MAX_VALUE, Infinity, -Infinity]) {
      setMemberScore(arena, ref, score);
      expect(memberScore(arena, ref)).toBe(score);
    }
  });
});

describe('bytes per member in all, 100 000 of them', () => {
  const cases = [
    { name: 'set, 16 bytes', key: 16, value: 0, hasSlot: false, bytesMax: 34 },
    { name: 'set, 10 bytes', key: 10, value: 0, hasSlot: false, bytesMax: 26 },
    { name: 'hash, 12 + 12 bytes', key: 12, value: 12, hasSlot: false, bytesMax: 42 },
    { name: 'sorted set without its tree, 16 bytes', key: 16, value: 0, hasSlot: true, bytesMax: 42 },
  ];
  for (const { name, key, value, hasSlot, bytesMax } of cases) {
    it(`${name}: at most ${bytesMax}`, () => {
      const arena = new Arena();
      const dict = new Dict(arena, HASH_SEED, 0, MEMBERS);
      const count = 100_000;
      for (let i = 0; i < count; i++) {
        const bytes = bytesOf(String(i).padStart(key, 'm'));
        dict.insert(hashOf(bytes), makeMember(arena, bytes, new Uint8Array(value), false, hasSlot), false);
      }
      expect(arena.usedBytes / count).toBeLessThan(bytesMax);
    });
  }
});
