// One ring on one thread: wrap-around, full and empty, records of every length.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { recordBytes } from '../../../src/fabric/ring-layout.js';
import { createRing, payloadBytesMax, RingConsumer, RingProducer } from '../../../src/fabric/ring.js';

const CAPACITY = 1024;

function ends(capacity = CAPACITY, counterStart = 0): { producer: RingProducer; consumer: RingConsumer } {
  const memory = createRing(capacity, counterStart);
  return { producer: new RingProducer(memory), consumer: new RingConsumer(memory) };
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

function readAll(consumer: RingConsumer, limit = Infinity): { kind: number; payload: Uint8Array }[] {
  const records: { kind: number; payload: Uint8Array }[] = [];
  consumer.read(limit, (kind, bytes, start, end) => records.push({ kind, payload: bytes.slice(start, end) }));
  return records;
}

describe('ring', () => {
  it('shows records only once they are published, in order', () => {
    const { producer, consumer } = ends();
    expect(producer.tryWrite(7, filled(3, 1), 0, 3)).toBe(true);
    expect(producer.tryWrite(8, filled(9, 2), 1, 5)).toBe(true);
    expect(readAll(consumer)).toEqual([]);
    expect(producer.publish()).toBe(true);
    expect(producer.publish()).toBe(false);
    expect(readAll(consumer)).toEqual([
      { kind: 7, payload: filled(3, 1) },
      { kind: 8, payload: filled(4, 2) },
    ]);
    expect(consumer.isEmpty()).toBe(true);
  });

  it.each([0, 1, 7, 8, 9, payloadBytesMax(CAPACITY) - 1, payloadBytesMax(CAPACITY)])(
    'carries payloads of %i bytes through every position of the ring',
    (length) => {
      const { producer, consumer } = ends();
      for (let i = 0; i < 300; i++) {
        const payload = filled(length, i);
        expect(producer.tryWrite(i, payload, 0, length)).toBe(true);
        producer.publish();
        expect(readAll(consumer)).toEqual([{ kind: i, payload }]);
      }
      expect(producer.free()).toBe(CAPACITY);
    },
  );

  it('refuses to take more than its largest record', () => {
    const { producer } = ends();
    const limit = payloadBytesMax(CAPACITY);
    expect(limit).toBe(CAPACITY / 4 - 8);
    expect(() => producer.tryWrite(1, filled(limit + 1, 0), 0, limit + 1)).toThrow('limit of its ring');
    expect(() => producer.tryWrite(-1, filled(1, 0), 0, 1)).toThrow('kinds');
  });

  it('can be filled to the last byte, and takes again what was consumed', () => {
    const { producer, consumer } = ends();
    const payload = filled(payloadBytesMax(CAPACITY), 5);
    for (let i = 0; i < 4; i++) expect(producer.tryWrite(i, payload, 0, payload.length)).toBe(true);
    expect(producer.free()).toBe(0);
    expect(producer.tryWrite(4, payload, 0, 0)).toBe(false);
    producer.publish();
    expect(readAll(consumer, 1)).toHaveLength(1);
    expect(producer.free()).toBe(CAPACITY / 4);
    expect(producer.tryWrite(4, payload, 0, payload.length)).toBe(true);
    expect(producer.tryWrite(5, payload, 0, 0)).toBe(false);
    producer.publish();
    expect(readAll(consumer).map((record) => record.kind)).toEqual([1, 2, 3, 4]);
  });

  it('counts the padding before the wrap as used', () => {
    const { producer, consumer } = ends(256);
    const small = filled(48, 1);
    for (let i = 0; i < 4; i++) expect(producer.tryWrite(i, small, 0, 48)).toBe(true);
    producer.publish();
    expect(readAll(consumer, 1)).toHaveLength(1);
    // 32 bytes are left before the wrap and 56 behind it: a record of 56 takes 32 more as padding.
    expect(producer.free()).toBe(88);
    expect(producer.tryWrite(4, small, 0, 48)).toBe(true);
    expect(producer.free()).toBe(0);
    producer.publish();
    expect(readAll(consumer).map((record) => record.kind)).toEqual([1, 2, 3, 4]);
    expect(producer.free()).toBe(256);
  });

  it('leaves the space of a batch alone until it is released', () => {
    const { producer, consumer } = ends();
    producer.tryWrite(1, filled(8, 1), 0, 8);
    producer.publish();
    expect(consumer.next()).toBe(true);
    consumer.consume();
    expect(producer.free()).toBe(CAPACITY - 16);
    expect(consumer.release()).toBe(true);
    expect(consumer.release()).toBe(false);
    expect(producer.free()).toBe(CAPACITY);
  });

  it('releases within a batch every quarter of the ring', () => {
    const { producer, consumer } = ends();
    for (let i = 0; i < CAPACITY / 16; i++) producer.tryWrite(i, filled(8, i), 0, 8);
    producer.publish();
    let seen = 0;
    consumer.read(Infinity, () => {
      expect(producer.free()).toBe(Math.floor(seen++ / 16) * (CAPACITY / 4));
    });
    expect(seen).toBe(64);
  });

  it('tells a starved producer of room when half the ring is free, not before', () => {
    const { producer, consumer } = ends();
    const payload = filled(payloadBytesMax(CAPACITY), 5);
    for (let i = 0; i < 4; i++) producer.tryWrite(i, payload, 0, payload.length);
    producer.publish();
    expect(readAll(consumer, 1)).toHaveLength(1);
    expect(consumer.producerMayResume()).toBe(false);
    producer.setStarved(true);
    expect(consumer.producerMayResume()).toBe(false);
    expect(readAll(consumer, 1)).toHaveLength(1);
    expect(consumer.producerMayResume()).toBe(true);
    producer.setStarved(false);
    expect(consumer.producerMayResume()).toBe(false);
  });

  it.each([0x7fffffff - 0xff, 0x7ffffff8, -0x80000000, -8, 0xfffffff8])(
    'goes on when its counters wrap (start %i)',
    (counterStart) => {
      const { producer, consumer } = ends(CAPACITY, counterStart & -8);
      const payload = filled(40, 9);
      let written = 0;
      let read = 0;
      for (let round = 0; round < 200; round++) {
        while (producer.tryWrite(written, payload, 0, 40)) written++;
        expect(producer.free()).toBeLessThan(96);
        producer.publish();
        for (const { kind } of readAll(consumer, 7)) expect(kind).toBe(read++);
      }
      for (const { kind } of readAll(consumer)) expect(kind).toBe(read++);
      expect(read).toBe(written);
      expect(producer.free()).toBe(CAPACITY);
    },
  );

  it('agrees with a plain queue under random use', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = new SeededRandom(seed);
      const capacity = 256 << random.below(5);
      const { producer, consumer } = ends(capacity, (random.next32() | 0) & -8);
      const twin: { kind: number; payload: Uint8Array }[] = [];
      let visible = 0;
      let used = 0;
      for (let step = 0; step < 600; step++) {
        const choice = random.below(4);
        if (choice <= 1) {
          const length = random.below(random.below(payloadBytesMax(capacity) + 1) + 1);
          const payload = filled(length, random.next32());
          const before = producer.free();
          if (producer.tryWrite(step, payload, 0, length)) {
            twin.push({ kind: step, payload });
            used += recordBytes(length);
          } else {
            expect(before, `seed ${seed}`).toBeLessThan(2 * recordBytes(length));
          }
        } else if (choice === 2) {
          producer.publish();
          visible = twin.length;
        } else {
          const expected = twin.splice(0, Math.min(visible, random.below(20)));
          visible -= expected.length;
          for (const { payload } of expected) used -= recordBytes(payload.length);
          expect(readAll(consumer, expected.length), `seed ${seed}`).toEqual(expected);
        }
        expect(capacity - producer.free(), `seed ${seed}`).toBeGreaterThanOrEqual(used);
      }
    }
  });

  it('has limits on its capacity', () => {
    expect(() => createRing(128)).toThrow('limits');
    expect(() => createRing(2 ** 31)).toThrow('limits');
    expect(() => createRing(768)).toThrow('power of two');
    expect(() => createRing(1024, 4)).toThrow('aligned');
  });
});
