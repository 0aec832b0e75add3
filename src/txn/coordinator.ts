// Runs the transactions of one core's clients.
//
//   plan's first part -> locks -> hop -> replies -> plan -> hop ... -> plan returns -> end -> locks back -> answer
//                          |        \ remote shards first; this core's own part when all of them have answered
//                          +-- not to be had: in line (fabric/lock-stripes.ts)
//
// (1) Shards hold a transaction's keys from its first hop there to its end. Its one instant is any between the moment when the
//     last shard that it touches holds, and the end.
// (2) `end` comes before the locks go back: whoever gets them next finds its holds free. Clients who wait for what it brought
//     come before its end.
// (3) Its parts all run at the wall time at which it began, so that no key expires half-way through it.
// (4) This core's part of a hop comes last, at the top of a cycle, and never meets a hold that has not ended.

import { assert } from '../base/assert.js';
import { NO_BYTES, readWord } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanRun } from '../contract/plan.js';
import { StripeSet, type LockStripes } from '../fabric/lock-stripes.js';
import { LANE_REPLY, LANE_REQUEST, type Mesh } from '../fabric/mesh.js';
import type { TxnWords } from '../fabric/txn-words.js';
import { REPLY_BYTES_MAX, ReplyTooLong, RespEncoder } from '../protocol/resp-encoder.js';
import { appendCommand } from './command-record.js';
import type { HeldKey } from './footprint.js';
import type { ParkedWork } from './holds.js';
import {
  appendHopHead,
  FORGET_BYTES,
  HOP_REPLIES_COMMANDS,
  HOP_REPLIES_READY,
  HOP_REPLIES_TAIL_BYTES,
  HOP_REPLIES_TXN,
  HOP_SERVE,
  HOP_SOLO,
  HOP_WATCHED,
  HOP_WHOLE_EXCLUSIVE,
  HOP_WHOLE_SHARED,
  newHopHead,
  writeForget,
} from './hop-layout.js';
import { KIND } from './record-kinds.js';
import type { Runner } from './runner.js';
import { FREE, type ShardPart } from './shard-part.js';
import type { HopStep } from './step.js';
import type { Txn } from './txn.js';

const ID_MASK = 0x7fffffff;
const INITIAL_BYTES = 4096;
/** Replies of this core's part up to this size are copied out of the block that collects them. */
const LOCAL_BYTES_KEPT = 16 * 1024;
const NO_KEYS: readonly HeldKey[] = [];

/** Somebody who waits for locks. */
interface Waiting {
  readonly stripes: StripeSet;
  readonly locked: () => void;
}

export interface CoordinatorOptions {
  readonly mesh: Mesh;
  readonly clock: Clock;
  readonly stripes: LockStripes;
  readonly words: TxnWords;
  /** This thread's shard: undefined on a thread that only does I/O. */
  readonly own: { readonly part: ShardPart; readonly runner: Runner } | undefined;
  /** By command id: the argument whose hash goes along, 0 for none. */
  readonly hashedArguments: readonly number[];
  /** A transaction of a client of this core has its answer, or waits (`txn.waits`). At the top of a cycle. */
  readonly done: (txn: Txn) => void;
  /** A cycle must come. */
  readonly kick: () => void;
}

export class Coordinator {
  /** Hop replies that other threads owe. */
  outstanding = 0;
  readonly #options: CoordinatorOptions;
  readonly #ownShard: number;
  readonly #txns = new Map<number, Txn>();
  #nextId = 1;
  /** In line for locks; the first one has this core's ticket. */
  readonly #waiting: Waiting[] = [];
  /** Locked, but without a word: more are under way than there are words. */
  readonly #wordless: Txn[] = [];
  /** What goes on at the top of the next cycle. */
  #runnable: (() => void)[] = [];
  #retry = false;
  readonly #record = new GrowingBytes(INITIAL_BYTES);
  readonly #forget = new Uint8Array(FORGET_BYTES);
  /** Replies of this core's part of a hop, and where each ends. */
  readonly #localReply = new RespEncoder();
  readonly #localEnds: number[] = [];

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#ownShard = options.own === undefined ? -1 : options.own.runner.shard.id;
  }

  // ------------------------------------------------------------------ beginning

  /**
   * Runs `txn` by its plan. True: its answer stands in `txn.reply` (or `txn.waits`). False: `done` will be told.
   * Called within a pass: nothing but commands of this very transaction runs before it returns.
   */
  start(txn: Txn): boolean {
    txn.nowMs = this.#options.clock.nowMs();
    txn.id = this.#nextId;
    this.#nextId = (this.#nextId + 1) & ID_MASK;
    const { footprint } = txn;
    if (footprint.isEmpty || !footprint.needsLocks || !txn.locksFirst) {
      const first = this.#next(txn);
      if (first === 'done') return true;
      if (!footprint.isEmpty && !footprint.needsLocks) return this.#startSolo(txn);
      assert(
        first === 'hop' || footprint.isEmpty,
        'only a plan that locks first, or locks nothing, waits for a promise',
      );
    }
    this.#txns.set(txn.id, txn);
    if (footprint.isEmpty) return false;
    txn.stripes = footprint.stripes();
    this.#lock(txn.stripes, () => {
      this.#locked(txn);
    });
    return false;
  }

  /** Runs the plan up to its next hop. A promise that it yields is waited for. */
  #next(txn: Txn): 'done' | 'hop' | 'waiting' {
    assert(txn.run !== undefined, 'a transaction has a plan');
    txn.clearSteps();
    for (;;) {
      const { done, value } = resumed(txn.run, txn.reply);
      if (done === true) return 'done';
      if (value !== undefined) {
        this.#goOnAfter(value, txn);
        return 'waiting';
      }
      if (txn.hasSteps) return 'hop';
    }
  }

  #goOnAfter(promise: Promise<unknown>, txn: Txn): void {
    promise.then(
      () => {
        this.#later(() => {
          this.#advance(txn);
        });
      },
      (error: unknown) => {
        throw error instanceof Error ? error : new Error(String(error));
      },
    );
  }

  // ------------------------------------------------------------------ on one shard

  /** The whole of it on one shard: one message, atomic because a shard runs a record to its end. */
  #startSolo(txn: Txn): boolean {
    const shard = txn.footprint.onlyShard;
    if (shard === this.#ownShard) return this.#soloHere(txn);
    this.#txns.set(txn.id, txn);
    this.#send(txn, shard, HOP_SOLO, NO_KEYS);
    this.#options.kick();
    return false;
  }

  #soloHere(txn: Txn): boolean {
    const { own } = this.#options;
    assert(own !== undefined, 'a solo transaction runs where its shard is');
    const obstacle = own.part.holds.active === 0 ? FREE : this.#obstacleHere(txn, own.part);
    if (obstacle !== FREE) {
      own.part.park(obstacle, {
        proceed: () => {
          if (this.#soloHere(txn)) this.#options.done(txn);
        },
      });
      return false;
    }
    this.#runHere(txn);
    own.runner.serve();
    const next = this.#next(txn);
    assert(next === 'done', 'a plan on one shard has one hop');
    return true;
  }

  #obstacleHere(txn: Txn, part: ShardPart): number {
    const { table } = txn.world;
    for (const { commandId, args } of txn.steps[this.#ownShard]) {
      const obstacle = part.obstacle(table.all[commandId], args);
      if (obstacle !== FREE) return obstacle;
    }
    return FREE;
  }

  // ------------------------------------------------------------------ locks

  /** Calls `locked` once all stripes are taken: at once, or at the top of a later cycle. */
  #lock(stripes: StripeSet, locked: () => void): void {
    if (this.#options.stripes.tryLock(stripes, this.#wakes)) {
      locked();
      return;
    }
    this.#waiting.push({ stripes, locked });
    if (this.#waiting.length === 1) this.#queue();
  }

  /** Draws a ticket for the first in line. */
  #queue(): void {
    if (!this.#options.stripes.queue()) return;
    this.#retry = true;
    this.#options.kick();
  }

  /** Stripes are free again that the first in line waits for, or it is its turn. */
  onRetry(): void {
    this.#retry = true;
  }

  readonly #wakes = (core: number): void => {
    const { mesh, kick } = this.#options;
    if (core === mesh.self) this.#retry = true;
    else mesh.send(core, LANE_REPLY, KIND.retry, NO_BYTES, 0, 0);
    kick();
  };

  #tryWaiting(): void {
    const { stripes } = this.#options;
    this.#retry = false;
    while (this.#waiting.length > 0 && stripes.isTurn()) {
      const [first] = this.#waiting;
      if (!stripes.lockInTurn(first.stripes, this.#wakes)) return;
      this.#waiting.shift();
      first.locked();
      if (this.#waiting.length > 0) stripes.queue();
    }
  }

  /** Runs `work` on this thread's shard when no transaction over several shards is under way. */
  whenAlone(work: ParkedWork): void {
    const stripes = new StripeSet(true);
    stripes.seal();
    this.#lock(stripes, () => {
      // Not at once: parked work goes on at the top of a cycle only.
      this.#later(() => {
        this.#options.own?.part.sweep();
        work.proceed();
        this.#options.stripes.unlock(stripes, this.#wakes);
      });
    });
  }

  #locked(txn: Txn): void {
    const { words, clock } = this.#options;
    const word = words.begin();
    if (word < 0) {
      this.#wordless.push(txn);
      return;
    }
    txn.word = word;
    txn.value = words.valueOf(word);
    txn.nowMs = clock.nowMs();
    if (txn.locksFirst) {
      this.#later(() => {
        this.#advance(txn);
      });
    } else {
      this.#hop(txn);
    }
  }

  // ------------------------------------------------------------------ hops

  /** Sends the planned hop to its shards; this core's part follows when they have answered. */
  #hop(txn: Txn): void {
    const { steps, footprint } = txn;
    const firstHop = txn.holding.size === 0;
    for (let shard = 0; shard < steps.length; shard++) {
      if (shard === this.#ownShard || steps[shard].length === 0) continue;
      const holds = txn.holding.has(shard) ? NO_KEYS : (footprint.keys.at(shard) ?? NO_KEYS);
      this.#send(txn, shard, wholeFlag(txn) | (firstHop && txn.watched ? HOP_WATCHED : 0), holds);
      txn.holding.add(shard);
    }
    this.#options.kick();
    if (txn.owed > 0) return;
    this.#later(() => {
      this.#ownPart(txn);
    });
  }

  #send(txn: Txn, shard: number, flags: number, holds: readonly HeldKey[]): void {
    const record = this.#record;
    const { hashedArguments, mesh } = this.#options;
    const { id, word, value, nowMs, hopClient } = txn;
    const watched = (flags & HOP_SOLO) !== 0 && txn.watched ? HOP_WATCHED : 0;
    record.clear();
    appendHopHead(record, { ...hopClient, txn: id, word, value, nowMs, flags: flags | watched }, holds);
    const steps = txn.steps[shard];
    record.appendWord(steps.length);
    for (const step of steps) {
      const hashed = hashedArguments[step.commandId];
      const hash = hashed > 0 && hashed < step.args.count ? step.args.hash(hashed) : 0;
      appendCommand(record, step.commandId, step.db, step.flags, hash, step.args);
    }
    mesh.send(shard, LANE_REQUEST, KIND.hop, record.bytes, 0, record.length);
    txn.owed++;
    this.outstanding++;
  }

  /** A shard has run its part of a hop. */
  onHopReplies(shard: number, bytes: Uint8Array, start: number, end: number): void {
    this.outstanding--;
    const txn = this.#txns.get(readWord(bytes, end - HOP_REPLIES_TXN));
    assert(txn !== undefined, 'replies belong to a transaction');
    const count = readWord(bytes, end - HOP_REPLIES_COMMANDS);
    if (txn.isOver) {
      if (--txn.owed === 0) this.#finish(txn);
      return;
    }
    if (txn.holding.has(shard) && readWord(bytes, end - HOP_REPLIES_READY) !== 0) txn.ready.add(shard);
    const directory = end - HOP_REPLIES_TAIL_BYTES - 4 * count;
    const steps = txn.steps[shard];
    if (count === 0) {
      txn.dirty = true;
    } else {
      assert(count === steps.length, 'every command of a hop is answered');
      const body = bytes.slice(start, directory);
      let at = 0;
      for (let i = 0; i < count; i++) {
        const next = readWord(bytes, directory + 4 * i);
        steps[i].reply.set(body, at, next);
        at = next;
      }
    }
    if (--txn.owed > 0) return;
    // Replies come at the top of a cycle: the own part may follow at once.
    this.#ownPart(txn);
  }

  /** This core's part of the hop, then the plan goes on. */
  #ownPart(txn: Txn): void {
    const { own } = this.#options;
    if (own !== undefined && txn.steps[this.#ownShard].length > 0) {
      own.part.sweep();
      const firstHere = !txn.holding.has(this.#ownShard);
      const holds = firstHere ? (txn.footprint.keys.at(this.#ownShard) ?? NO_KEYS) : NO_KEYS;
      const { word, value, nowMs } = txn;
      own.part.hold({ ...newHopHead(), word, value, nowMs, flags: wholeFlag(txn) }, holds);
      txn.holding.add(this.#ownShard);
      this.#runHere(txn);
    }
    this.#advance(txn);
  }

  /** Runs the steps for this thread's shard. */
  #runHere(txn: Txn): void {
    const { own } = this.#options;
    assert(own !== undefined, 'there is a shard here');
    const { part, runner } = own;
    const { session, place, claim, watch } = txn.hopClient;
    const client = { core: this.#options.mesh.self, session, place, value: claim };
    const steps = txn.steps[this.#ownShard];
    runner.begin();
    runner.shard.nowMs = txn.nowMs;
    if (txn.watched && !part.checkWatched(place, watch)) txn.dirty = true;
    if (!txn.dirty) this.#runSteps(steps, part, client, watch);
    runner.end();
  }

  #runSteps(
    steps: readonly HopStep[],
    part: ShardPart,
    client: Parameters<ShardPart['runCommand']>[2],
    watch: number,
  ): void {
    const reply = this.#localReply;
    const ends = this.#localEnds;
    ends.length = 0;
    for (const { commandId: id, db, flags, args } of steps) {
      part.runCommand({ id, db, flags, args }, reply, client, watch);
      ends.push(reply.length);
    }
    // A copy of the right size is cheaper than a new block for each hop, unless it is large.
    const bytes = reply.length > LOCAL_BYTES_KEPT ? reply.take() : reply.bytes.slice(0, reply.length);
    reply.reset();
    let at = 0;
    for (let i = 0; i < steps.length; i++) {
      steps[i].reply.set(bytes, at, ends[i]);
      at = ends[i];
    }
  }

  // ------------------------------------------------------------------ going on, and the end

  #advance(txn: Txn): void {
    const next = this.#next(txn);
    if (next === 'hop') {
      assert(txn.word >= 0, 'hops after the first one need locks');
      this.#hop(txn);
    } else if (next === 'done') {
      this.#serve(txn);
    }
  }

  /**
   * Has those served who wait for what the transaction brought, while it still holds: after its end somebody might bring
   * them something on another shard first.
   */
  #serve(txn: Txn): void {
    txn.isOver = true;
    txn.beforeEnd();
    for (const shard of txn.ready) this.#send(txn, shard, HOP_SERVE, NO_KEYS);
    if (txn.holding.has(this.#ownShard)) this.#options.own?.part.serveBeforeEnd(txn.word);
    this.#options.kick();
    if (txn.owed === 0) this.#finish(txn);
  }

  #finish(txn: Txn): void {
    this.#txns.delete(txn.id);
    if (txn.stripes !== undefined) this.#end(txn, txn.stripes);
    this.#options.done(txn);
  }

  #end(txn: Txn, taken: StripeSet): void {
    const { words, stripes, mesh, own } = this.#options;
    const awaited = words.end(txn.word);
    stripes.unlock(taken, this.#wakes);
    if (awaited) {
      for (const shard of txn.holding) {
        if (shard !== this.#ownShard) mesh.send(shard, LANE_REPLY, KIND.ended, NO_BYTES, 0, 0);
      }
    }
    if (txn.holding.has(this.#ownShard)) own?.part.sweep();
    const wordless = this.#wordless.shift();
    if (wordless !== undefined) this.#locked(wordless);
  }

  /** Tells `shards` that a client watches or waits no longer; `what` as in hop-layout.ts. */
  forget(shards: Iterable<number>, place: number, what: number): void {
    const { own, mesh, kick } = this.#options;
    for (const shard of shards) {
      if (shard === this.#ownShard) {
        own?.part.forget(place, what);
      } else {
        writeForget(this.#forget, place, what);
        mesh.send(shard, LANE_REQUEST, KIND.forget, this.#forget, 0, FORGET_BYTES);
      }
    }
    kick();
  }

  // ------------------------------------------------------------------ the cycle

  #later(go: () => void): void {
    this.#runnable.push(go);
    this.#options.kick();
  }

  /** Goes on with what may go on; at the top of a cycle. Returns the work done. */
  work(): number {
    if (this.#retry) this.#tryWaiting();
    const { length } = this.#runnable;
    if (length === 0) return 0;
    const runnable = this.#runnable;
    this.#runnable = [];
    for (const go of runnable) go();
    return length;
  }

  /** Nothing is under way and nobody waits (tests, at rest). */
  get isIdle(): boolean {
    return this.#txns.size === 0 && this.#waiting.length === 0 && this.#runnable.length === 0 && this.outstanding === 0;
  }
}

/** Runs a plan up to its next yield. One that has more to say than a reply may hold ends with an error in its place. */
function resumed(run: PlanRun, reply: RespEncoder): IteratorResult<Promise<unknown> | undefined, void> {
  try {
    const result = run.next();
    if (reply.length <= REPLY_BYTES_MAX) return result;
  } catch (error) {
    if (!(error instanceof ReplyTooLong)) throw error;
  }
  reply.rewind(0);
  reply.error(ERRORS.replyTooLong);
  return { done: true, value: undefined };
}

function wholeFlag({ footprint }: Txn): number {
  if (footprint.whole === 'none') return 0;
  return footprint.whole === 'exclusive' ? HOP_WHOLE_EXCLUSIVE : HOP_WHOLE_SHARED;
}
