// The client connections of one thread: reads, parses, passes requests through the gate, and puts replies back in order.
//
//   onData -> decode -> dispatch -> out (in place) | proxies (foreign shards) | held (answers later)
//   end of a pass: nothing owed -> what it wrote is queued; otherwise that joins the pass's batch and waits its turn
//   onReplies (from the mesh) -> batch -> complete batches leave in order
//
// (1) A pass writes to the outbox (outbox.ts); between two passes every byte there has a receiver.
// (2) While a session is held its socket is paused, and its input is kept; one that is postponed or blocked is read on, so
//     that its leaving is seen.
// (3) A message that a command of the running pass has published is handed out as soon as that command has returned: behind
//     what the pass wrote before it and, for the publisher itself, before the command's reply. All others are handed out at once.
// (4) A client whose subscriptions have changed gets no message before the confirmation of that has left; it is kept.

import { assert } from '../base/assert.js';
import { isLocalAddress } from '../base/addresses.js';
import type { Clock } from '../base/clock.js';
import type { EventLoop } from '../base/event-loop.js';
import { readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import { shardOf } from '../base/hash.js';
import { copyArgs, type Args } from '../contract/args.js';
import type { ServerPort } from '../contract/client.js';
import type { Subscriptions } from '../contract/pubsub.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import type { AcceptBalance } from '../fabric/accept-balance.js';
import { LANE_REQUEST, type Mesh } from '../fabric/mesh.js';
import type { Connection, ConnectionHandler } from '../net/transport.js';
import type { CommandCounters } from '../observability/command-counters.js';
import { FAILED, INCOMPLETE, RequestDecoder } from '../protocol/request-decoder.js';
import type { LiveValues } from '../config/live.js';
import type { Log } from '../observability/log.js';
import { BLOCK_BYTES_KEPT, REPLY_BYTES_MAX, RespEncoder } from '../protocol/resp-encoder.js';
import { REPLIES_TAIL_BYTES } from './batch-layout.js';
import { BlockedClients } from './blocked.js';
import { describeSession } from './client-list.js';
import { Dispatcher, OUTCOME, type DispatchRoutes, type Outcome } from './dispatch.js';
import type { Executor } from './executor.js';
import type { Watching } from './multi.js';
import { Outbox } from './outbox.js';
import { PauseState } from './pause.js';
import { ReplyBatch } from './reply-batch.js';
import { RequestWindow } from './request-window.js';
import { Router } from './router.js';
import { Session, type SessionHost } from './session.js';
import { ShardProxy } from './shard-proxy.js';
import { Subscribers } from './subscribers.js';
import { FORGET_WATCH, UNBLOCKED_TAIL_BYTES } from '../txn/hop-layout.js';
import type { Coordinator } from '../txn/coordinator.js';
import type { ParkedWork } from '../txn/holds.js';
import { FREE, type ShardPart } from '../txn/shard-part.js';
import type { Txn, TxnWorld } from '../txn/txn.js';
import type { ClientWords } from '../fabric/client-words.js';

/**
 * Replies that have grown to this size leave before the cycle is over. Half of what the outbox keeps of its block: with the
 * reply that goes beyond, it is still a block that is used again, and not one to be made anew each time.
 */
const FLUSH_OUT_BYTES = BLOCK_BYTES_KEPT / 2;
/**
 * Messages that are handed out leave before the cycle is over when there are so many bytes: enough for many listeners to get
 * several messages in one write.
 */
const FLUSH_MESSAGES_BYTES = 4 * 1024 * 1024;
const CLOSE_POLL_MS = 10;
const SCRATCH_BYTES = 4096;
/** Batch ids count to here and begin anew: they travel as int32. */
const ID_MASK = 0x7fffffff;
/** Batches of a connection that may wait for replies; then it is not read until some have come. */
const BATCHES_MAX = 64;
/** Batches kept for reuse. */
const SPARE_BATCHES_MAX = 256;

export interface FrontOptions {
  readonly server: ServerPort;
  readonly table: CommandTable;
  readonly counters: CommandCounters;
  readonly live: LiveValues;
  readonly log: Log;
  readonly clock: Clock;
  readonly loop: EventLoop;
  readonly hashSeed: number;
  /** This thread's shard; undefined on a thread that only does I/O. */
  readonly own: { readonly executor: Executor; readonly part: ShardPart } | undefined;
  readonly world: TxnWorld;
  readonly coordinator: Coordinator;
  readonly clientWords: ClientWords;
  readonly mesh: Mesh;
  readonly balance: AcceptBalance;
  /** A new id, unique over all threads. */
  readonly nextClientId: () => number;
  /** Commands were queued on the mesh: a cycle must come. */
  readonly kick: () => void;
}

const PROTECTED_MODE =
  'DENIED Anax is running in protected mode because protected mode is enabled and no password is set for the default ' +
  'user. In this mode connections are only accepted from the loopback interface. To connect from other machines set a ' +
  "password ('requirepass'), or switch protected mode off with 'CONFIG SET protected-mode no' from this machine or with " +
  "'--protected-mode no' at start, and make sure that the server is not reachable from outside.";

/** A connection that is held by a transaction. */
interface HeldByTxn {
  readonly session: Session;
  readonly batch: ReplyBatch;
  /** Where there is nothing for it yet it waits, so many milliseconds; undefined: it never waits. */
  readonly wait: { readonly command: Command; readonly args: Args; readonly ms: number } | undefined;
}

/** An answer to a blocked client that came in the middle of a pass. */
interface LateAnswer {
  readonly session: number;
  readonly claim: number;
  readonly bytes: Uint8Array;
}

export class Front implements SessionHost, DispatchRoutes {
  readonly server: ServerPort;
  readonly pause: PauseState;
  readonly sessions = new Map<number, Session>();
  /** Replies that foreign shards owe to this thread's clients. */
  owed = 0;

  readonly #options: FrontOptions;
  readonly #decoder: RequestDecoder;
  readonly #window: RequestWindow;
  readonly #outbox: Outbox<Session>;
  /** The outbox's encoder: where a pass writes. */
  readonly #out: RespEncoder;
  /** Where the running pass began in `out`. */
  #mark = 0;
  readonly #dispatcher: Dispatcher;
  readonly #proxies: (ShardProxy | undefined)[] = [];
  readonly #ownShard: number;
  readonly #spareBatches: ReplyBatch[] = [];
  readonly #held = new Map<Txn, HeldByTxn>();
  readonly #blocked: BlockedClients;
  /** Transactions that try the commands of blocked clients again. */
  readonly #tries = new Map<Txn, Session>();
  /** At the top of the next cycle: answers to blocked clients, and sessions that go on. */
  #lateAnswers: LateAnswer[] = [];
  #goingOn: Session[] = [];
  readonly #subscribers: Subscribers<Session>;
  /** Transactions that end the subscriptions of clients that have left. */
  readonly #leaving = new Set<Txn>();
  /** A pass runs. */
  #passing = false;
  /** Messages that the running command has published: (length, record) each; and its reply while they are handed out. */
  readonly #published = new GrowingBytes(SCRATCH_BYTES);
  readonly #replyAside = new GrowingBytes(SCRATCH_BYTES);
  /** Sessions whose sockets stand still because a ring is full. */
  readonly #congested = new Set<Session>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.server = options.server;
    this.#decoder = new RequestDecoder(options.live);
    this.#window = new RequestWindow(options.hashSeed);
    this.#outbox = new Outbox(options.loop, {
      onBacklog: (session) => {
        this.#checkOutputLimit(session);
      },
      onWrite: () => {
        options.counters.add('writes', 1);
      },
      onFlush: () => {
        options.counters.add('cycles', 1);
      },
    });
    this.#out = this.#outbox.encoder;
    this.pause = new PauseState(options.loop, (session) => {
      session.postponed = false;
      this.#continue(session);
    });
    const { own, world, mesh, coordinator, clientWords } = options;
    this.#blocked = new BlockedClients({
      loop: options.loop,
      counted: (clients, timed) => {
        options.counters.set('blockedClients', clients);
        options.counters.set('timedClients', timed);
      },
      claim: (place, claim) => clientWords.claim(place, claim),
      tell: (shards, place, what) => {
        coordinator.forget(shards, place, what);
      },
      attempt: (session, command, args) => {
        this.#tryAgain(session, command, args);
      },
      answer: (session, batch, reply) => {
        this.#settle(session, batch, reply);
      },
    });
    this.#subscribers = new Subscribers<Session>({
      shardCount: world.shardCount,
      deliver: (session, push) => {
        this.#deliver(session, push);
      },
      counted: (clients) => {
        options.counters.set('pubsubClients', clients);
      },
    });
    this.#ownShard = own === undefined ? -1 : own.executor.shard.id;
    for (let shard = 0; shard < world.shardCount; shard++) {
      this.#proxies.push(shard === this.#ownShard ? undefined : new ShardProxy(mesh, shard));
    }
    this.#dispatcher = new Dispatcher({
      table: options.table,
      router: new Router(options.table, options.server.topology),
      counters: options.counters,
      pause: this.pause,
      clock: options.clock,
      routes: this,
      own,
      world,
    });
  }

  // ------------------------------------------------------------------ connections come and go

  /** Takes an accepted connection; undefined when `maxclients` stand already. */
  accept(connection: Connection): ConnectionHandler | undefined {
    const { balance, counters, live, clock } = this.#options;
    if (balance.total() >= live.maxclients) {
      counters.add('connectionsRejected', 1);
      this.#turnAway(connection, 'ERR max number of clients reached');
      return undefined;
    }
    if (live.protectedMode && live.password.length === 0 && !isLocalAddress(connection.remoteAddress)) {
      this.#turnAway(connection, PROTECTED_MODE);
      return undefined;
    }
    const session = new Session(this.#options.nextClientId(), connection, this, clock.nowMs());
    this.sessions.set(session.id, session);
    counters.add('connectionsReceived', 1);
    counters.add('connectedClients', 1);
    balance.accepted();
    return {
      onData: (bytes, length) => {
        this.#onData(session, bytes, length);
      },
      onEnd: () => {
        this.#onEnd(session);
      },
      onDrained: () => {
        session.overSoftLimitSinceMs = 0;
      },
      onClose: () => {
        this.#onClose(session);
      },
    };
  }

  /** Tells a connection why it is not taken; the listener closes it when that has left. */
  #turnAway(connection: Connection, message: string): void {
    const reply = new RespEncoder();
    reply.error(message);
    connection.write(reply.bytes, 0, reply.length);
  }

  /** Ends a connection at once. */
  kill(session: Session): void {
    session.closing = true;
    session.killed = true;
    this.#blocked.leave(session); // nothing is taken for it any more
    session.connection.destroy();
  }

  describe(session: Session): string {
    return describeSession(session, this.#options.table, this.#options.clock.nowMs());
  }

  /** CLIENT UNBLOCK; true: the client was blocked. */
  unblock(id: number, withError: boolean): boolean {
    const session = this.sessions.get(id);
    return session !== undefined && this.#blocked.unblock(session, withError);
  }

  takePlace(): number {
    return this.#options.clientWords.takePlace();
  }

  openClaim(place: number): number {
    return this.#options.clientWords.openClaim(place);
  }

  openWatch(place: number): number {
    this.#options.counters.add('watchingClients', 1);
    return this.#options.clientWords.openWatch(place);
  }

  openSubscriptions(session: Session): Subscriptions {
    return this.#subscribers.open(session);
  }

  endWatching(session: Session, { shards }: Watching): void {
    this.#options.counters.add('watchingClients', -1);
    this.#options.coordinator.forget(shards, session.place, FORGET_WATCH);
  }

  startsAuthenticated(): boolean {
    return this.#options.live.password.length === 0;
  }

  /** The peer has ended its side: what it asked for is still answered, then the connection closes. */
  #onEnd(session: Session): void {
    // Who waits for a key, or for the end of a pause, and hangs up does not wait any more.
    if (session.blocked !== undefined || session.postponed) {
      this.kill(session);
      return;
    }
    session.closing = true;
    if (session.batches.length === 0) this.#close(session);
  }

  #onClose(session: Session): void {
    session.gone = true;
    session.closing = true;
    this.sessions.delete(session.id);
    this.#congested.delete(session);
    this.pause.forget(session);
    this.#options.balance.closed();
    this.#options.counters.add('connectedClients', -1);
    session.batches.length = 0;
    this.#blocked.leave(session);
    // What a transaction of its own still needs is given back when that is over.
    if (!session.inTransaction) this.#giveBack(session);
  }

  #giveBack(session: Session): void {
    session.multi = undefined;
    session.unwatch();
    if (session.subscribed) this.#endSubscriptions(session);
    if (session.hasPlace) this.#options.clientWords.givePlace(session.place);
  }

  // ------------------------------------------------------------------ a pass over the input

  #onData(session: Session, bytes: Uint8Array, length: number): void {
    const { counters, clock } = this.#options;
    counters.add('reads', 1);
    counters.add('netInputBytes', length);
    session.inputBytesTotal += length;
    session.lastActiveMs = clock.nowMs();
    if (session.closing) return;
    if (session.inputLength === 0 && !session.held && !session.postponed && !session.behind) {
      this.#pass(session, bytes, 0, length, false);
      return;
    }
    session.keepInput(bytes, 0, length, session.progress.bytesNeeded);
    if (session.inputLength > this.#options.live.queryBufferBytesMax) {
      counters.add('queryBufferDisconnections', 1);
      this.kill(session);
      return;
    }
    this.#continue(session);
  }

  /** Parses what the session has kept. */
  #continue(session: Session): void {
    if (session.held || session.postponed || session.behind || session.closing) return;
    session.connection.resume();
    if (session.inputLength > 0) this.#pass(session, session.input, session.inputStart, session.inputEnd, true);
  }

  /** Runs the requests in `bytes[start, end)`; `kept`: they are the session's own input. */
  #pass(session: Session, bytes: Uint8Array, start: number, end: number, kept: boolean): void {
    const out = this.#out;
    const window = this.#window;
    const dispatcher = this.#dispatcher;
    this.#mark = out.length;
    this.#passing = true;
    this.#options.own?.executor.begin();
    let at = start;
    let going = true;
    while (at < end) {
      window.fill(this.#decoder, this.#options.table, session, bytes, at, end);
      if (window.count > 1) dispatcher.warm(window);
      at = window.end;
      for (let i = 0; i < window.count; i++) {
        const { command, args, start: requestStart, next } = window.requests[i];
        const replyAt = out.length;
        const outcome = dispatcher.dispatch(session, command, args, out);
        if (this.#published.length > 0) this.#handOutPublished(session, replyAt);
        if (session.confirming && outcome === OUTCOME.done) this.#confirmed(session);
        if (outcome === OUTCOME.postponed) this.#postpone(session);
        else if (outcome === OUTCOME.behind) this.#waitBehind(session);
        going = outcome === OUTCOME.done && !session.closing;
        if (!going) {
          const ran = outcome === OUTCOME.done || outcome === OUTCOME.held;
          at = ran ? next : requestStart;
          session.progress.reset();
          break;
        }
        if (out.length >= FLUSH_OUT_BYTES) this.#leaveEarly(session);
      }
      if (!going || window.status === INCOMPLETE) break;
      if (window.status === FAILED) {
        this.#failProtocol(session);
        break;
      }
    }
    this.#options.own?.executor.end();
    this.#passing = false;
    if (kept) session.consumeInput(at);
    else if (at < end && !session.closing) session.keepInput(bytes, at, end, session.progress.bytesNeeded);
    this.#endPass(session);
  }

  /** A request against the protocol: an error, and the end of the connection. */
  #failProtocol(session: Session): void {
    const out = this.#out;
    const mark = out.length;
    out.error(`ERR ${this.#decoder.error}`);
    this.#options.counters.errorReply(out.bytes, mark, out.length);
    session.closing = true;
  }

  /** What the pass wrote in place leaves, or joins the open batch. */
  #endPass(session: Session): void {
    const out = this.#out;
    const open = session.openBatch;
    if (session.batches.length === 0) {
      this.#queue(session, this.#mark);
      if (session.closing) this.#close(session);
      return;
    }
    if (open !== undefined || out.length > this.#mark) {
      const batch = open ?? this.#openBatch(session);
      batch.addHere(out, this.#mark);
      if (!session.held) batch.closed = true;
      for (const proxy of this.#proxies) proxy?.send();
      this.#options.kick();
    }
    this.#emitComplete(session);
    this.#minding(session);
  }

  /** Long replies leave before the cycle is over; behind replies that are still owed they at least count. */
  #leaveEarly(session: Session): void {
    if (session.batches.length === 0) {
      this.#queue(session, this.#mark);
      this.flush();
      this.#mark = this.#out.length;
      return;
    }
    const batch = session.openBatch ?? this.#openBatch(session);
    batch.addHere(this.#out, this.#mark);
    this.#checkOutputLimit(session);
  }

  /** The next command runs when the replies that are owed to this connection have left. */
  #waitBehind(session: Session): void {
    session.behind = true;
    session.connection.pause();
  }

  #postpone(session: Session): void {
    session.postponed = true;
    this.pause.wait(session);
  }

  // ------------------------------------------------------------------ ways out of the gate (DispatchRoutes)

  turnAwayHttp(session: Session): void {
    this.#options.log.warn(
      `Possible SECURITY ATTACK detected: a POST or Host: line from ${session.address}. It looks like somebody sends HTTP ` +
        'to Anax, probably to run commands on it from a browser. The connection is closed.',
    );
    this.#out.rewind(this.#mark);
    this.kill(session);
  }

  toShard(session: Session, shard: number, command: Command, args: Args, drop: boolean): void {
    const proxy = this.#proxies[shard];
    assert(proxy !== undefined, 'a foreign shard has a proxy');
    const batch = session.openBatch ?? this.#openBatch(session);
    batch.addHere(this.#out, this.#mark);
    batch.addShard(shard, drop);
    this.owed++;
    this.#options.counters.add('remoteCommands', 1);
    const { hashedArgument } = command;
    const hash = hashedArgument > 0 && hashedArgument < args.count ? args.hash(hashedArgument) : 0;
    proxy.append(command.id, args, hash, session, batch.id);
  }

  transact(session: Session, txn: Txn, drop: boolean): Outcome {
    return this.#start(session, txn, undefined, drop);
  }

  transactOrBlock(session: Session, txn: Txn, command: Command, args: Args, ms: number, drop: boolean): Outcome {
    return this.#start(session, txn, { command, args: txn.args ?? copyArgs(args), ms }, drop);
  }

  #start(session: Session, txn: Txn, wait: HeldByTxn['wait'], drop: boolean): Outcome {
    if (this.#options.coordinator.start(txn) && !txn.waits) {
      txn.onAnswer();
      return OUTCOME.done;
    }
    // Redis as well sends what it has answered before a transaction together with its answer. Only where a message may come
    // in between, or the client wait for long, it leaves now.
    const batch = this.#hold(session, drop, wait !== undefined || session.subscribed);
    if (txn.waits) {
      this.#wait(session, txn, batch, wait);
    } else {
      session.inTransaction = true;
      this.#held.set(txn, { session, batch, wait });
    }
    return OUTCOME.held;
  }

  /** A transaction has its answer, or waits on its shards. */
  onTransaction(txn: Txn): void {
    if (this.#leaving.delete(txn)) return;
    const held = this.#held.get(txn);
    if (held === undefined) {
      this.#tried(txn);
      return;
    }
    this.#held.delete(txn);
    const { session, batch, wait } = held;
    session.inTransaction = false;
    if (txn.waits) {
      this.#wait(session, txn, batch, wait);
      if (session.gone) this.#blocked.leave(session);
    } else {
      txn.onAnswer();
      this.#settle(session, batch, txn.reply);
      txn.releaseReply();
    }
    if (session.gone) this.#giveBack(session);
  }

  #wait(session: Session, txn: Txn, batch: ReplyBatch, wait: HeldByTxn['wait']): void {
    assert(wait !== undefined, 'only a command that can wait does');
    txn.onAnswer();
    this.#startWaiting(session, batch, wait, txn.hopClient.claim);
  }

  block(session: Session, command: Command, args: Args, ms: number, drop: boolean): void {
    const { own, mesh } = this.#options;
    assert(own !== undefined, 'a client waits where there is a shard');
    const batch = this.#hold(session, drop);
    const wait = { command, args: copyArgs(args), ms };
    const claim = session.openClaim();
    const client = { core: mesh.self, session: session.id, place: session.place, value: claim };
    own.part.wait(command, session.db, wait.args, session.protocol, client);
    this.#startWaiting(session, batch, wait, claim);
  }

  #startWaiting(session: Session, batch: ReplyBatch, wait: NonNullable<HeldByTxn['wait']>, claim: number): void {
    const { command, args, ms } = wait;
    const { shardCount } = this.#options.world;
    const keys = command.spec.blocking?.waitKeys(args) ?? [];
    const shards = [...new Set(keys.map((i) => shardOf(args.shardHash(i), shardCount)))];
    session.connection.resume(); // it is read on, so that its leaving is seen
    this.#blocked.block(session, { command, args, batch, claim, shards }, ms);
  }

  /** A shard has something for a blocked client whose command needs several shards. */
  #tryAgain(session: Session, command: Command, args: Args): void {
    const txn = this.#dispatcher.retry(session, command, args);
    this.#tries.set(txn, session);
    if (this.#options.coordinator.start(txn)) this.#tried(txn);
  }

  #tried(txn: Txn): void {
    const session = this.#tries.get(txn);
    assert(session !== undefined, 'a transaction belongs to a connection');
    this.#tries.delete(txn);
    this.#blocked.tried(session, txn);
  }

  /** The answer to a blocked client, or a call to try again, from a shard of another thread. */
  onUnblocked(bytes: Uint8Array, start: number, end: number): void {
    const tail = end - UNBLOCKED_TAIL_BYTES;
    this.#answerBlocked(readWord(bytes, tail), readWord(bytes, tail + 4), bytes, start, tail);
  }

  /** The same from this thread's shard, possibly in the middle of a pass: it waits for the top of a cycle. */
  onUnblockedHere(session: number, claim: number, bytes: Uint8Array, start: number, end: number): void {
    this.#lateAnswers.push({ session, claim, bytes: bytes.slice(start, end) });
    this.#options.kick();
  }

  #answerBlocked(id: number, claim: number, bytes: Uint8Array, start: number, end: number): void {
    const session = this.sessions.get(id);
    if (session !== undefined) this.#blocked.onShard(session, claim, bytes, start, end);
  }

  park(session: Session, obstacle: number, command: Command, args: Args, drop: boolean): void {
    const { own } = this.#options;
    assert(own !== undefined, 'a command parks where there is a shard');
    const { part, executor } = own;
    const batch = this.#hold(session, drop);
    const copy = copyArgs(args);
    const { db, noTouch } = session;
    const reply = new RespEncoder();
    reply.protocol = session.protocol;
    const work: ParkedWork = {
      proceed: () => {
        const next = part.holds.active === 0 ? FREE : part.obstacle(command, copy);
        if (next !== FREE) {
          part.park(next, work);
          return;
        }
        executor.begin();
        executor.shard.touchOnAccess = !noTouch;
        executor.run(command.id, db, copy, reply);
        executor.end();
        this.#settleLater(session, batch, reply);
      },
    };
    part.park(obstacle, work);
  }

  hold(session: Session, reply: RespEncoder, settled: Promise<void>, drop: boolean): void {
    const batch = this.#hold(session, drop);
    settled.then(
      () => {
        this.#settle(session, batch, reply);
      },
      (error: unknown) => {
        throw error instanceof Error ? error : new Error(String(error));
      },
    );
  }

  /** @param leavesNow what was answered before leaves now: the client may wait for it */
  #hold(session: Session, drop: boolean, leavesNow = true): ReplyBatch {
    if (leavesNow && session.batches.length === 0) {
      this.#queue(session, this.#mark);
      this.#mark = this.#out.length;
    }
    const batch = session.openBatch ?? this.#openBatch(session);
    batch.addHere(this.#out, this.#mark);
    batch.addHeld(drop);
    session.held = true;
    session.connection.pause();
    return batch;
  }

  /** A held command has its answer: the connection goes on. */
  #settle(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    if (session.gone) return;
    this.#answerHeld(session, batch, reply);
    this.#continue(session);
  }

  /** The same from within work that must not be interrupted: the connection goes on at the top of the cycle. */
  #settleLater(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    if (session.gone) return;
    this.#answerHeld(session, batch, reply);
    this.#goingOn.push(session);
    this.#options.kick();
  }

  #answerHeld(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    batch.settleHeld(reply.bytes, 0, reply.length);
    batch.closed = true;
    session.held = false;
    this.#emitComplete(session);
    if (!session.confirming || session.closing) return;
    const mark = this.#out.length;
    this.#confirmed(session);
    this.#queue(session, mark);
  }

  /** At the top of a cycle: answers and sessions that could not go on in the middle of something else. Returns the work done. */
  work(): number {
    const answers = this.#lateAnswers;
    const goingOn = this.#goingOn;
    if (answers.length + goingOn.length === 0) return 0;
    this.#lateAnswers = [];
    this.#goingOn = [];
    for (const { session, claim, bytes } of answers) this.#answerBlocked(session, claim, bytes, 0, bytes.length);
    for (const session of goingOn) this.#continue(session);
    return answers.length + goingOn.length;
  }

  #openBatch(session: Session): ReplyBatch {
    const batch = this.#spareBatches.pop() ?? new ReplyBatch(this.#options.world.shardCount);
    batch.id = session.nextBatchId;
    session.nextBatchId = (batch.id + 1) & ID_MASK;
    session.batches.push(batch);
    return batch;
  }

  // ------------------------------------------------------------------ replies from foreign shards

  /** Takes a record of replies that `shard` sent. */
  onReplies(shard: number, bytes: Uint8Array, start: number, end: number): void {
    const count = readWord(bytes, end - REPLIES_TAIL_BYTES);
    const batchId = readWord(bytes, end - REPLIES_TAIL_BYTES + 4);
    const sessionId = readWord(bytes, end - REPLIES_TAIL_BYTES + 8);
    this.owed -= count;
    const session = this.sessions.get(sessionId);
    if (session === undefined || session.killed) return; // its client left meanwhile
    const batch = session.batches[(batchId - session.batches[0].id) & ID_MASK];
    if (batch.heldBytes + end - start > REPLY_BYTES_MAX) {
      this.kill(session);
      return;
    }
    batch.settleShard(shard, bytes, start, end);
    this.#emitComplete(session);
    if (batch.heldBytes >= FLUSH_OUT_BYTES) this.#checkOutputLimit(session);
  }

  /** Sends the replies of all complete batches at the head of the line. */
  #emitComplete(session: Session): void {
    const { batches } = session;
    const out = this.#out;
    const mark = out.length;
    while (batches.length > 0 && batches[0].complete) {
      const batch = batches[0];
      batches.shift();
      batch.emit(out);
      batch.clear();
      if (this.#spareBatches.length < SPARE_BATCHES_MAX) this.#spareBatches.push(batch);
    }
    // Long replies leave as far as they have come: a pass may ask for more than memory holds.
    if (batches.length > 0 && batches[0].heldBytes >= FLUSH_OUT_BYTES) batches[0].emitReady(out);
    this.#queue(session, mark);
    if (out.length >= FLUSH_OUT_BYTES && !this.#passing) this.flush();
    if (batches.length > 0) return;
    if (session.behind) {
      session.behind = false;
      this.#continue(session);
    }
    if (session.closing) this.#close(session);
  }

  // ------------------------------------------------------------------ messages

  /** A message for clients of this thread, from a shard of another one. */
  onMessage(bytes: Uint8Array, start: number, end: number): void {
    this.#subscribers.handOut(bytes, start, end);
  }

  /** The same from this thread's shard, possibly out of a command of the running pass. */
  onMessageHere(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#passing) {
      this.#subscribers.handOut(bytes, start, end);
      return;
    }
    this.#published.appendWord(end - start);
    this.#published.append(bytes, start, end);
  }

  /** Hands out what the pass's last command has published; its reply stands in `out` from `replyAt` on. */
  #handOutPublished(session: Session, replyAt: number): void {
    const out = this.#out;
    const reply = this.#replyAside;
    const published = this.#published;
    reply.clear();
    if (replyAt < out.length) {
      reply.append(out.bytes, replyAt, out.length);
      out.rewind(replyAt);
    }
    this.#layDown(session);
    for (let at = 0; at < published.length;) {
      const start = at + 4;
      at = start + readWord(published.bytes, at);
      this.#subscribers.handOut(published.bytes, start, at);
    }
    published.clear();
    this.#mark = out.length;
    out.raw(reply.bytes, 0, reply.length);
  }

  /** What the pass has written so far gets its receiver, so that something else may be written. */
  #layDown(session: Session): void {
    if (session.batches.length === 0) this.#queue(session, this.#mark);
    else (session.openBatch ?? this.#openBatch(session)).addHere(this.#out, this.#mark);
  }

  /** Gives a message to one client. */
  #deliver(session: Session, push: RespEncoder): void {
    if (session.closing) return;
    if (session.confirming) {
      session.keepMessage(push.bytes, push.length);
      return;
    }
    const out = this.#out;
    const mark = out.length;
    out.raw(push.bytes, 0, push.length);
    this.#queue(session, mark);
    if (out.length >= FLUSH_MESSAGES_BYTES) this.flush();
  }

  /** A confirmation has left: what was kept follows it. */
  #confirmed(session: Session): void {
    const { lateMessages } = session;
    session.confirming = false;
    if (lateMessages === undefined) return;
    session.lateMessages = undefined;
    this.#out.raw(lateMessages.bytes, 0, lateMessages.length);
  }

  /** No client listens, or is about to stop (tests, at rest). */
  get isSilent(): boolean {
    return this.#subscribers.isIdle && this.#leaving.size === 0 && this.#published.length === 0;
  }

  /** A client that has left listens to nothing any more. */
  #endSubscriptions(session: Session): void {
    const txn = this.#dispatcher.leave(session);
    this.#leaving.add(txn);
    if (this.#options.coordinator.start(txn)) this.#leaving.delete(txn);
  }

  // ------------------------------------------------------------------ output and back-pressure

  /** What `out` holds from `mark` on is for `session` and leaves at the end of the cycle. */
  #queue(session: Session, mark: number): void {
    const bytes = this.#outbox.queue(session, mark);
    session.outputBytesTotal += bytes;
    this.#options.counters.add('netOutputBytes', bytes);
  }

  /** Sends what the cycle has written so far. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Ends a connection in order: what is written for it leaves first. */
  #close(session: Session): void {
    this.flush();
    session.connection.close();
  }

  #checkOutputLimit(session: Session): void {
    const { live, log, clock, counters } = this.#options;
    const { hardBytes, softBytes, softSeconds } = live.outputLimits[session.type];
    if (session.killed) return;
    let waiting = 0;
    for (const batch of session.batches) waiting += batch.heldBytes;
    const queued = session.connection.queuedBytes + waiting;
    const nowMs = clock.nowMs();
    if (softBytes > 0 && queued > softBytes) session.overSoftLimitSinceMs ||= nowMs;
    else session.overSoftLimitSinceMs = 0;
    const overSoft = session.overSoftLimitSinceMs !== 0 && nowMs - session.overSoftLimitSinceMs > softSeconds * 1000;
    const overHard = (hardBytes > 0 && queued > hardBytes) || waiting > REPLY_BYTES_MAX - FLUSH_OUT_BYTES;
    if (!overHard && !overSoft) return;
    counters.add('outputBufferDisconnections', 1);
    log.warn(`Client ${session.describe()} closed for overcoming of output buffer limits.`);
    this.kill(session);
  }

  /** A session stops reading while a ring on its way is full. */
  #minding(session: Session): void {
    if (session.held) return;
    if (session.batches.length < BATCHES_MAX && !this.#isCongested) return;
    session.connection.pause();
    this.#congested.add(session);
  }

  /** Requests, or messages that this thread's shard has published, wait for room in a ring. */
  get #isCongested(): boolean {
    return this.#options.mesh.anyCongested(LANE_REQUEST) || this.#options.own?.part.messagesWait === true;
  }

  /** Called once per cycle: lets paused sessions read again when the rings have room. */
  relieve(): void {
    if (this.#congested.size === 0 || this.#isCongested) return;
    for (const session of [...this.#congested]) {
      if (session.batches.length >= BATCHES_MAX) continue;
      this.#congested.delete(session);
      if (!session.held && !session.postponed && !session.behind) session.connection.resume();
    }
  }

  /** Called once a second: idle clients and clients over the soft output limit are closed. */
  everySecond(): void {
    const { live, clock } = this.#options;
    const idleMsMax = live.idleTimeoutSeconds * 1000;
    const nowMs = clock.nowMs();
    for (const session of this.sessions.values()) {
      if (session.overSoftLimitSinceMs !== 0) this.#checkOutputLimit(session);
      // Who waits or listens is not idle.
      const waits = session.blocked !== undefined || session.postponed;
      const isIdle = !waits && !session.subscribed && nowMs - session.lastActiveMs > idleMsMax;
      if (idleMsMax > 0 && isIdle) this.kill(session);
    }
  }

  /** Bytes that wait in buffers of this thread's connections, in all and at the largest one. */
  bufferBytes(): { input: number; output: number; largestInput: number; largestOutput: number } {
    const sums = { input: 0, output: 0, largestInput: 0, largestOutput: 0 };
    for (const session of this.sessions.values()) {
      const input = session.input.length;
      const output = session.connection.queuedBytes;
      sums.input += input;
      sums.output += output;
      sums.largestInput = Math.max(sums.largestInput, input);
      sums.largestOutput = Math.max(sums.largestOutput, output);
    }
    return sums;
  }

  /** Sends what is queued and closes all connections; resolves when they are gone. */
  async closeAll(): Promise<void> {
    for (const session of this.sessions.values()) {
      session.closing = true;
      // Who waits for an answer that only this server's life could bring is not waited for.
      if (session.batches.length === 0 || session.held) this.#close(session);
    }
    while (this.sessions.size > 0) {
      await new Promise<void>((resolve) => this.#options.loop.after(CLOSE_POLL_MS, resolve));
    }
  }
}
