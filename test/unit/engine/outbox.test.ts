// The outbox: who gets which bytes, in how many writes, and what becomes of its block.

import { expect, test } from 'vitest';
import type { EventLoop } from '../../../src/base/event-loop.js';
import { Outbox, type Receiver } from '../../../src/engine/outbox.js';
import type { Connection } from '../../../src/net/transport.js';
import { BLOCK_BYTES_KEPT } from '../../../src/protocol/resp-encoder.js';

/** What a connection was given, and whether the kernel takes it. */
class FakeConnection implements Connection {
  readonly remoteAddress = '';
  readonly localAddress = '';
  readonly fd = -1;
  readonly writes: string[] = [];
  queuedBytes = 0;
  takes = true;

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.writes.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
    if (!this.takes) this.queuedBytes += end - start;
    return this.takes;
  }

  pause(): void {
    // Nothing comes in.
  }

  resume(): void {
    // Nothing comes in.
  }

  close(): void {
    // Nothing is open.
  }

  destroy(): void {
    // Nothing is open.
  }
}

interface FakeReceiver extends Receiver {
  readonly connection: FakeConnection;
}

function setUp(): { outbox: Outbox<FakeReceiver>; receivers: FakeReceiver[]; cycle: () => void; slow: FakeReceiver[] } {
  let later: (() => void)[] = [];
  const loop: EventLoop = {
    soon: (callback) => {
      later.push(callback);
    },
    after: () => ({ cancel: () => undefined }),
    activeUs: () => 0,
  };
  const slow: FakeReceiver[] = [];
  const outbox = new Outbox<FakeReceiver>(loop, {
    onBacklog: (receiver) => {
      slow.push(receiver);
    },
    onWrite: () => undefined,
    onFlush: () => undefined,
  });
  const receivers = [0, 1, 2].map(() => ({ connection: new FakeConnection(), outboxSegment: -1 }));
  const cycle = (): void => {
    const due = later;
    later = [];
    for (const callback of due) callback();
  };
  return { outbox, receivers, cycle, slow };
}

function reply(outbox: Outbox<FakeReceiver>, receiver: FakeReceiver, text: string): void {
  const mark = outbox.encoder.length;
  outbox.encoder.simple(text);
  outbox.queue(receiver, mark);
}

test('replies leave at the end of the cycle, one write for each receiver', () => {
  const { outbox, receivers, cycle } = setUp();
  const [a, b, c] = receivers;
  reply(outbox, a, '1');
  reply(outbox, b, '2');
  reply(outbox, a, '3');
  reply(outbox, c, '4');
  reply(outbox, c, '5');
  reply(outbox, a, '6');
  expect(a.connection.writes).toEqual([]);
  cycle();
  expect(receivers.map(({ connection }) => connection.writes)).toEqual([
    ['+1\r\n+3\r\n+6\r\n'],
    ['+2\r\n'],
    ['+4\r\n+5\r\n'],
  ]);
  reply(outbox, b, '7');
  cycle();
  expect(b.connection.writes).toEqual(['+2\r\n', '+7\r\n']);
});

test('the block is used again after replies of half its size and one beyond, and let go after a huge one', () => {
  const { outbox, receivers, cycle } = setUp();
  const { encoder } = outbox;
  const text = 'x'.repeat(1000);
  const fill = (bytes: number): void => {
    for (let i = 0; encoder.length < bytes; i++) reply(outbox, receivers[i % 3], text);
    reply(outbox, receivers[0], 'y'.repeat(BLOCK_BYTES_KEPT / 3));
    cycle();
  };
  fill(BLOCK_BYTES_KEPT / 2);
  const block = encoder.bytes;
  expect(block.length).toBe(BLOCK_BYTES_KEPT);
  for (let i = 0; i < 5; i++) {
    fill(BLOCK_BYTES_KEPT / 2);
    expect(encoder.bytes).toBe(block);
  }
  reply(outbox, receivers[0], 'z'.repeat(BLOCK_BYTES_KEPT));
  cycle();
  expect(encoder.bytes.length).toBe(0);
});

test('a block that the kernel has not taken is left to it; who has something queued already gets a copy', () => {
  const { outbox, receivers, cycle, slow } = setUp();
  const [a, b] = receivers;
  a.connection.takes = false;
  reply(outbox, a, '1');
  reply(outbox, b, '2');
  const block = outbox.encoder.bytes;
  cycle();
  expect(outbox.encoder.bytes).not.toBe(block);
  reply(outbox, a, '3');
  reply(outbox, b, '4');
  const next = outbox.encoder.bytes;
  cycle();
  expect(outbox.encoder.bytes).toBe(next);
  expect(slow).toEqual([a, a]);
  expect([a.connection.writes, b.connection.writes]).toEqual([
    ['+1\r\n', '+3\r\n'],
    ['+2\r\n', '+4\r\n'],
  ]);
});
