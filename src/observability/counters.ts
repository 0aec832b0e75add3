// The catalogue of counters: what is counted, and where each counter stands in a thread's row.
//
// Every thread owns one row of 64-bit floating point slots (integers exact up to 2^53), writes only that row, and never
// waits for anyone; a reader adds up the rows of all threads. The rows themselves live in shared memory
// (fabric/counters.ts).
//
//   row   | COUNTERS ... | errors by code ... | keys, expires, subexpiry of db 0 | db 1 ... | calls, usec, rejected, failed of
//                                                                                  command 0 | command 1 ... |
//
// (1) A slot has the same number on every thread: the row is laid out from counts that all threads share.
// (2) How rows combine and whether CONFIG RESETSTAT clears a slot follows from the counter's kind alone.

import { assert } from '../base/assert.js';

/**
 * `total` only grows and is summed; CONFIG RESETSTAT clears it. `gauge` is a level and is summed. `peak` is a level whose
 * largest value over the threads counts.
 */
export type CounterKind = 'total' | 'gauge' | 'peak';

/** The counters by name. Units stand at the end of a name; no unit: a number of things. */
export const COUNTERS = {
  connectionsReceived: 'total',
  /** Refused because of maxclients. */
  connectionsRejected: 'total',
  /** Commands that ran, rejected ones not included. Written once per batch. */
  commandsProcessed: 'total',
  netInputBytes: 'total',
  netOutputBytes: 'total',
  /** Reads from and writes to connections. */
  reads: 'total',
  writes: 'total',
  keyspaceHits: 'total',
  keyspaceMisses: 'total',
  expiredKeys: 'total',
  /** Fields of hashes. */
  expiredFields: 'total',
  /** Active expiry cycles that ended because their time was up. */
  expireTimeCaps: 'total',
  expireCycleUs: 'total',
  lazyFreedObjects: 'total',
  evictedKeys: 'total',
  evictedClients: 'total',
  /** Error replies of any code. */
  errorReplies: 'total',
  queryBufferDisconnections: 'total',
  outputBufferDisconnections: 'total',
  /** Event loop cycles that sent replies; the time in which event loops did not wait; the part of it in commands. */
  cycles: 'total',
  cycleUs: 'total',
  commandUs: 'total',
  /** Commands handed to another thread's shard outside transactions. */
  remoteCommands: 'total',
  /** Records put on rings to other threads, answers included, and parked threads woken for them. */
  messages: 'total',
  wakeups: 'total',

  connectedClients: 'gauge',
  blockedClients: 'gauge',
  /** Those of them that wait for a limited time. */
  timedClients: 'gauge',
  /** Clients that watch keys, the keys that somebody watches, and those that somebody waits for. */
  watchingClients: 'gauge',
  watchedKeys: 'gauge',
  awaitedKeys: 'gauge',
  /** Clients with subscriptions, and what they have subscribed to. */
  pubsubClients: 'gauge',
  channels: 'gauge',
  shardChannels: 'gauge',
  /** Bytes in input buffers and in unsent replies. */
  inputBufferBytes: 'gauge',
  outputBufferBytes: 'gauge',
  /** Bytes that values, keys and indexes take in the arenas, and what the arenas hold from the system. */
  usedMemoryBytes: 'gauge',
  arenaBytes: 'gauge',
  /** The sum of each arena's own peak: an upper bound of the peak of the sum. */
  usedMemoryPeakBytes: 'gauge',
  /** The part of the used memory that is dict tables. */
  indexBytes: 'gauge',
  lazyFreePendingObjects: 'gauge',

  /** Every shard has all patterns. */
  patterns: 'peak',

  /** The largest buffer of any client lately. */
  largestInputBufferBytes: 'peak',
  largestOutputBufferBytes: 'peak',
} as const satisfies Record<string, CounterKind>;

export type CounterName = keyof typeof COUNTERS;

export const COUNTER_NAMES = Object.keys(COUNTERS) as readonly CounterName[];

/** The slot of each counter. */
export const COUNTER_SLOTS: Readonly<Record<CounterName, number>> = Object.fromEntries(
  COUNTER_NAMES.map((name, slot) => [name, slot]),
) as Record<CounterName, number>;

/** The codes that error replies begin with. The last one takes what is none of them (a script's own code). */
export const ERROR_CODES = [
  'BUSY',
  'BUSYGROUP',
  'BUSYKEY',
  'DENIED',
  'ERR',
  'EXECABORT',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOAUTH',
  'NOGROUP',
  'NOMASTERLINK',
  'NOPERM',
  'NOPROTO',
  'NOREPLICAS',
  'NOSCRIPT',
  'NOTBUSY',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNBLOCKED',
  'UNKILLABLE',
  'WRONGPASS',
  'WRONGTYPE',
  'OTHER',
] as const;

const ERROR_OFFSETS: ReadonlyMap<string, number> = new Map(ERROR_CODES.map((code, i) => [code, i]));

/** What is counted per command, in the order of its slots. */
export const COMMAND_COUNTERS = ['calls', 'usec', 'rejected', 'failed'] as const;

/** What is counted per database, in the order of its slots. */
export const DB_COUNTERS = ['keys', 'expires', 'subexpiry'] as const;

/** A thread's row for a number of databases and commands. Slot numbers count 8-byte slots from the row's start. */
export class CounterLayout {
  readonly databases: number;
  readonly commands: number;
  readonly errorsAt: number;
  readonly dbsAt: number;
  readonly commandsAt: number;
  /** Slots of a row. */
  readonly slots: number;

  constructor(databases: number, commands: number) {
    assert(databases >= 1 && commands >= 0, 'a counter row has at least one database');
    this.databases = databases;
    this.commands = commands;
    this.errorsAt = COUNTER_NAMES.length;
    this.dbsAt = this.errorsAt + ERROR_CODES.length;
    this.commandsAt = this.dbsAt + databases * DB_COUNTERS.length;
    this.slots = this.commandsAt + commands * COMMAND_COUNTERS.length;
  }

  /** The first of the slots of a database: keys, expires, subexpiry. */
  db(index: number): number {
    return this.dbsAt + index * DB_COUNTERS.length;
  }

  /** The first of the slots of a command: calls, usec, rejected, failed. */
  command(id: number): number {
    return this.commandsAt + id * COMMAND_COUNTERS.length;
  }

  /** The slot of an error reply that begins with `code` (no '-'). */
  error(code: string): number {
    return this.errorsAt + (ERROR_OFFSETS.get(code) ?? ERROR_CODES.length - 1);
  }

  /** The kind of any slot. */
  kind(slot: number): CounterKind {
    if (slot < this.errorsAt) return COUNTERS[COUNTER_NAMES[slot]];
    return slot >= this.dbsAt && slot < this.commandsAt ? 'gauge' : 'total';
  }
}
