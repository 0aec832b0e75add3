// How a command runs when its keys stand on several shards.
//
//   split   the request is cut into one request per shard, all run in one hop, and their replies become one
//   gather  the values of all keys come to one shard, and the command runs there
//   plan    a generator: it adds steps (commands for single shards), yields, and finds their replies; each yield is a hop
//
//   function* planRename(port) {
//     const value = port.on(1, 'EXPORT').arg(1);
//     yield;
//     if (value.reply.isNil) return port.reply.error(ERRORS.noSuchKey);
//     ...
//
// A plan runs on the core of its client and touches no data itself. What stands before its first yield runs before any key
// is locked: arguments are checked there. From the first hop on all keys of the request are held until the plan returns,
// so its hops together are one step to everybody else.

import type { Args } from './args.js';
import type { Client } from './client.js';
import type { Reply } from './reply.js';

/** How the replies of a split request become one. */
export type SplitMerge =
  /** Integers are added. */
  | 'sum'
  /** +OK. */
  | 'ok'
  /** Arrays of one element per key, put into the order of the request's keys. */
  | 'array';

/** The answer to a step; valid until its plan returns. */
export interface StepReply {
  readonly bytes: Uint8Array;
  /** The whole reply is `bytes[start, end)`. */
  readonly start: number;
  readonly end: number;
  readonly isError: boolean;
  readonly isNil: boolean;
  /** The value of an integer reply. */
  readonly integer: number;
  /** The content of a bulk is `bytes[bulkStart, bulkEnd)`. */
  readonly bulkStart: number;
  readonly bulkEnd: number;
}

/** A command of the next hop while its arguments are added, and its reply afterwards. */
export interface PlanStep {
  /** Appends argument `i` of the request. */
  arg(i: number): PlanStep;
  bytes(bytes: Uint8Array, start: number, end: number): PlanStep;
  /** ASCII. */
  word(text: string): PlanStep;
  /** Runs in another database than the request's. */
  inDb(db: number): PlanStep;
  readonly reply: StepReply;
}

/** The requests that one request was split into. */
export interface SplitSteps {
  /** The first error that a shard gave, if any. */
  readonly error: StepReply | undefined;
  /** The sum of the integers. */
  readonly sum: number;
  /** Where each part answers with one integer per key: those of all keys, in the order of the request. */
  integers(): number[];
}

/** What a plan sees of the server. */
export interface PlanPort {
  /** The request; its bytes stay as they are until the plan returns. */
  readonly args: Args;
  readonly db: number;
  readonly databases: number;
  readonly shardCount: number;
  /** proto-max-bulk-len. */
  readonly stringBytesMax: number;
  readonly client: Client;
  /** The client has been waiting: where something else stands than what it waits for, it goes on. */
  readonly isRetry: boolean;
  /** The command's answer. */
  readonly reply: Reply;
  /** Adds `command` (full name, capitals) for the shard of the key at argument `key`. Its arguments follow. */
  on(key: number, command: string): PlanStep;
  /** The shard of the key at argument `key`. */
  shardOfKey(key: number): number;
  /** As `on`, for a shard by number. */
  onShard(shard: number, command: string): PlanStep;
  /**
   * Adds `command` for every shard that has a key among the arguments `from`, `from + step`, ... below `to` (the end of the
   * request), with the `width` arguments from each of its keys on.
   */
  split(command: string, from: number, step: number, width: number, to?: number): SplitSteps;
  /** Appends a step's reply to the answer as it is. */
  forward(reply: StepReply): void;
}

/** Yields undefined for a hop, or a promise that must settle before it goes on. */
export type PlanRun = Generator<Promise<unknown> | undefined, void, undefined>;

export type Plan = (port: PlanPort) => PlanRun;

/**
 * How a command runs when its keys stand on several shards.
 *   split    one request per shard; with `watches` the client watches the keys from now on
 *   gather   on one shard, which borrows the values of the others: for a command that reads keys and writes one at most
 *   plan     several hops
 *   queue    the commands that the client has queued, on all their keys (EXEC)
 * `alone`: it always runs in this way, wherever its keys are. A plan that does may be all there is of a command.
 * `pushes`: its answers are pushes, or it begins the connection anew: CLIENT REPLY does not silence them.
 */
export type Across =
  | { readonly split: SplitMerge; readonly alone?: boolean; readonly watches?: boolean }
  | { readonly gather: true }
  | { readonly plan: Plan; readonly alone?: boolean; readonly pushes?: boolean }
  | { readonly queue: true };
