import { expect, it } from 'vitest';
import type { Command } from '../../../src/contract/command-table.js';
import type { ShardOp } from '../../../src/contract/spec.js';
import { Executor } from '../../../src/engine/executor.js';
import type { CommandCounters } from '../../../src/observability/command-counters.js';
import { REPLY_BYTES_MAX, RespEncoder } from '../../../src/protocol/resp-encoder.js';
import { makeShard, request } from '../../support/shards.js';

/** An executor of one command that does `op`, and the errors that it counted. */
function executorOf(op: ShardOp): { executor: Executor; failed: number[] } {
  const { shard, clock } = makeShard();
  const failed: number[] = [];
  const counters = {
    called: () => undefined,
    took: () => undefined,
    usedMemory: () => undefined,
    failed: (id: number) => failed.push(id),
  } as unknown as CommandCounters;
  const command = { id: 0, spec: { onShard: op } } as unknown as Command;
  return { executor: new Executor(shard, [command], counters, clock, () => false), failed };
}

it('answers with an error where a reply outgrows what can be sent, and keeps the replies before it', () => {
  const bulk = new Uint8Array(16);
  const reply = new RespEncoder();
  const { executor, failed } = executorOf((_db, _args, written) => {
    written.array(2);
    written.bulk(bulk, 0, 1);
    reply.length += REPLY_BYTES_MAX; // as if so much had been written
    written.bulk(bulk, 0, 16);
  });
  reply.ok();
  executor.run(0, 0, request(), reply);
  expect(Buffer.from(reply.take()).toString()).toBe('+OK\r\n-ERR the reply is longer than 2 GiB\r\n');
  expect(failed).toEqual([0]);
});

it('lets every other failure pass', () => {
  const { executor } = executorOf(() => {
    throw new RangeError('of another kind');
  });
  expect(() => {
    executor.run(0, 0, request(), new RespEncoder());
  }).toThrow('of another kind');
});
