// Plans that more than one command shares: a request split over its shards, one request to every shard, and waiting.

import { assert } from '../base/assert.js';
import type { Command } from '../contract/command-table.js';
import { wrongArity } from '../contract/errors.js';
import type { PlanRun, SplitMerge } from '../contract/plan.js';
import type { Merge } from '../contract/spec.js';
import { readHead, ReplyHead, RESP } from '../protocol/reply-scanner.js';
import type { RespEncoder } from '../protocol/resp-encoder.js';
import { RING_BLOCKS } from './command-record.js';
import type { HopReply, HopStep } from './step.js';
import type { PlanScope, Txn } from './txn.js';

/** One request per shard, and one reply of all. */
export function* planSplit(scope: PlanScope, command: Command, merge: SplitMerge): PlanRun {
  if ((scope.args.count - command.firstKey) % command.keyStep !== 0) {
    scope.reply.error(wrongArity(command.fullName)); // a key without its value
    return;
  }
  const split = scope.split(command.fullName, command.firstKey, command.keyStep, command.keyStep);
  yield;
  const { error } = split;
  if (error !== undefined) scope.forward(error);
  else if (merge === 'ok') scope.reply.ok();
  else if (merge === 'sum') scope.reply.integer(split.sum);
  else {
    scope.reply.array(split.order.length);
    split.inOrder((bytes, start, end) => {
      scope.reply.raw(bytes, start, end);
    });
  }
}

/** The same request to every shard. */
export function* planEveryShard(scope: PlanScope, command: Command, shardCount: number): PlanRun {
  const merge = command.spec.onEveryShard?.merge;
  assert(merge !== undefined, 'the command runs on every shard');
  const steps: HopStep[] = [];
  for (let shard = 0; shard < shardCount; shard++) {
    const step = scope.step(shard, command.id);
    for (let i = 1; i < scope.args.count; i++) step.arg(i);
    steps.push(step);
  }
  yield;
  mergeReplies(
    merge,
    steps.map((step) => step.reply),
    scope.reply,
  );
}

const head = new ReplyHead();

/** One reply out of the replies of all shards. The first error, if any shard gave one, is the answer. */
function mergeReplies(merge: Merge, replies: readonly HopReply[], into: RespEncoder): void {
  const only =
    replies.find((reply) => reply.isError) ?? (merge === 'sum' || merge === 'concat' ? undefined : replies[0]);
  if (only !== undefined) {
    into.raw(only.bytes, only.start, only.end);
    return;
  }
  let total = 0;
  for (const { bytes, start, end } of replies) {
    readHead(bytes, start, end, head);
    assert(head.type === (merge === 'sum' ? RESP.integer : RESP.array), 'all shards give a reply of the same type');
    total += head.value;
  }
  if (merge === 'sum') {
    into.integer(total);
    return;
  }
  into.array(total);
  for (const reply of replies) into.raw(reply.bytes, reply.elementsStart, reply.end);
}

/** A command for one shard. */
export function* planOneShard(scope: PlanScope, command: Command, shard: number): PlanRun {
  const step = scope.step(shard, command.id);
  for (let i = 1; i < scope.args.count; i++) step.arg(i);
  yield;
  scope.forward(step.reply);
}

/** A blocking command whose keys stand on one shard: tried there, and where there is nothing it waits. */
export function* planWaitOnOneShard(txn: Txn, scope: PlanScope, command: Command, shard: number): PlanRun {
  const step = waitStep(scope, command, shard);
  yield;
  if (step.reply.isEmpty) txn.waits = true;
  else scope.forward(step.reply);
}

/** A blocking command over several shards: its own plan tries; where that answers nothing, it waits on all of them. */
export function* planWaitOnSeveral(txn: Txn, scope: PlanScope, command: Command, attempt: PlanRun): PlanRun {
  yield* attempt;
  if (scope.reply.length > 0) return;
  const { blocking } = command.spec;
  assert(blocking !== undefined, 'the command can wait');
  const shards = new Set(blocking.waitKeys(scope.args).map((i) => scope.shardOfKey(i)));
  const steps = [...shards].map((shard) => waitStep(scope, command, shard));
  yield;
  assert(
    steps.every((step) => step.reply.isEmpty),
    'keys that are held do not fill between two hops',
  );
  txn.waits = true;
}

function waitStep(scope: PlanScope, command: Command, shard: number): HopStep {
  const step = scope.step(shard, command.id);
  step.flags |= RING_BLOCKS;
  for (let i = 1; i < scope.args.count; i++) step.arg(i);
  return step;
}
