// One thread of the server, put together: a shard, a front, or both, and its end of the mesh.
//
//   cycle (duty-cycle.ts):  drain the mesh -> shard-adapter / front.onReplies -> relieve paused sessions -> publish
//   cron (ten times a second while busy): background work of the shard, rates, slow housekeeping of the front
//
// A core knows its thread only by the port it was given, so the main thread can host one as well (`--io main`).

import { systemClock } from '../base/clock.js';
import { FatalError } from '../base/fatal.js';
import { SeededRandom } from '../base/prng.js';
import { Config } from '../config/config.js';
import type { ControlAnswers, ControlRequest } from '../contract/control.js';
import { ALL_COMMANDS } from '../commands/index.js';
import { AcceptBalance } from '../fabric/accept-balance.js';
import { Counters } from '../fabric/counters.js';
import { DutyCycle } from '../fabric/duty-cycle.js';
import { joinMesh, LANE_REPLY, type Mesh } from '../fabric/mesh.js';
import { SharedSequence } from '../fabric/shared-sequence.js';
import { NodeListener } from '../net/node-net.js';
import { CommandCounters } from '../observability/command-counters.js';
import { CounterLayout } from '../observability/counters.js';
import { createLog, type Log } from '../observability/log.js';
import { Shard } from '../shard/shard.js';
import { buildCommandTable } from './command-table.js';
import { ControlEnd, type ControlPort } from './control-bus.js';
import { answerControl } from './control.js';
import type { CoreData, FromCore, OpenListener, ToCore } from './core-messages.js';
import { Executor } from './executor.js';
import { Front } from './front.js';
import { followConfig } from './live-config.js';
import { CoreServerPort } from './server-port.js';
import { ShardAdapter } from './shard-adapter.js';

/** Records taken from the mesh per cycle: bounds how long sockets wait. */
const RECORDS_PER_CYCLE = 256;
const CRON_INTERVAL_MS = 100;
const SECOND_MS = 1000;
const US_PER_MS = 1000;
/** A slice of background work, and the share of time it may take while more is waiting. */
const BACKGROUND_SLICE_US = 1000;
const BACKGROUND_PAUSE_MS = 3;

export class Core {
  readonly #port: ControlPort;
  readonly #config: Config;
  readonly #log: Log;
  readonly #counters: CommandCounters;
  readonly #server: CoreServerPort;
  readonly #mesh: Mesh;
  readonly #shard: Shard | undefined;
  readonly #front: Front | undefined;
  readonly #adapter: ShardAdapter | undefined;
  readonly #listener: NodeListener | undefined;
  readonly #cycle: DutyCycle;
  #lastSecondMs = 0;
  #lastCommands = 0;

  constructor(data: CoreData, port: ControlPort) {
    this.#port = port;
    this.#config = new Config(data.config);
    this.#log = createLog(data.log, this.#config, data.hasShard ? `core ${data.index}` : 'main');
    const clock = systemClock;
    const table = buildCommandTable(ALL_COMMANDS);
    const layout = new CounterLayout(this.#config.number('databases'), table.all.length);
    this.#counters = new CommandCounters(new Counters(data.counters, data.index), layout, table.all);
    const counters = this.#counters;
    this.#mesh = joinMesh(data.mesh, data.index);
    const random = new SeededRandom(data.hashSeed ^ (data.index + 1));
    const bus = new ControlEnd(port, (request) => this.#answer(request));
    this.#server = new CoreServerPort({ ...data, config: this.#config, table, counters, bus, clock, random });

    let executor: Executor | undefined;
    if (data.hasShard) {
      this.#shard = new Shard({
        id: data.index,
        shardCount: data.shardCount,
        databases: this.#config.number('databases'),
        hashSeed: data.hashSeed,
        clock,
        random,
        counters: counters.forShard(),
        stringBytesMax: this.#config.live.bulkBytesMax,
        lfu: this.#config.live.lfu,
        lazyFlush: this.#config.live.lazyUserFlush,
        limits: this.#config.live.limits,
      });
      executor = new Executor(this.#shard, table.all, counters, clock);
      this.#adapter = new ShardAdapter(this.#mesh, executor, table.all, data.hashSeed);
    }
    const sockets = { keepAliveS: this.#config.live.tcpKeepaliveSeconds };
    if (data.hasFront) {
      const clientIds = new SharedSequence(data.clientIds);
      this.#front = new Front({
        server: this.#server,
        table,
        counters,
        live: this.#config.live,
        log: this.#log,
        clock,
        hashSeed: data.hashSeed,
        shardCount: data.shardCount,
        executor,
        mesh: this.#mesh,
        balance: new AcceptBalance(data.balance, data.index % data.shardCount),
        nextClientId: () => clientIds.next(),
        kick: () => {
          this.#cycle.kick();
        },
      });
      const front = this.#front;
      this.#listener = new NodeListener((connection) => front.accept(connection), sockets);
    }
    followConfig(this.#config, { shard: this.#shard, front: this.#front, sockets });
    this.#cycle = new DutyCycle({
      mesh: this.#mesh,
      work: () => this.#work(),
      outstanding: () => this.#front?.owed ?? 0,
    });
    port.onMessage((message) => {
      this.#onMessage(message as ToCore);
    });
    this.#scheduleCron(CRON_INTERVAL_MS);
    this.#cycle.kick();
    this.#send({ kind: 'ready' });
  }

  // ------------------------------------------------------------------ the cycle

  #work(): number {
    const records = this.#mesh.drain(RECORDS_PER_CYCLE, this.#onRecord);
    this.#front?.relieve();
    this.#front?.flush();
    this.#mesh.flush();
    return records;
  }

  /** Requests wait in their ring while the way back is full; replies are always taken. */
  readonly #onRecord = (
    peer: number,
    lane: number,
    _kind: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean => {
    if (lane === LANE_REPLY) {
      this.#front?.onReplies(peer, bytes, start, end);
      return true;
    }
    if (this.#mesh.congested(peer, LANE_REPLY)) return false;
    this.#adapter?.handle(peer, bytes, start);
    return true;
  };

  #scheduleCron(delayMs: number): void {
    setTimeout(() => {
      this.#cron();
    }, delayMs).unref();
  }

  /** Ten times a second while there is something to do; once a second otherwise, so that an idle server sleeps. */
  #cron(): void {
    const nowMs = systemClock.nowMs();
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
    counters.set('wakeups', this.#mesh.stats.wakeupsSent);
    counters.set('cycleUs', performance.eventLoopUtilization().active * US_PER_MS);
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
      counters.set('blockedClients', 0);
    }
  }

  #background(): void {
    if (this.#shard?.background(BACKGROUND_SLICE_US) === true) {
      setTimeout(() => {
        this.#background();
      }, BACKGROUND_PAUSE_MS);
    }
  }

  // ------------------------------------------------------------------ the main thread

  #answer(request: ControlRequest): ControlAnswers[keyof ControlAnswers] {
    return answerControl(request, {
      front: this.#front,
      shard: this.#shard,
      config: this.#config,
      counters: this.#counters,
      nowMs: systemClock.nowMs(),
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

  async #listen(open: (listener: NodeListener) => Promise<OpenListener[]>): Promise<void> {
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
