// CRC-64 against one that goes bit by bit, and LZF against what it is to give back.

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../src/base/bytes.js';
import { Crc64 } from '../../../src/base/crc64.js';
import { compressLzf, expandLzf } from '../../../src/base/lzf.js';
import { SeededRandom, type Random } from '../../../src/base/prng.js';

function crcTwin(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 0n ? crc >> 1n : (crc >> 1n) ^ 0x95ac9329ac4bc9b5n;
  }
  return crc;
}

function crcOf(...parts: Uint8Array[]): bigint {
  const crc = new Crc64();
  for (const part of parts) crc.update(part, 0, part.length);
  const into = Buffer.alloc(10);
  crc.write(into, 1);
  expect(crc.stands(into, 1)).toBe(true);
  into[5] ^= 1;
  expect(crc.stands(into, 1)).toBe(false);
  into[5] ^= 1;
  return into.readBigUInt64LE(1);
}

/** Bytes with repetitions near and far. */
function sample(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const run = 1 + random.below(random.below(4) === 0 ? 400 : 20);
    const from = at === 0 || random.below(2) === 0 ? -1 : random.below(at);
    for (let i = 0; i < run && at < length; i++, at++) bytes[at] = from < 0 ? random.below(256) : bytes[from + i];
  }
  return bytes;
}

describe('Crc64', () => {
  it('has the check value of the polynomial', () => {
    expect(crcOf(bytesOf('123456789'))).toBe(0xe9c6d914c4b8d9can);
  });

  it('is the same bit by bit, whole and in parts', () => {
    const random = new SeededRandom(3);
    for (let length = 0; length < 80; length++) {
      const bytes = Uint8Array.from({ length }, () => random.below(256));
      const split = random.below(length + 1);
      expect(crcOf(bytes.subarray(0, split), bytes.subarray(split))).toBe(crcTwin(bytes));
    }
  });
});

describe('LZF', () => {
  it('gives back what it took, whatever came before', () => {
    const random = new SeededRandom(11);
    let smaller = 0;
    for (let round = 0; round < 2000; round++) {
      const bytes = sample(random, random.below(round % 50 === 0 ? 20_000 : 300));
      const start = random.below(3);
      if (start > bytes.length) continue;
      const into = new Uint8Array(bytes.length * 2 + 16);
      const end = compressLzf(bytes, start, bytes.length, into, 5, into.length);
      expect(end).toBeGreaterThanOrEqual(5);
      if (end - 5 < bytes.length - start) smaller++;
      const back = new Uint8Array(bytes.length - start);
      expect(expandLzf(into, 5, end, back, 0, back.length)).toBe(true);
      expect(Buffer.compare(back, bytes.subarray(start))).toBe(0);
    }
    expect(smaller).toBeGreaterThan(500);
  });

  it('says when there is no room', () => {
    const random = new SeededRandom(12);
    for (let round = 0; round < 500; round++) {
      const bytes = sample(random, 1 + random.below(300));
      const into = new Uint8Array(bytes.length + 8).fill(0xee);
      const limit = random.below(bytes.length + 1);
      const end = compressLzf(bytes, 0, bytes.length, into, 0, limit);
      expect(end).toBeLessThanOrEqual(limit);
      if (end < 0) continue;
      const back = new Uint8Array(bytes.length);
      expect(expandLzf(into, 0, end, back, 0, back.length)).toBe(true);
      expect(Buffer.compare(back, bytes)).toBe(0);
    }
  });

  it('refuses broken input and stays within its bounds', () => {
    const random = new SeededRandom(13);
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
      const into = new Uint8Array(120).fill(0xee);
      expandLzf(bytes, 0, bytes.length, into, 10, 110);
      expect(into.subarray(0, 10).every((byte) => byte === 0xee)).toBe(true);
      expect(into.subarray(110).every((byte) => byte === 0xee)).toBe(true);
    }
  });
});
