// One thread of the server, put together: a shard, a front, or both, and its end of the mesh.
//
//   cycle (duty-cycle.ts):  drain the mesh -> shard-adapter / shard part / coordinator / front
//                           -> ended transactions, what may go on -> relieve paused sessions -> publish
//   cron (ten times a second while busy): background work of the shard, rates, slow housekeeping of the front
//
// A core knows its thread, and all that is outside of it, only by the environment it was given (environment.ts): so the
// main thread can host one as well (`--io main`), and a simulator any number of them.

import { assert } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import type { EventLoop } from '../base/event-loop.js';
import { FatalError } from '../base/fatal.js';
import { Config } from '../config/config.js';
import type { CommandTable } from '../contract/command-table.js';
import type { ControlAnswers, ControlRequest } from '../contract/control.js';
import { ALL_COMMANDS } from '../commands/index.js';
import { DutyCycle } from '../fabric/duty-cycle.js';
import { LANE_REPLY, type Mesh } from '../fabric/mesh.js';
import type { Listener } from '../net/transport.js';
import { CommandCounters } from '../observability/command-counters.js';
import { CounterLayout } from '../observability/counters.js';
import { Shard } from '../shard/shard.js';
import { Coordinator } from '../txn/coordinator.js';
import { KIND } from '../txn/record-kinds.js';
import { ShardPart } from '../txn/shard-part.js';
import { buildCommandTable } from './command-table.js';
import { ControlEnd, type ControlPort } from './control-bus.js';
import { answerControl } from './control.js';
import type { CoreIdentity, FromCore, OpenListener, ToCore } from './core-messages.js';
import type { CoreEnvironment } from './environment.js';
import { Executor } from './executor.js';
import { Front } from './front.js';
import { followConfig } from './live-config.js';
import { CoreServerPort } from './server-port.js';
import { ShardAdapter } from './shard-adapter.js';

/** Records taken from the mesh per cycle: bounds how long sockets wait. */
const RECORDS_PER_CYCLE = 256;
const CRON_INTERVAL_MS = 100;
const SECOND_MS = 1000;
/** A slice of background work, and the share of time it may take while more is waiting. */
const BACKGROUND_SLICE_US = 1000;
const BACKGROUND_PAUSE_MS = 3;

export interface CoreParts {
  readonly shard: Shard | undefined;
  readonly part: ShardPart | undefined;
  readonly coordinator: Coordinator;
  readonly front: Front | undefined;
}

export class Core {
  readonly #port: ControlPort;
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #loop: EventLoop;
  readonly #counters: CommandCounters;
  readonly #server: CoreServerPort;
  readonly #mesh: Mesh;
  readonly #shard: Shard | undefined;
  readonly #part: ShardPart | undefined;
  readonly #coordinator: Coordinator;
  readonly #front: Front | undefined;
  readonly #adapter: ShardAdapter | undefined;
  readonly #listener: Listener | undefined;
  readonly #cycle: DutyCycle;
  #lastSecondMs = 0;
  #lastCommands = 0;
  /** What the counters have of the mesh's statistics. */
  readonly #countedTraffic = { messages: 0, wakeups: 0 };

  constructor(data: CoreIdentity, environment: CoreEnvironment) {
    const { clock, loop, random, control, tables } = environment;
    this.#port = control;
    this.#clock = clock;
    this.#loop = loop;
    this.#config = new Config(data.config);
    const log = environment.openLog(this.#config);
    const table = buildCommandTable(ALL_COMMANDS);
    const layout = new CounterLayout(this.#config.number('databases'), table.all.length);
    this.#counters = new CommandCounters(tables.counters, layout, table.all);
    const counters = this.#counters;
    this.#mesh = environment.mesh;
    const bus = new ControlEnd(control, (request) => this.#answer(request));
    this.#server = new CoreServerPort({ ...data, config: this.#config, table, counters, bus, clock, random });

    const kick = (): void => {
      this.#cycle.kick();
    };
    const own = data.hasShard ? this.#buildShard(data, environment, table, kick) : undefined;
    this.#shard = own?.executor.shard;
    this.#part = own?.part;
    this.#coordinator = new Coordinator({
      mesh: this.#mesh,
      clock,
      stripes: tables.stripes,
      words: tables.txnWords,
      own: own && { part: own.part, runner: own.executor },
      hashedArguments: table.all.map((command) => command.hashedArgument),
      done: (txn) => {
        this.#front?.held.onTransaction(txn);
      },
      kick,
    });
    if (own !== undefined) {
      this.#adapter = new ShardAdapter(this.#mesh, own.executor, own.part, table.all, data.hashSeed);
    }
    const sockets = { keepAliveS: this.#config.live.tcpKeepaliveSeconds };
    if (data.hasFront) {
      this.#front = new Front({
        server: this.#server,
        table,
        counters,
        live: this.#config.live,
        log,
        clock,
        loop,
        hashSeed: data.hashSeed,
        own,
        world: {
          table,
          shardCount: data.shardCount,
          databases: this.#config.number('databases'),
          hashSeed: data.hashSeed,
          stringBytesMax: () => this.#config.live.bulkBytesMax,
        },
        coordinator: this.#coordinator,
        clientWords: tables.clientWords,
        mesh: this.#mesh,
        balance: tables.balance,
        nextClientId: () => tables.clientIds.next(),
        kick,
      });
      const front = this.#front;
      this.#listener = environment.openListener((connection) => front.accept(connection), sockets);
    }
    followConfig(this.#config, { shard: this.#shard, front: this.#front, sockets });
    this.#cycle = new DutyCycle({
      mesh: this.#mesh,
      loop,
      work: () => this.#work(),
      outstanding: () => (this.#front?.replies.owed ?? 0) + this.#coordinator.outstanding,
    });
    control.onMessage((message) => {
      this.#onMessage(message as ToCore);
    });
    this.#scheduleCron(CRON_INTERVAL_MS);
    this.#cycle.kick();
    this.#send({ kind: 'ready' });
  }

  /** The shard of this thread, its executor, and its part in transactions. */
  #buildShard(
    data: CoreIdentity,
    { clock, random, tables }: CoreEnvironment,
    table: CommandTable,
    kick: () => void,
  ): { executor: Executor; part: ShardPart } {
    const { live } = this.#config;
    const part = new ShardPart({
      table,
      mesh: this.#mesh,
      txnWords: tables.txnWords,
      clientWords: tables.clientWords,
      hashSeed: data.hashSeed,
      shardCount: data.shardCount,
      whenAlone: (work) => {
        this.#coordinator.whenAlone(work);
      },
      kick,
      unblocked: (session, claim, bytes, start, end) => {
        this.#front?.held.onUnblockedHere(session, claim, bytes, start, end);
      },
      message: (bytes, start, end) => {
        this.#front?.messages.takeHere(bytes, start, end);
      },
    });
    const shard = new Shard({
      id: data.index,
      shardCount: data.shardCount,
      databases: this.#config.number('databases'),
      hashSeed: data.hashSeed,
      clock,
      random,
      counters: this.#counters.forShard(),
      stringBytesMax: live.bulkBytesMax,
      lfu: live.lfu,
      lazyFlush: live.lazyUserFlush,
      limits: live.limits,
      clients: part.clients,
    });
    const executor = new Executor(shard, table.all, this.#counters, clock, (hash) => part.holds.isHeld(hash));
    part.attach(executor);
    return { executor, part };
  }

  /** What it is made of, for checks at rest (test/sim). */
  get parts(): CoreParts {
    return { shard: this.#shard, part: this.#part, coordinator: this.#coordinator, front: this.#front };
  }

  // ------------------------------------------------------------------ the cycle

  #work(): number {
    const records = this.#mesh.drain(RECORDS_PER_CYCLE, this.#onRecord);
    this.#part?.sweep();
    const steps = this.#coordinator.work() + (this.#front?.held.work() ?? 0);
    this.#front?.relieve();
    this.#countTraffic(); // before the peers see the records: who has an answer finds it counted
    this.#front?.replies.flush();
    this.#mesh.flush();
    return records + steps;
  }

  #countTraffic(): void {
    const { recordsSent, wakeupsSent } = this.#mesh.stats;
    const counted = this.#countedTraffic;
    if (recordsSent === counted.messages && wakeupsSent === counted.wakeups) return;
    this.#counters.add('messages', recordsSent - counted.messages);
    this.#counters.add('wakeups', wakeupsSent - counted.wakeups);
    counted.messages = recordsSent;
    counted.wakeups = wakeupsSent;
  }

  /** Requests wait in their ring while the way back, or that of messages, is full; replies are always taken. */
  readonly #onRecord = (
    peer: number,
    lane: number,
    kind: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean => {
    if (lane === LANE_REPLY) {
      this.#onReply(peer, kind, bytes, start, end);
      return true;
    }
    if (this.#mesh.congested(peer, LANE_REPLY) || this.#part?.messagesWait === true) return false;
    if (kind === KIND.commands) this.#adapter?.handle(peer, bytes, start, end);
    else if (kind === KIND.hop) this.#part?.handleHop(peer, bytes, start, end);
    else this.#part?.handleForget(bytes, start);
    return true;
  };

  #onReply(peer: number, kind: number, bytes: Uint8Array, start: number, end: number): void {
    switch (kind) {
      case KIND.replies:
        this.#front?.replies.take(peer, bytes, start, end);
        break;
      case KIND.hopReplies:
        this.#coordinator.onHopReplies(peer, bytes, start, end);
        break;
      case KIND.unblocked:
        this.#front?.held.onUnblocked(bytes, start, end);
        break;
      case KIND.message:
        this.#front?.messages.take(bytes, start, end);
        break;
      case KIND.retry:
        this.#coordinator.onRetry();
        break;
      default:
        assert(kind === KIND.ended, 'a reply is of a known kind'); // `work` sweeps in any case
    }
  }

  #scheduleCron(delayMs: number): void {
    this.#loop.after(delayMs, () => {
      this.#cron();
    });
  }

  /** Ten times a second while there is something to do; once a second otherwise, so that an idle server sleeps. */
  #cron(): void {
    const nowMs = this.#clock.nowMs();
    this.#server.sample();
    if (nowMs - this.#lastSecondMs >= SECOND_MS) {
      this.#lastSecondMs = nowMs;
      this.#front?.everySecond();
      this.#gauge();
    }
    const shard = this.#shard;
    shard?.tick(); // an idle shard's keys expire as well
    const waiting = shard !== undefined && shard.idleMs() <= CRON_INTERVAL_MS;
    if (waiting) this.#background();
    const commands = this.#counters.commandsHere();
    const busy = waiting || commands !== this.#lastCommands;
    this.#lastCommands = commands;
    this.#scheduleCron(busy ? CRON_INTERVAL_MS : SECOND_MS);
  }

  /** Brings the levels up to date that nobody counts as they change. */
  #gauge(): void {
    const counters = this.#counters;
    const shard = this.#shard;
    const front = this.#front;
    this.#countTraffic();
    counters.set('cycleUs', this.#loop.activeUs());
    if (shard !== undefined) {
      counters.set('usedMemoryBytes', shard.arena.usedBytes);
      counters.set('usedMemoryPeakBytes', shard.arena.peakBytes);
      counters.set('arenaBytes', shard.arena.committedBytes);
      counters.set('indexBytes', shard.indexBytes);
      counters.set('lazyFreePendingObjects', shard.lazyFreePending());
    }
    if (front !== undefined) {
      const buffers = front.bufferBytes();
      counters.set('inputBufferBytes', buffers.input);
      counters.set('outputBufferBytes', buffers.output);
      counters.set('largestInputBufferBytes', buffers.largestInput);
      counters.set('largestOutputBufferBytes', buffers.largestOutput);
    }
  }

  #background(): void {
    const more = this.#shard?.background(BACKGROUND_SLICE_US);
    this.#part?.serveReady(); // who waited for a key that has expired
    if (more === true) {
      this.#loop.after(BACKGROUND_PAUSE_MS, () => {
        this.#background();
      });
    }
  }

  // ------------------------------------------------------------------ the main thread

  #answer(request: ControlRequest): ControlAnswers[keyof ControlAnswers] {
    return answerControl(request, {
      front: this.#front,
      shard: this.#shard,
      config: this.#config,
      counters: this.#counters,
      nowMs: this.#clock.nowMs(),
    });
  }

  #onMessage(message: ToCore): void {
    switch (message.kind) {
      case 'listen':
        void this.#listen(async (listener) => {
          const listeners: OpenListener[] = [];
          for (const address of message.addresses) {
            const fd = await listener.listen(address);
            if (fd !== undefined) listeners.push({ fd, unixPath: address.kind === 'unix' ? address.path : '' });
          }
          return listeners;
        });
        break;
      case 'join':
        void this.#listen(async (listener) => {
          for (const { fd, unixPath } of message.listeners) await listener.listen({ kind: 'descriptor', fd }, unixPath);
          return [...message.listeners];
        });
        break;
      case 'stop':
        void this.#stop();
        break;
    }
  }

  async #listen(open: (listener: Listener) => Promise<OpenListener[]>): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return;
    try {
      this.#send({ kind: 'listening', listeners: await open(listener) });
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#send({ kind: 'failed', message: error.message, exitCode: error.exitCode });
    }
  }

  async #stop(): Promise<void> {
    this.#listener?.stop();
    await this.#front?.closeAll();
    this.#send({ kind: 'stopped' });
  }

  #send(message: FromCore): void {
    this.#port.send(message);
  }
}
