// A command over several shards that reads keys and writes at most those of one shard: the values that stand elsewhere are
// lent to one shard, the command runs there as it would with all its keys at home, and what was lent is taken away again,
// all in one hop. Everything stays held meanwhile, so the loan is seen by nobody else.
//
//   hop 1   CARRY on the shard of every key to be lent     (short values come at once, long ones only say how long they are)
//   hop 2   CARRY again, for the long ones that must move
//   hop 3   at home: LEND ..., the command, RETURN ...
//
// Home is where the command writes (where it names several keys, the last of them counts: GEORADIUS with STORE and STOREDIST);
// for one that only reads, where most of the bytes are.

import { assert } from '../base/assert.js';
import type { Command } from '../contract/command-table.js';
import type { PlanRun } from '../contract/plan.js';
import type { HopStep } from './step.js';
import type { PlanScope } from './txn.js';

/** Bytes of a value that comes before it is known whether it must. */
const SHORT_BYTES = '16384';

interface Operand {
  readonly key: number;
  readonly shard: number;
  step: HopStep;
}

export function* planGather(scope: PlanScope, command: Command): PlanRun {
  const uses = scope.keyUses(command);
  assert(uses !== undefined, 'the keys of a command over several shards were found');
  const written = Math.max(0, ...uses.map(({ index, isWritten }) => (isWritten ? index : 0)));
  let home = written === 0 ? -1 : scope.shardOfKey(written);
  const operands: Operand[] = [];
  for (const { index: key } of uses) {
    const shard = scope.shardOfKey(key);
    if (shard === home) continue;
    const step = scope.onShard(shard, 'CARRY').arg(key);
    if (home < 0) step.word(SHORT_BYTES);
    operands.push({ key, shard, step });
  }
  yield;
  if (home < 0) {
    home = heaviestShard(operands);
    for (const operand of operands) {
      if (operand.shard === home || !isLength(operand.step)) continue;
      operand.step = scope.onShard(operand.shard, 'CARRY').arg(operand.key);
    }
    yield;
  }
  const lent = operands.filter(({ shard, step }) => shard !== home && !step.reply.isNil);
  for (const { key, step } of lent) {
    const { bytes, bulkStart, bulkEnd } = step.reply;
    scope.onShard(home, 'LEND').arg(key).bytes(bytes, bulkStart, bulkEnd);
  }
  const run = scope.step(home, command.id);
  for (let i = 1; i < scope.args.count; i++) run.arg(i);
  if (lent.length > 0) {
    const back = scope.onShard(home, 'RETURN');
    for (const { key } of lent) back.arg(key);
  }
  yield;
  scope.forward(run.reply);
}

/** A value that is too long to come unasked. */
function isLength({ reply }: HopStep): boolean {
  return reply.isInteger;
}

function heaviestShard(operands: readonly Operand[]): number {
  const bytes: number[] = [];
  let heaviest = operands[0].shard;
  for (const { shard, step } of operands) {
    bytes[shard] = (bytes[shard] ?? 0) + bytesOf(step);
    if (bytes[shard] > bytes[heaviest]) heaviest = shard;
  }
  return heaviest;
}

function bytesOf(step: HopStep): number {
  const { reply } = step;
  if (reply.isNil) return 0;
  return isLength(step) ? reply.integer : reply.bulkEnd - reply.bulkStart;
}
