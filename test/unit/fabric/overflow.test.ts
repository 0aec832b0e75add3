// The queue behind a full ring.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { Overflow, unzeroedBytes } from '../../../src/fabric/overflow.js';

describe('overflow', () => {
  it('gives unzeroed memory of exactly the asked length as a plain array', () => {
    for (const length of [0, 1, 8, 4096, 100_000]) {
      const bytes = unzeroedBytes(length);
      expect(bytes.constructor).toBe(Uint8Array);
      expect(bytes.length).toBe(length);
      expect(bytes.buffer.byteLength).toBe(length);
    }
  });

  it('is a queue, whatever the sizes', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = new SeededRandom(seed);
      const overflow = new Overflow();
      const twin: { kind: number; payload: Uint8Array }[] = [];
      let waitingBytes = 0;
      for (let step = 0; step < 400; step++) {
        if (random.below(5) < 3) {
          const length = random.below(4) === 0 ? random.below(200_000) : random.below(300);
          const payload = new Uint8Array(length).fill(step);
          overflow.push(step, payload, 0, length);
          twin.push({ kind: step, payload });
          waitingBytes += length;
        } else {
          const expected = twin.shift();
          expect(overflow.front(), `seed ${seed}`).toBe(expected !== undefined);
          if (expected === undefined) continue;
          expect(overflow.kind, `seed ${seed}`).toBe(expected.kind);
          const got = Buffer.from(overflow.bytes.subarray(overflow.start, overflow.end));
          expect(got.equals(expected.payload), `seed ${seed}`).toBe(true);
          overflow.shift();
          waitingBytes -= expected.payload.length;
        }
        expect(overflow.waitingBytes, `seed ${seed}`).toBe(waitingBytes);
        expect(overflow.empty, `seed ${seed}`).toBe(twin.length === 0);
      }
    }
  });

  it('moves within the front record without copying it', () => {
    const overflow = new Overflow();
    overflow.push(3, new Uint8Array(100).fill(1), 0, 100);
    overflow.push(4, new Uint8Array(5).fill(2), 0, 5);
    expect(overflow.front()).toBe(true);
    const { bytes, start, end } = overflow;
    overflow.advance(start + 60, 9);
    expect(overflow.front()).toBe(true);
    expect(overflow.bytes).toBe(bytes);
    expect([overflow.start, overflow.end, overflow.kind, overflow.waitingBytes]).toEqual([start + 60, end, 9, 45]);
    overflow.shift();
    expect(overflow.front()).toBe(true);
    expect([overflow.kind, overflow.end - overflow.start, overflow.waitingBytes]).toEqual([4, 5, 5]);
    overflow.shift();
    expect(overflow.empty).toBe(true);
  });
});
