// A transaction while it is planned and run: what it touches, the plan that runs it, and the hop that is under way.

import { assert } from '../base/assert.js';
import { shardOf } from '../base/hash.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import type { Command, CommandTable, KeyUse } from '../contract/command-table.js';
import type { PlanPort, PlanRun, SplitSteps, StepReply } from '../contract/plan.js';
import type { StripeSet } from '../fabric/lock-stripes.js';
import { endOfReply, readHead, ReplyHead } from '../protocol/reply-scanner.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { flagsOf, RING_PART } from './command-record.js';
import type { Footprint } from './footprint.js';
import type { HopClient } from './hop-layout.js';
import { HopStep } from './step.js';

/** The client of a transaction: what commands see of it, and what a hop says of it. */
export interface TxnClient extends Client {
  readonly noTouch: boolean;
}

/** What all transactions of a core share. */
export interface TxnWorld {
  readonly table: CommandTable;
  readonly shardCount: number;
  readonly databases: number;
  /** Of the key hash. */
  readonly hashSeed: number;
  readonly stringBytesMax: () => number;
}

/** Encoders of transactions that are over, their blocks with them. */
const spareReplies: RespEncoder[] = [];
const SPARE_REPLIES_MAX = 64;
const SPARE_BYTES_MAX = 16 * 1024;

export class Txn {
  readonly footprint: Footprint;
  /** The client's answer collects here. */
  readonly reply = spareReplies.pop() ?? new RespEncoder();
  readonly world: TxnWorld;
  readonly client: TxnClient;
  /** What hops say of the client: for commands that wait or watch. */
  readonly hopClient: HopClient;
  /** The watched keys of an EXEC are looked at in the first hop. */
  watched = false;
  /** A watched key had changed: nothing was run. */
  dirty = false;
  /** The command waits on shards now: its answer comes later. */
  waits = false;
  /** The command of a client that has been waiting. */
  isRetry = false;
  run: PlanRun | undefined;
  /** The arguments with which its client waits: its plan may have settled what some of them mean. */
  args: Args | undefined;
  /** Told when the answer stands, while everything is still held. */
  beforeEnd: () => void = () => undefined;
  /** Told when the answer stands. */
  onAnswer: () => void = () => undefined;
  /** Nothing of its plan runs before its locks are taken. */
  locksFirst = false;

  #released = false;

  // What follows is the coordinator's.
  id = 0;
  /** Wall time of all its parts, Unix ms. */
  nowMs = 0;
  stripes: StripeSet | undefined;
  /** Its word and what stands in it (fabric/txn-words.ts); -1 while it has none. */
  word = -1;
  value = 0;
  /** Hop replies that are owed. */
  owed = 0;
  /** By shard: the steps of the hop that is planned or under way. */
  readonly steps: readonly HopStep[][];
  /** Shards that hold something for it. */
  readonly holding = new Set<number>();
  /** Those of them where clients wait for what it may have brought. */
  readonly ready = new Set<number>();
  /** Its plan has ended; these clients are being served. */
  isOver = false;

  constructor(world: TxnWorld, footprint: Footprint, client: TxnClient, hopClient: HopClient) {
    this.world = world;
    this.footprint = footprint;
    this.client = client;
    this.hopClient = hopClient;
    this.reply.protocol = client.protocol;
    this.steps = Array.from({ length: world.shardCount }, () => []);
  }

  /** The answer has been copied, and nobody looks at it any more: its block may serve another transaction. */
  releaseReply(): void {
    const { reply } = this;
    assert(!this.#released, 'a block is given back once');
    this.#released = true;
    if (reply.bytes.length > SPARE_BYTES_MAX || spareReplies.length === SPARE_REPLIES_MAX) return;
    reply.reset();
    spareReplies.push(reply);
  }

  /** Adds a command to the hop that is planned. */
  addStep(step: HopStep): void {
    this.steps[step.shard].push(step);
  }

  get hasSteps(): boolean {
    return this.steps.some((steps) => steps.length > 0);
  }

  /** Forgets the steps of the hop that is over. */
  clearSteps(): void {
    for (const steps of this.steps) steps.length = 0;
  }
}

/** One command's view of its transaction: a plan of its own, or one command of an EXEC. */
export class PlanScope implements PlanPort {
  readonly args: Args;
  readonly db: number;
  readonly reply: RespEncoder;
  readonly #txn: Txn;
  readonly #counted: boolean;

  /** @param counted its steps are commands of their own in the statistics, not parts of one */
  constructor(txn: Txn, args: Args, db: number, reply: RespEncoder, counted = false) {
    this.#txn = txn;
    this.args = args;
    this.db = db;
    this.reply = reply;
    this.#counted = counted;
  }

  get isRetry(): boolean {
    return this.#txn.isRetry;
  }

  get databases(): number {
    return this.#txn.world.databases;
  }

  get shardCount(): number {
    return this.#txn.world.shardCount;
  }

  get stringBytesMax(): number {
    return this.#txn.world.stringBytesMax();
  }

  get client(): Client {
    return this.#txn.client;
  }

  on(key: number, command: string): HopStep {
    return this.onShard(this.shardOfKey(key), command);
  }

  onShard(shard: number, name: string): HopStep {
    const { table } = this.#txn.world;
    const command = table.forPlan(name);
    assert(command !== undefined, 'a plan runs commands that exist');
    return this.step(shard, command.id);
  }

  /** A step by command id. */
  step(shard: number, commandId: number): HopStep {
    const flags = flagsOf(this.#txn.client) | (this.#counted ? 0 : RING_PART);
    const step = new HopStep(shard, commandId, this.args, this.db, flags);
    this.#txn.addStep(step);
    return step;
  }

  split(command: string, from: number, step: number, width: number, to = this.args.count): Split {
    const byShard: (HopStep | undefined)[] = [];
    const split = new Split();
    for (let i = from; i < to; i += step) {
      const shard = this.shardOfKey(i);
      let part = byShard[shard];
      if (part === undefined) {
        part = byShard[shard] = this.onShard(shard, command);
        split.parts.push(part);
      }
      assert(i + width <= to, 'a request is split between its keys');
      split.order.push(part);
      for (let j = i; j < i + width; j++) part.arg(j);
    }
    return split;
  }

  forward({ bytes, start, end }: StepReply): void {
    this.reply.raw(bytes, start, end);
  }

  /** The keys of the request; undefined: they cannot be found. */
  keyUses(command: Command): KeyUse[] | undefined {
    return this.#txn.world.table.keyUses(command, this.args);
  }

  shardOfKey(i: number): number {
    return shardOf(this.args.shardHash(i), this.#txn.world.shardCount);
  }
}

/** The parts of a request that was split. */
export class Split implements SplitSteps {
  readonly parts: HopStep[] = [];
  /** For every key of the request the part that it went to. */
  readonly order: HopStep[] = [];

  get error(): StepReply | undefined {
    return this.parts.find((part) => part.reply.isError)?.reply;
  }

  get sum(): number {
    let sum = 0;
    for (const part of this.parts) sum += part.reply.integer;
    return sum;
  }

  /** Each part's array has one element for each of its keys: visits all of them in the order of the request's keys. */
  inOrder(visit: (bytes: Uint8Array, start: number, end: number) => void): void {
    const cursors = new Map(this.parts.map((part) => [part, part.reply.elementsStart]));
    for (const part of this.order) {
      const { bytes, end } = part.reply;
      const at = cursors.get(part);
      assert(at !== undefined, 'a part of the split');
      const next = endOfReply(bytes, at, end);
      assert(next > at, 'a part has an element for each of its keys');
      visit(bytes, at, next);
      cursors.set(part, next);
    }
  }

  integers(): number[] {
    const integers: number[] = [];
    const head = new ReplyHead();
    this.inOrder((bytes, start, end) => {
      readHead(bytes, start, end, head);
      integers.push(head.value);
    });
    return integers;
  }
}
