// EXEC: the queued commands as one transaction. Commands for single shards collect in one hop, one message per shard; a
// command over several shards brings its own hops, which carry along what has collected before it.

import { Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanRun } from '../contract/plan.js';
import { ReplyTooLong, RespEncoder } from '../protocol/resp-encoder.js';
import { planGather } from './gather-plan.js';
import { planEveryShard, planSplit } from './plans.js';
import type { HopStep } from './step.js';
import { PlanScope, type Txn } from './txn.js';

/** How a command of the queue runs. */
export type ExecRoute =
  | { readonly kind: 'client' }
  | { readonly kind: 'one'; readonly shard: number }
  | { readonly kind: 'several' }
  | { readonly kind: 'every' };

/** What EXEC needs of the engine. */
export interface ExecPort {
  readonly shardCount: number;
  /** Where a queued command runs, in the client's present database. */
  route(command: Command, args: Args): ExecRoute;
  /** Runs a command beside the connection. */
  runClient(command: Command, args: Args, reply: RespEncoder): void | Promise<void>;
  /** A command over several shards has run: counted with its reply. */
  count(command: Command, reply: RespEncoder): void;
}

interface Queued {
  readonly command: Command;
  readonly args: Args;
}

/** A reply in the making: a step's, or bytes that are written already. */
type Slot = HopStep | RespEncoder;

/** A look has no arguments. */
const NO_ARGS = new Args(0);

/** Runs in the first hop where watched keys are to be looked at before anything else. */
export const LOOK = 'LOOK';

/**
 * @param watchedShards shards of watched keys when the transaction is over several: they are held and looked at in a hop of
 *   its own; on one shard the hop that runs everything does so first
 */
export function* planExec(
  txn: Txn,
  queue: readonly Queued[],
  port: ExecPort,
  watchedShards: ReadonlySet<number>,
): PlanRun {
  const { reply, client } = txn;
  const db = client.db;
  if (watchedShards.size > 0) {
    const scope = new PlanScope(txn, NO_ARGS, db, reply);
    for (const shard of watchedShards) scope.onShard(shard, LOOK);
    yield;
    txn.watched = false;
  }
  const slots: Slot[] = [];
  if (!txn.dirty) {
    for (const queued of queue) slots.push(yield* runQueued(txn, queued, port));
    yield; // what has collected since the last hop
  }
  reply.protocol = client.protocol;
  if (txn.dirty) {
    client.db = db;
    reply.nilArray();
    return;
  }
  reply.array(slots.length);
  for (const slot of slots) {
    if (slot instanceof RespEncoder) reply.raw(slot.bytes, 0, slot.length);
    else reply.raw(slot.reply.bytes, slot.reply.start, slot.reply.end);
  }
}

function* runQueued(
  txn: Txn,
  { command, args }: Queued,
  port: ExecPort,
): Generator<Promise<unknown> | undefined, Slot> {
  const own = new RespEncoder();
  own.protocol = txn.client.protocol;
  const route = port.route(command, args);
  if (route.kind === 'client') {
    if (!command.spec.flags.includes('fast')) yield; // it may look at what the commands before it have done
    const settled = port.runClient(command, args, own);
    if (settled !== undefined) yield settled;
    return own;
  }
  if (route.kind === 'one') {
    const step = new PlanScope(txn, args, txn.client.db, own, true).step(route.shard, command.id);
    for (let i = 1; i < args.count; i++) step.arg(i);
    return step;
  }
  const scope = new PlanScope(txn, args, txn.client.db, own);
  try {
    if (route.kind === 'every') yield* planEveryShard(scope, command, port.shardCount);
    else yield* planWithoutWaiting(scope, command);
  } catch (error) {
    if (!(error instanceof ReplyTooLong)) throw error;
    own.rewind(0);
    own.error(ERRORS.replyTooLong);
  }
  port.count(command, own);
  return own;
}

/** A command over several shards; one that would wait says what it says where there is nothing. */
export function* planWithoutWaiting(scope: PlanScope, command: Command): PlanRun {
  const { args, reply } = scope;
  const { blocking } = command.spec;
  if (blocking !== undefined && Number.isNaN(blocking.timeoutMs(args, reply))) return;
  yield* planAcross(scope, command);
  if (reply.length === 0) blocking?.nothing(args, reply);
}

/** A command by its own way over several shards. */
export function planAcross(scope: PlanScope, command: Command): PlanRun {
  const { across } = command.spec;
  if (across === undefined || 'queue' in across) throw new Error(`${command.fullName} has no way over several shards`);
  if ('gather' in across) return planGather(scope, command);
  return 'split' in across ? planSplit(scope, command, across.split) : across.plan(scope);
}
