// What travels between cores comes out as it went in: hops, and the commands in them.

import { describe, expect, it } from 'vitest';
import { GrowingBytes } from '../../../src/base/growing-bytes.js';
import { SeededRandom } from '../../../src/base/prng.js';
import { readWord } from '../../../src/base/bytes.js';
import {
  appendCommand,
  flagsOf,
  RecordedCommand,
  RING_BLOCKS,
  RING_NO_TOUCH,
  RING_PART,
  RING_RESP3,
} from '../../../src/txn/command-record.js';
import type { HeldKey } from '../../../src/txn/footprint.js';
import {
  appendHopHead,
  FORGET_BYTES,
  HOP_SOLO,
  HOP_WATCHED,
  HOP_WHOLE_EXCLUSIVE,
  newHopHead,
  readHopHead,
  writeForget,
} from '../../../src/txn/hop-layout.js';
import { request, TEST_HASH_SEED } from '../../support/shards.js';

describe('hop heads', () => {
  it.each([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1_767_225_600_123, Number.MAX_SAFE_INTEGER])(
    'carry the time %i',
    (nowMs) => {
      const record = new GrowingBytes(4);
      const head = {
        txn: 0x7fffffff,
        word: 123_456,
        value: -2,
        nowMs,
        flags: HOP_SOLO | HOP_WATCHED | HOP_WHOLE_EXCLUSIVE,
        session: 17,
        place: -(2 ** 31),
        claim: -4,
        watch: 6,
      };
      const holds: HeldKey[] = [
        { hash: -1, exclusive: true },
        { hash: 0x7fffffff, exclusive: false },
      ];
      record.append(new Uint8Array(3), 0, 3); // unaligned
      appendHopHead(record, head, holds);
      const read = newHopHead();
      const readHolds: HeldKey[] = [{ hash: 5, exclusive: true }];
      expect(readHopHead(record.bytes, 3, read, readHolds)).toBe(record.length);
      expect(read).toEqual(head);
      expect(readHolds).toEqual(holds);
    },
  );

  it('are followed by what is forgotten', () => {
    const bytes = new Uint8Array(FORGET_BYTES);
    writeForget(bytes, -7, 2);
    expect([readWord(bytes, 0), readWord(bytes, 4)]).toEqual([-7, 2]);
  });
});

describe('command records', () => {
  it('come out as they went in, several in a row, of any length', () => {
    const random = new SeededRandom(7);
    const record = new GrowingBytes(1);
    const commands = Array.from({ length: 200 }, () => ({
      id: random.below(4096),
      db: random.below(65536),
      flags: random.below(16),
      args: request(
        ...Array.from({ length: random.below(20) }, () => 'x'.repeat(random.below(random.below(10) === 0 ? 5000 : 30))),
      ),
    }));
    record.append(new Uint8Array(1), 0, 1);
    for (const { id, db, flags, args } of commands) {
      appendCommand(record, id, db, flags, args.count > 1 ? args.hash(1) : 0, args);
    }
    const read = new RecordedCommand(TEST_HASH_SEED, new Array<number>(4096).fill(1));
    let at = 1;
    for (const { id, db, flags, args } of commands) {
      at = read.read(record.bytes, at);
      expect([read.id, read.db, read.flags, read.args.count, read.end]).toEqual([id, db, flags, args.count, at]);
      for (let i = 1; i < args.count; i++) expect(read.args.latin1(i)).toBe(args.latin1(i));
      expect(read.keyIndex).toBe(args.count > 1 ? 1 : 0);
      if (args.count > 1) expect(read.args.hash(1)).toBe(args.hash(1));
    }
    expect(at).toBe(record.length);
  });

  it('say how their client wants its replies', () => {
    const origin = { id: 1, db: 0, protocol: 2, noTouch: false } as const;
    expect(flagsOf(origin)).toBe(0);
    expect(flagsOf({ ...origin, protocol: 3 })).toBe(RING_RESP3);
    expect(flagsOf({ ...origin, noTouch: true })).toBe(RING_NO_TOUCH);
    expect(new Set([RING_RESP3, RING_NO_TOUCH, RING_PART, RING_BLOCKS, 0]).size).toBe(5);
  });
});
