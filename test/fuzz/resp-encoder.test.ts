// Random values written by the encoder and read back: in RESP2 by redis-parser, in RESP3 by the tests' own reader. The
// scanner must find the end of every reply, and of no part of it.

import RedisParser from 'redis-parser';
import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { endOfReply, readHead, ReplyHead, skipValues } from '../../src/protocol/reply-scanner.js';
import { RespEncoder } from '../../src/protocol/resp-encoder.js';
import { readReplies, RespReader, type RespValue } from '../support/resp3-reader.js';

const TEXTS = ['', 'OK', 'a b', 'grüße', '漢字', '\r\n', '🙂', 'x'.repeat(64), 'y'.repeat(65), 'ü'.repeat(200)];
const INTEGERS = [0, 1, -1, 9, 10, -10, 99, 100, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53];
const BIG = [0n, 9223372036854775807n, -9223372036854775808n, 9007199254740993n];
const DOUBLES = [0, -0, 1, 0.1, -2.5, 1e21, 1.5e-10, Infinity, -Infinity, NaN, 5e-324, 1.7976931348623157e308];

/** A way to write a value, what RESP3 makes of it, and what redis-parser gives for its RESP2 form. */
interface Sample {
  write(encoder: RespEncoder): void;
  readonly resp3: RespValue;
  readonly resp2: unknown;
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.below(from.length)];
}

function latin1Of(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function scalar(random: Random): Sample {
  switch (random.below(13)) {
    case 0:
      return { write: (e) => { e.ok(); }, resp3: { type: 'simple', text: 'OK' }, resp2: 'OK' }; // prettier-ignore
    case 1: {
      const value = random.below(2) === 0 ? pick(INTEGERS, random) : random.next32() - 2 ** 31;
      return { write: (e) => { e.integer(value); }, resp3: { type: 'integer', value: BigInt(value) }, resp2: String(value) }; // prettier-ignore
    }
    case 2: {
      const value = pick(BIG, random);
      return { write: (e) => { e.bigInteger(value); }, resp3: { type: 'integer', value }, resp2: String(value) }; // prettier-ignore
    }
    case 3: {
      const bytes = Uint8Array.from({ length: random.below(300) }, () => random.below(256));
      const text = Buffer.from(bytes).toString('latin1');
      return { write: (e) => { e.bulk(bytes, 0, bytes.length); }, resp3: { type: 'bulk', text }, resp2: text }; // prettier-ignore
    }
    case 4: {
      const text = pick(TEXTS, random);
      const bytes = latin1Of(text);
      return { write: (e) => { e.bulkText(text); }, resp3: { type: 'bulk', text: bytes }, resp2: bytes }; // prettier-ignore
    }
    case 5: {
      const value = pick(INTEGERS, random);
      return { write: (e) => { e.bulkInteger(value); }, resp3: { type: 'bulk', text: String(value) }, resp2: String(value) }; // prettier-ignore
    }
    case 6: {
      const text = pick(TEXTS, random);
      const bytes = latin1Of(text);
      return { write: (e) => { e.verbatim(text); }, resp3: { type: 'verbatim', format: 'txt', text: bytes }, resp2: bytes }; // prettier-ignore
    }
    case 7: {
      const value = random.below(2) === 0;
      return { write: (e) => { e.boolean(value); }, resp3: { type: 'boolean', value }, resp2: value ? '1' : '0' }; // prettier-ignore
    }
    case 8:
      return { write: (e) => { e.nil(); }, resp3: { type: 'null', as: '_' }, resp2: null }; // prettier-ignore
    case 9:
      return { write: (e) => { e.nilArray(); }, resp3: { type: 'null', as: '_' }, resp2: null }; // prettier-ignore
    case 10: {
      const value = random.below(2) === 0 ? pick(DOUBLES, random) : random.next32() / 2 ** random.below(64);
      const text = Number.isNaN(value) ? 'nan' : undefined;
      return {
        write: (e) => {
          e.double(value);
        },
        resp3: { type: 'double', value, text: expect.any(String) as unknown as string },
        resp2: text ?? expect.any(String),
      };
    }
    case 11: {
      const length = random.below(200);
      const text = 'z'.repeat(length);
      const write = (e: RespEncoder): void => {
        const at = e.bulkSpace(length);
        e.bytes.fill(0x7a, at, at + length);
      };
      return { write, resp3: { type: 'bulk', text }, resp2: text };
    }
    default:
      return { write: (e) => { e.error('ERR bad\r\nluck\r\n'); }, resp3: { type: 'error', text: 'ERR bad  luck' }, resp2: 'ERR bad  luck' }; // prettier-ignore
  }
}

function sample(random: Random, depth: number): Sample {
  if (depth === 0 || random.below(3) > 0) return scalar(random);
  const count = random.below(6);
  const pairs = random.below(4) === 0;
  const parts = Array.from({ length: pairs ? count * 2 : count }, () => sample(random, depth - 1));
  const resp2 = parts.map((part) => part.resp2);
  const body = (e: RespEncoder): void => {
    for (const part of parts) part.write(e);
  };
  const wrapped = random.below(2) === 0;
  const write = (head: (e: RespEncoder) => void, wrap: (e: RespEncoder, mark: number) => void) => (e: RespEncoder) => {
    if (!wrapped) {
      head(e);
      body(e);
      return;
    }
    const mark = e.mark();
    e.bulkText('taken back');
    e.rewind(mark);
    body(e);
    wrap(e, mark);
  };
  if (pairs) {
    const entries = Array.from({ length: count }, (_, i) => [parts[2 * i].resp3, parts[2 * i + 1].resp3] as const);
    return {
      write: write(
        (e) => { e.map(count); },
        (e, mark) => { e.wrapMap(mark, count); },
      ), // prettier-ignore
      resp3: { type: 'map', pairs: entries },
      resp2,
    };
  }
  const items = parts.map((part) => part.resp3);
  if (random.below(3) === 0) {
    return {
      write: write(
        (e) => { e.set(count); },
        (e, mark) => { e.wrapSet(mark, count); },
      ), // prettier-ignore
      resp3: { type: 'set', items },
      resp2,
    };
  }
  const push = !wrapped && random.below(3) === 0;
  return {
    write: write(
      (e) => { if (push) e.push(count); else e.array(count); },
      (e, mark) => { e.wrapArray(mark, count); },
    ), // prettier-ignore
    resp3: { type: push ? 'push' : 'array', items },
    resp2,
  };
}

/** What redis-parser makes of bytes: bulks as latin1, integers as their digits, errors as their message. */
function byRedisParser(bytes: Uint8Array): unknown[] {
  const found: unknown[] = [];
  const plain = (value: unknown): unknown => {
    if (Buffer.isBuffer(value)) return value.toString('latin1');
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Error) return value.message;
    return value;
  };
  const parser = new RedisParser({
    returnBuffers: true,
    stringNumbers: true,
    returnReply: (reply) => found.push(plain(reply)),
    returnError: (error) => found.push(error.message),
  });
  parser.execute(Buffer.from(bytes));
  return found;
}

const FIRST_SEED = 1;
const SEEDS = 400;

describe('reply encoder', () => {
  it.each([2, 3] as const)('writes RESP%d that reads back the same', (protocol) => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const random = new SeededRandom(seed);
      const encoder = new RespEncoder();
      encoder.protocol = protocol;
      const samples = Array.from({ length: 1 + random.below(8) }, () => sample(random, 3));
      const ends = samples.map((one) => {
        one.write(encoder);
        return encoder.length;
      });
      const written = encoder.take();
      const found = protocol === 3 ? readReplies(written) : byRedisParser(written);
      expect(found, `seed ${seed}`).toEqual(samples.map((one) => (protocol === 3 ? one.resp3 : one.resp2)));

      // The scanner: from each start to each end, over nothing less, and over all at once.
      let at = 0;
      for (const end of ends) {
        expect(endOfReply(written, at, written.length), `seed ${seed}`).toBe(end);
        for (let cut = at; cut < end; cut += 1 + random.below(9)) expect(endOfReply(written, at, cut)).toBe(-1);
        expect(endOfReply(written, at, end - 1), `seed ${seed}`).toBe(-1);
        at = end;
      }
      expect(skipValues(written, 0, written.length, samples.length)).toBe(written.length);
    }
  });

  it('is read the same in random pieces', () => {
    const random = new SeededRandom(5);
    for (let i = 0; i < 100; i++) {
      const encoder = new RespEncoder();
      encoder.protocol = 3;
      for (let k = 0; k < 4; k++) sample(random, 3).write(encoder);
      const written = encoder.take();
      const reader = new RespReader();
      const found: RespValue[] = [];
      for (let at = 0; at < written.length; at += 7) found.push(...reader.push(written.subarray(at, at + 7)));
      expect(found).toEqual(readReplies(written));
    }
  });

  it('heads tell elements and where they begin', () => {
    const random = new SeededRandom(9);
    const head = new ReplyHead();
    for (let i = 0; i < 300; i++) {
      const one = sample(random, 2);
      const encoder = new RespEncoder();
      encoder.protocol = 3;
      one.write(encoder);
      expect(readHead(encoder.bytes, 0, encoder.length, head)).toBe(true);
      const { resp3 } = one;
      if ('items' in resp3) expect(head.elements).toBe(resp3.items.length);
      if ('pairs' in resp3) expect(head.elements).toBe(resp3.pairs.length * 2);
      if (resp3.type === 'integer')
        expect(head.value / Number(resp3.value || 1n)).toBeCloseTo(resp3.value === 0n ? 0 : 1, 12);
      expect(head.isNull).toBe(resp3.type === 'null');
      expect(head.isError).toBe(resp3.type === 'error');
      if (head.elements > 0) {
        expect(skipValues(encoder.bytes, head.next, encoder.length, head.elements)).toBe(encoder.length);
      }
    }
  });
});
