// The shard's side of transactions: runs its part of hops, holds keys until their transaction ends, and keeps commands that
// come in between waiting.
//
//   hop     -> drop ended holds -> hold its keys -> run its commands -> replies
//   solo    -> drop ended holds -> way free? run all its commands -> replies : park
//   command -> obstacle? -> run : park                                       (asked only while `active` is not 0)
//   ended   -> sweep: drop holds, serve clients blocked on them, go on with what is parked
//
// (1) A hop of a transaction over several shards never waits here.
// (2) Everything runs at the top of a cycle: parked work that goes on is never nested in something else's run.
// (3) After the end of a transaction clients blocked on its keys come first, then what is parked, then newer work.

import { assert } from '../base/assert.js';
import { readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import { shardOf } from '../base/hash.js';
import { copyArgs, type Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import type { TopicKind } from '../contract/pubsub.js';
import type { Reply } from '../contract/reply.js';
import { channelsOf, type BlockingSpec, type ChannelSpec } from '../contract/spec.js';
import type { ClientWords } from '../fabric/client-words.js';
import { LANE_REPLY, type Mesh } from '../fabric/mesh.js';
import type { TxnWords } from '../fabric/txn-words.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import type { ShardClients } from '../shard/shard.js';
import type { RemoteClient } from '../shard/watch.js';
import { RecordedCommand, RING_BLOCKS, RING_NO_TOUCH, RING_PART, RING_RESP3 } from './command-record.js';
import { PATTERNS_HASH, type HeldKey } from './footprint.js';
import { Holds, NO_TXN, type ParkedWork } from './holds.js';
import {
  FORGET_WATCH,
  HOP_SERVE,
  HOP_SOLO,
  HOP_WATCHED,
  HOP_WHOLE_EXCLUSIVE,
  HOP_WHOLE_SHARED,
  KEEP_WAITING,
  newHopHead,
  readHopHead,
  type HopHead,
} from './hop-layout.js';
import { appendMessage } from './message-layout.js';
import { KIND } from './record-kinds.js';
import type { ReplyBuffer, Runner } from './runner.js';

/** Answers of `obstacle` that are no key hash: the way is free; the whole shard is wanted. */
export const FREE = 2 ** 32;
export const WHOLE_SHARD = FREE + 1;

const INITIAL_BYTES = 1024;

export interface ShardPartOptions {
  readonly table: CommandTable;
  readonly mesh: Mesh;
  readonly txnWords: TxnWords;
  readonly clientWords: ClientWords;
  readonly hashSeed: number;
  readonly shardCount: number;
  /** Runs `work` when no transaction is under way anywhere (coordinator.ts). */
  readonly whenAlone: (work: ParkedWork) => void;
  /** A cycle must come. */
  readonly kick: () => void;
  /** Takes the answer to a blocked client of this thread; an empty one: it shall try again. */
  readonly unblocked: (session: number, claim: number, bytes: Uint8Array, start: number, end: number) => void;
  /** Takes a message for clients of this thread. */
  readonly message: (bytes: Uint8Array, start: number, end: number) => void;
}

export class ShardPart {
  readonly holds: Holds;
  /** What the shard may do to clients. */
  readonly clients: ShardClients;
  readonly #options: ShardPartOptions;
  readonly #command: RecordedCommand;
  readonly #reply = new RespEncoder();
  readonly #directory = new GrowingBytes(INITIAL_BYTES);
  readonly #answer = new RespEncoder();
  readonly #answerTail = new GrowingBytes(INITIAL_BYTES);
  readonly #head = newHopHead();
  readonly #heldKeys: HeldKey[] = [];
  readonly #message = new GrowingBytes(INITIAL_BYTES);
  /** Cores whose lane was full when a message was sent to them. */
  #slowCores: number[] = [];
  #runner: Runner | undefined;

  constructor(options: ShardPartOptions) {
    this.#options = options;
    this.holds = new Holds(options.txnWords);
    const hashedArguments = options.table.all.map((command) => command.hashedArgument);
    this.#command = new RecordedCommand(options.hashSeed, hashedArguments);
    this.clients = this.#clientsOf(options);
  }

  /** The executor of the shard, which itself needs `clients` to be built. */
  attach(runner: Runner): void {
    this.#runner = runner;
  }

  get #run(): Runner {
    assert(this.#runner !== undefined, 'a shard part has its executor before the first command');
    return this.#runner;
  }

  // ------------------------------------------------------------------ commands outside transactions

  /** What stands in the way of a command: a key's hash, WHOLE_SHARD, or FREE. Asked only while `holds.active` is not 0. */
  obstacle(command: Command, args: Args): number {
    const { keys, channels } = command.spec;
    if (channels !== undefined) return this.#obstacleToChannels(channels, args);
    if (keys === undefined || keys.length === 0) return this.holds.blocksWhole ? WHOLE_SHARD : FREE;
    const uses = this.#options.table.keyUses(command, args);
    if (uses === undefined) return FREE;
    if (this.holds.blocksWhole && command.spec.readsBeyond?.(args) === true) return WHOLE_SHARD;
    for (const { index, isWritten } of uses) {
      const hash = args.hash(index);
      if (this.holds.blocksKey(hash, isWritten)) return hash;
    }
    return FREE;
  }

  #obstacleToChannels(spec: ChannelSpec, args: Args): number {
    const { writes, patterns } = spec;
    for (const i of channelsOf(spec, args)) {
      const hash = args.hash(i);
      if (this.holds.blocksKey(hash, writes)) return hash;
    }
    if (patterns !== undefined && this.holds.blocksKey(PATTERNS_HASH, patterns === 'write')) return PATTERNS_HASH;
    return FREE;
  }

  /** Parks work behind an obstacle. A cycle comes in any case: the obstacle may have gone already. */
  park(obstacle: number, work: ParkedWork): void {
    assert(obstacle !== FREE, 'only what cannot run is parked');
    if (obstacle === WHOLE_SHARD) this.#options.whenAlone(work);
    else this.holds.park(obstacle, work);
    this.#options.kick();
  }

  /** Tries a blocking command on its keys of this shard; where there is nothing, its client waits in line for them. */
  attemptOrWait(command: Command, db: number, args: Args, reply: ReplyBuffer, client: RemoteClient): void {
    const { blocking } = command.spec;
    assert(blocking !== undefined, 'the command can wait');
    if (this.#attempt(command, blocking, db, args, reply)) return;
    this.wait(command, db, copyArgs(args), reply.protocol, client);
  }

  #attempt(command: Command, blocking: BlockingSpec, db: number, args: Args, reply: Reply): boolean {
    const { shard } = this.#run;
    const waitKeys = blocking.waitKeys(args);
    const here = waitKeys.filter((i) => this.#isHere(args, i));
    if (blocking.takesAll === true) {
      return here.length === waitKeys.length && blocking.attempt(shard.dbs[db], args, here[0], reply);
    }
    if (!this.#keysBesides(command, args).every((i) => this.#isHere(args, i))) return false;
    return here.some((i) => blocking.attempt(shard.dbs[db], args, i, reply));
  }

  /** Puts a client in line for the keys of this shard that its command waits for. The waiter keeps `args`. */
  wait(command: Command, db: number, args: Args, protocol: 2 | 3, client: RemoteClient): void {
    const { blocking } = command.spec;
    assert(blocking !== undefined, 'the command can wait');
    blocking.settle?.(this.#run.shard.dbs[db], args);
    const waitKeys = blocking.waitKeys(args);
    const here = waitKeys.filter((i) => this.#isHere(args, i));
    // A command that answers from all its keys touches each of them whichever is ready.
    const others = blocking.takesAll === true ? waitKeys : this.#keysBesides(command, args);
    const elsewhere = !others.every((i) => this.#isHere(args, i));
    const touches = others.map((i) => args.hash(i));
    this.#run.shard.waiters.add({ client, blocking, db, args, protocol, elsewhere, touches }, here);
  }

  /** The keys of a command that are not those it waits for. */
  #keysBesides(command: Command, args: Args): number[] {
    const waitKeys = new Set(command.spec.blocking?.waitKeys(args));
    const uses = this.#options.table.keyUses(command, args) ?? [];
    return uses.map(({ index }) => index).filter((index) => !waitKeys.has(index));
  }

  #isHere(args: Args, i: number): boolean {
    return shardOf(args.shardHash(i), this.#options.shardCount) === this.#run.shard.id;
  }

  // ------------------------------------------------------------------ hops

  /** Runs this shard's part of a hop that `peer` coordinates. */
  handleHop(peer: number, bytes: Uint8Array, start: number, end: number): void {
    this.sweep();
    const head = this.#head;
    const at = readHopHead(bytes, start, head, this.#heldKeys);
    if ((head.flags & HOP_SOLO) !== 0) {
      this.#soloHop(peer, bytes, start, end, at);
      return;
    }
    this.hold(head, this.#heldKeys);
    this.#runHop(peer, bytes, at, head);
  }

  /** Holds what a hop names until its transaction ends. */
  hold({ word, value, flags, nowMs }: HopHead, keys: readonly HeldKey[]): void {
    const exclusive = (flags & HOP_WHOLE_EXCLUSIVE) !== 0;
    const shared = (flags & HOP_WHOLE_SHARED) !== 0;
    this.holds.hold(word, value, keys, exclusive ? 'exclusive' : shared ? 'shared' : 'none', nowMs);
    this.#run.shard.heldAtMs = this.holds.oldestMs;
  }

  #soloHop(peer: number, bytes: Uint8Array, start: number, end: number, at: number): void {
    const obstacle = this.holds.active === 0 ? FREE : this.#obstacleOfAll(bytes, at);
    if (obstacle === FREE) {
      this.#runHop(peer, bytes, at, this.#head);
      return;
    }
    const copy = bytes.slice(start, end);
    this.park(obstacle, {
      proceed: () => {
        const commandsAt = readHopHead(copy, 0, this.#head, this.#heldKeys);
        this.#soloHop(peer, copy, 0, copy.length, commandsAt);
      },
    });
  }

  /** What stands in the way of any of the commands at `at`. */
  #obstacleOfAll(bytes: Uint8Array, at: number): number {
    const command = this.#command;
    let next = at + 4;
    for (let left = readWord(bytes, at); left > 0; left--) {
      next = command.read(bytes, next);
      const obstacle = this.obstacle(this.#options.table.all[command.id], command.args);
      if (obstacle !== FREE) return obstacle;
    }
    return FREE;
  }

  /** Runs the commands at `at` and sends their replies. */
  #runHop(peer: number, bytes: Uint8Array, at: number, head: HopHead): void {
    const run = this.#run;
    const reply = this.#reply;
    const directory = this.#directory;
    const { txn, flags } = head;
    reply.reset();
    directory.length = 0;
    run.begin();
    run.shard.nowMs = head.nowMs;
    const client = { core: peer, session: head.session, place: head.place, value: head.claim };
    let count = 0;
    if ((flags & HOP_WATCHED) === 0 || this.checkWatched(head.place, head.watch)) {
      count = readWord(bytes, at);
      let next = at + 4;
      for (let i = 0; i < count; i++) {
        next = this.#command.read(bytes, next);
        this.runCommand(this.#command, reply, client, head.watch);
        directory.appendWord(reply.length);
      }
    }
    // A transaction of its own is over with its last command; one that holds is not: what it made ready is still held.
    if ((flags & HOP_SERVE) !== 0) this.holds.ending = head.word;
    run.serve();
    this.holds.ending = NO_TXN;
    run.end();
    directory.appendWord(count);
    directory.appendWord(run.shard.waiters.ready);
    directory.appendWord(txn);
    reply.raw(directory.bytes, 0, directory.length);
    this.#options.mesh.send(peer, LANE_REPLY, KIND.hopReplies, reply.bytes, 0, reply.length);
    reply.reset();
  }

  /** Runs one command of a hop. */
  runCommand(command: CommandOfHop, reply: ReplyBuffer, client: RemoteClient, watch: number): void {
    const run = this.#run;
    const { id, db, args, flags } = command;
    reply.protocol = (flags & RING_RESP3) !== 0 ? 3 : 2;
    run.shard.touchOnAccess = (flags & RING_NO_TOUCH) === 0;
    if ((flags & RING_BLOCKS) !== 0) {
      this.attemptOrWait(this.#options.table.all[id], db, args, reply, client);
      return;
    }
    run.shard.caller = { ...client, value: watch };
    run.runPart(id, db, args, reply, (flags & RING_PART) === 0);
    run.shard.caller = undefined;
  }

  /** Ends the watching of the client at `place`; true: no key that it watches here has changed. */
  checkWatched(place: number, watch: number): boolean {
    const { shard } = this.#run;
    shard.watch.lookAgain(place, shard.dbs);
    shard.watch.remove(place);
    return this.#options.clientWords.isClean(place, watch);
  }

  /** A client of some core watches or waits no longer. */
  handleForget(bytes: Uint8Array, start: number): void {
    this.forget(readWord(bytes, start), readWord(bytes, start + 4));
    this.serveReady();
  }

  /** The same for a client of this thread; whom it kept waiting is served at the next `serveReady`. */
  forget(place: number, what: number): void {
    const { watch, waiters } = this.#run.shard;
    if (what === FORGET_WATCH) watch.remove(place);
    else if (what === KEEP_WAITING) waiters.keepWaiting(place);
    else waiters.remove(place);
  }

  // ------------------------------------------------------------------ ends of transactions

  /** Drops what ended transactions held, serves clients that waited for it, and goes on with parked work. */
  sweep(): void {
    if (this.holds.active !== 0 && this.holds.sweep()) this.#run.shard.heldAtMs = this.holds.oldestMs;
    this.serveReady(); // whom nobody kept waiting but a client that has left, or tried in vain, as well
    if (this.holds.active !== 0) this.holds.resume();
  }

  /** The transaction in `word` has run all its commands: serves blocked clients whose keys it made ready. */
  serveBeforeEnd(word: number): void {
    this.holds.ending = word;
    this.serveReady();
    this.holds.ending = NO_TXN;
  }

  /** Serves blocked clients whose keys are ready, as a batch of its own. */
  serveReady(): void {
    const run = this.#run;
    if (run.shard.waiters.ready === 0) return;
    run.begin();
    run.serve();
    run.end();
  }

  // ------------------------------------------------------------------ clients

  /**
   * True while messages of this shard wait for room on their way to some core: nothing more is to be published meanwhile.
   * (The lanes to other cores than the one that asks count as well: a publisher is seldom where its listeners are.)
   */
  get messagesWait(): boolean {
    if (this.#slowCores.length === 0) return false;
    this.#slowCores = this.#slowCores.filter((core) => this.#options.mesh.congested(core, LANE_REPLY));
    return this.#slowCores.length > 0;
  }

  /** The message at arguments 1 and 2: one record for each core, whatever the number of its clients. */
  #sendMessage(cores: readonly number[], kind: TopicKind, args: Args): void {
    const { mesh, message, kick } = this.#options;
    const record = this.#message;
    record.clear();
    appendMessage(record, kind, args);
    for (const core of cores) {
      if (core === mesh.self) {
        message(record.bytes, 0, record.length);
        continue;
      }
      mesh.send(core, LANE_REPLY, KIND.message, record.bytes, 0, record.length);
      if (mesh.congested(core, LANE_REPLY) && !this.#slowCores.includes(core)) this.#slowCores.push(core);
      kick();
    }
  }

  #clientsOf({ clientWords, mesh, unblocked }: ShardPartOptions): ShardClients {
    const answer = this.#answer;
    const send = ({ core, session, value }: RemoteClient): void => {
      if (core === mesh.self) {
        unblocked(session, value, answer.bytes, 0, answer.length);
      } else {
        const tail = this.#answerTail;
        tail.length = 0;
        tail.appendWord(session);
        tail.appendWord(value);
        answer.raw(tail.bytes, 0, tail.length);
        mesh.send(core, LANE_REPLY, KIND.unblocked, answer.bytes, 0, answer.length);
        this.#options.kick();
      }
      answer.reset();
    };
    return {
      markDirty: (place, value) => {
        clientWords.markDirty(place, value);
      },
      sendMessage: (cores, kind, args) => {
        this.#sendMessage(cores, kind, args);
      },
      claim: (place, value) => clientWords.claim(place, value),
      isOpen: (place, value) => clientWords.isOpen(place, value),
      answer: (protocol): Reply => {
        answer.reset();
        answer.protocol = protocol;
        return answer;
      },
      send,
      tryAgain: (client) => {
        answer.reset();
        send(client);
      },
    };
  }
}

/** A command as `runCommand` takes it. */
export interface CommandOfHop {
  readonly id: number;
  readonly db: number;
  readonly flags: number;
  readonly args: Args;
}
