// What a command declares about itself. One object per command in its family's file (src/commands/<family>.ts); the
// dispatch id, COMMAND and its subcommands, ACL categories, the keys to lock, out-of-memory and journal rules, counters,
// the fuzz grammar and a test from `examples` are all derived from it.

import type { Args } from './args.js';
import type { Client } from './client.js';
import type { KeyUse } from './command-table.js';
import type { Across } from './plan.js';
import type { TopicKind } from './pubsub.js';
import type { Reply } from './reply.js';
import type { Db } from '../shard/db.js';

/** Redis's command flags, spelled as COMMAND INFO spells them. */
export type CommandFlag =
  | 'admin'
  | 'allow_busy'
  | 'asking'
  | 'blocking'
  | 'denyoom'
  | 'fast'
  | 'loading'
  | 'may_replicate'
  | 'movablekeys'
  | 'no_async_loading'
  | 'no_auth'
  | 'no_mandatory_keys'
  | 'no_multi'
  | 'noscript'
  | 'pubsub'
  | 'readonly'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'stale'
  | 'write';

/** Redis's groups, as COMMAND DOCS spells them. */
export type CommandGroup =
  | 'bitmap'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions';

/** How a command uses its keys, as COMMAND INFO (7.0+) spells it. */
export type KeyFlag =
  'RO' | 'RW' | 'OW' | 'RM' | 'access' | 'update' | 'insert' | 'delete' | 'not_key' | 'incomplete' | 'variable_flags';

/** Where keys stand among the arguments (Redis 7 key specifications). Index 0 is the command's name. */
export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  /** Written all the same where the flags say RO, which is what Redis says of XREADGROUP. */
  readonly isWritten?: boolean;
  readonly notes?: string;
  /**
   * The first key: a fixed argument index, or the argument after a keyword searched from `startFrom`. Unknown: `movableKeys`
   * finds it, or nobody can (`readsBeyond`).
   */
  readonly begin:
    { readonly index: number } | { readonly keyword: string; readonly startFrom: number } | { readonly unknown: true };
  /**
   * The rest: a range up to `last` (relative to the first; -1 is the last argument) by `step`, or a count that is itself
   * an argument (`countAt` and `firstAt` relative to the beginning).
   */
  readonly find:
    | { readonly last: number; readonly step: number; readonly limit: number }
    | { readonly countAt: number; readonly firstAt: number; readonly step: number }
    | { readonly unknown: true };
}

/** One key at `index`. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last: 0, step: 1, limit: 0 } };
}

/** Keys from `index` up to `last` (-1: the last argument), one every `step` arguments. */
export function keysFrom(index: number, last: number, step: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last, step, limit: 0 } };
}

/**
 * The channels that a command is about. They route it and are locked as keys are, and are no keys to anybody else (COMMAND,
 * ACL). A channel and a key of one name only wait for each other.
 */
export interface ChannelSpec {
  /** The arguments that name channels; `last` is an index, or -1 for the last argument. */
  readonly at?: { readonly first: number; readonly last: number };
  /** Publishes, or changes who listens; otherwise it only looks. */
  readonly writes: boolean;
  /** It looks at the patterns, or changes them. */
  readonly patterns?: 'read' | 'write';
  /** A request that names nothing is about what its client has subscribed to, of these kinds. */
  readonly own?: readonly TopicKind[];
}

/** Visits the arguments of a request that name channels. */
export function* channelsOf({ at }: ChannelSpec, args: Args): IterableIterator<number> {
  if (at === undefined) return;
  const last = at.last < 0 ? args.count + at.last : at.last;
  for (let i = at.first; i <= last; i++) yield i;
}

/** Runs on the shard that owns the keys: to completion, without waiting. */
export type ShardOp = (db: Db, args: Args, reply: Reply) => void;

/**
 * Runs on the core of the client's connection and touches no data. A returned promise holds the connection (later
 * requests of its pipeline wait) until it settles; the reply object stays the client's own for that time.
 */
export type ClientOp = (client: Client, args: Args, reply: Reply) => void | Promise<void>;

/** The time to wait of a request that does not ask to. */
export const DOES_NOT_WAIT = -1;

/** How a command waits for a key to have something for it. */
export interface BlockingSpec {
  /** TYPE's number of the values that it takes from. */
  readonly type: number;
  /** Milliseconds to wait, 0 for ever; DOES_NOT_WAIT; NaN: the error is replied. */
  readonly timeoutMs: (args: Args, reply: Reply) => number;
  /** The arguments that are the keys it waits for, in the order in which they are tried. */
  readonly waitKeys: (args: Args) => readonly number[];
  /** Answers from the key at argument `i`, an error included; false: there is nothing, and nothing is replied. */
  readonly attempt: (db: Db, args: Args, i: number, reply: Reply) => boolean;
  /**
   * It answers from all its keys at once: `attempt` is called once, with any of them, where all of them are, and says itself
   * what is wrong with the request. It takes nothing away from others that wait: a line goes on behind it.
   */
  readonly takesAll?: boolean;
  /** True when `attempt` would answer now that the key at `i` is looked at again. Without it: whenever there is a value of `type`. */
  readonly isServed?: (db: Db, args: Args, i: number) => boolean;
  /** It waits no longer for a key that is gone or has become something else: `isServed` is asked then as well. */
  readonly endsWithKey?: boolean;
  /** Begins to wait, with arguments of its own: puts what is to be taken now (XREAD's `$`) in place of the words for it. */
  readonly settle?: (db: Db, args: Args) => void;
  /** The answer where there is nothing and it must not wait, in MULTI. (When a time is over it is always a nil array.) */
  readonly nothing: (args: Args, reply: Reply) => void;
}

/**
 * How the replies of all shards become one:
 * `sum` adds integers, `all-ok` gives +OK or the first error, `concat` joins arrays, `first-error-or-first` takes shard 0's.
 */
export type Merge = 'sum' | 'all-ok' | 'concat' | 'first';

/** Chooses the shard for a command without keys (SCAN by its cursor, RANDOMKEY by weight); `db` is the client's. */
export type ShardChoice = (args: Args, topology: Topology, db: number) => number;

/** The partitions as a command may see them. */
export interface Topology {
  readonly shardCount: number;
  /** Keys in database `db` of `shard`, expired ones that still stand included. */
  keyCount(shard: number, db: number): number;
  /** An integer in [0, bound). */
  randomBelow(bound: number): number;
}

/** `[request line, expected reply as RESP with \r\n left out at the end]`; state carries over within one command's list. */
export type Example = readonly [request: string, reply: string];

export interface CommandSpec {
  /** Capitals. For a subcommand, the subcommand's own word. */
  readonly name: string;
  readonly since: string;
  /** Number of arguments with the name; negative: at least that many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly group: CommandGroup;
  readonly summary: string;
  readonly complexity: string;
  /**
   * The arguments after the name in a small grammar, the source of COMMAND DOCS arguments and of the fuzz grammar (see
   * contract/usage.ts): `key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]`.
   */
  readonly usage: string;
  readonly keys?: readonly KeySpec[];
  readonly channels?: ChannelSpec;
  /** The keys that key specifications call unknown and that stand among the arguments all the same. */
  readonly movableKeys?: (args: Args, offset: number) => readonly KeyUse[];
  /**
   * True for a request that reads keys which it does not name: over several shards it is a transaction over the whole
   * keyspace.
   */
  readonly readsBeyond?: (args: Args) => boolean;
  /** How this request uses its keys, for key specifications flagged `variable_flags`. `offset`: where the name stands. */
  readonly keyFlags?: (args: Args, offset: number) => readonly KeyFlag[];
  /**
   * ACL categories that neither the flags nor the group imply (`dangerous`, `keyspace`, ...); with a minus in front, one
   * that they imply and that does not apply (`-keyspace`).
   */
  readonly categories?: readonly string[];
  readonly history?: readonly (readonly [version: string, change: string])[];
  /** COMMAND tips, as COMMAND INFO lists them (`request_policy:all_shards`, `nondeterministic_output`, ...). */
  readonly tips?: readonly string[];
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  readonly examples: readonly Example[];

  /**
   * Exactly one of onShard, onEveryShard, onClient and blocking runs the command, or a plan that always does (`alone`); a
   * container with subcommands may have none.
   */
  readonly onShard?: ShardOp;
  readonly onEveryShard?: { readonly op: ShardOp; readonly merge: Merge };
  readonly onClient?: ClientOp;
  /** With `onShard` and no keys. */
  readonly pickShard?: ShardChoice;
  readonly blocking?: BlockingSpec;
  /** How it runs when its keys stand on several shards: every command that may have several keys says so. */
  readonly across?: Across;
  /** A part of other commands' plans that no client can ask for. */
  readonly internal?: boolean;
  readonly subcommands?: readonly CommandSpec[];
}
