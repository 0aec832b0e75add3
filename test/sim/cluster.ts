// A whole server without threads: N cores over the mesh of fabric/direct.ts, the hub of the control bus, and shared tables,
// everything between them as steps of a scheduler. It is the code of the real one from engine/core.ts inwards.

import type { Random } from '../../src/base/prng.js';
import { SeededRandom } from '../../src/base/prng.js';
import { shardOf, taggedKeyHash } from '../../src/base/hash.js';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import { Config } from '../../src/config/config.js';
import { buildCommandTable } from '../../src/engine/command-table.js';
import { ControlHub, type ControlPort } from '../../src/engine/control-bus.js';
import { Core } from '../../src/engine/core.js';
import type { CoreIdentity } from '../../src/engine/core-messages.js';
import type { SharedTables } from '../../src/engine/environment.js';
import { AcceptBalance, createAcceptBalance } from '../../src/fabric/accept-balance.js';
import { ClientWords, createClientWords } from '../../src/fabric/client-words.js';
import { Counters, createCounters } from '../../src/fabric/counters.js';
import { createDirectMesh, type DirectStep } from '../../src/fabric/direct.js';
import { createLockStripes, LockStripes } from '../../src/fabric/lock-stripes.js';
import type { Mesh } from '../../src/fabric/mesh.js';
import { createSharedSequence, SharedSequence } from '../../src/fabric/shared-sequence.js';
import { createTxnWords, TxnWords } from '../../src/fabric/txn-words.js';
import type { ConnectionAcceptor, Listener } from '../../src/net/transport.js';
import { CounterLayout } from '../../src/observability/counters.js';
import pino from 'pino';
import { READ_BUFFER_BYTES, Wire } from './wire.js';
import { QueueSource, SimClock, SimThread, type Scheduler } from './world.js';

export const SIM_DATABASES = 4;
/** Lanes hold few records, so that full ones are nothing special. */
const LANE_RECORDS = [1, 2, 8, 64];
/** Bytes that the kernel takes for a client that does not read. */
const KERNEL_BYTES = [40, 1000, 64 * 1024, 64 * 1024];

export interface ClusterOptions {
  readonly cores: number;
  readonly scheduler: Scheduler;
  readonly random: Random;
}

/** One core with its thread. */
export interface Member {
  readonly core: Core;
  readonly thread: SimThread;
  readonly mesh: Mesh;
  readonly tables: SharedTables;
}

export class Cluster {
  readonly clock = new SimClock();
  readonly members: Member[] = [];
  readonly hashSeed: number;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #acceptors: ConnectionAcceptor[] = [];
  readonly #readBuffers: Uint8Array[] = [];
  /** What is on its way between cores, by lane. */
  readonly #lines = new Map<number, QueueSource>();
  #connections = 0;

  constructor({ cores, scheduler, random }: ClusterOptions) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.hashSeed = random.below(0x7fffffff);
    const config = new Config();
    config.adopt([['databases', String(SIM_DATABASES)]]);
    const hub = new ControlHub(() => Promise.resolve('ERR the simulator has no main thread'));
    const tablesOf = createTables(cores);
    const meshes = createDirectMesh(cores, this.#scheduleStep(), this.#pick(LANE_RECORDS));
    for (let index = 0; index < cores; index++) {
      const thread = new SimThread(this.clock);
      scheduler.add(...thread.sources());
      this.#readBuffers.push(new Uint8Array(READ_BUFFER_BYTES));
      const identity: CoreIdentity = {
        index,
        shardCount: cores,
        hasShard: true,
        hasFront: true,
        hashSeed: this.hashSeed,
        memberCount: cores,
        runId: '0'.repeat(40),
        replicationId: '0'.repeat(40),
        startedAtMs: this.clock.nowMs(),
        config: config.snapshot(),
      };
      const [inside, outside] = this.#ports(thread);
      const tables = tablesOf(index);
      const mesh = meshes[index];
      const core = new Core(identity, {
        clock: this.clock,
        loop: thread,
        random: new SeededRandom(random.next32()),
        mesh,
        control: inside,
        tables,
        openListener: (accept) => this.#listener(accept),
        openLog: () => pino({ level: 'silent' }),
      });
      hub.add(outside);
      this.members.push({ core, thread, mesh, tables });
    }
  }

  /** The shard of a key. */
  shardOf(name: string): number {
    const bytes = Buffer.from(name, 'latin1');
    return shardOf(taggedKeyHash(bytes, 0, bytes.length, this.hashSeed), this.members.length);
  }

  /** Gives every core, and every lane between two of them, a speed of its own. */
  reshuffle(speed: () => number): void {
    for (const { thread } of this.members) thread.weight = speed();
    for (const line of this.#lines.values()) line.weight = speed();
  }

  /** A client connects to some core. */
  connect(): Wire {
    const index = this.#random.below(this.members.length);
    const { thread } = this.members[index];
    const name = `127.0.0.1:${40_000 + this.#connections++}`;
    const wire = new Wire(name, thread, this.#readBuffers[index], this.#pick(KERNEL_BYTES));
    const accept = this.#acceptors[index];
    const arrival = new QueueSource(thread);
    arrival.add(() => {
      wire.open(accept);
    });
    this.#scheduler.add(arrival, ...wire.sources());
    return wire;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)];
  }

  #listener(accept: ConnectionAcceptor): Listener {
    this.#acceptors.push(accept);
    return { listen: () => Promise.resolve(undefined), stop: () => undefined };
  }

  /** Records of one lane, and wake-ups between two cores, each in a line of their own. */
  #scheduleStep(): (step: DirectStep) => void {
    const lines = this.#lines;
    return (step) => {
      const id = (step.from * 64 + step.to) * 4 + step.lane + 1;
      let line = lines.get(id);
      if (line === undefined) {
        // A record arrives whatever its receiver does; a wake-up is an event of the one who is woken.
        line = new QueueSource(step.type === 'wake' ? this.members[step.to].thread : undefined);
        lines.set(id, line);
        this.#scheduler.add(line);
      }
      line.add(() => {
        step.run();
      });
    };
  }

  /** Two ends of the way between a core and the main thread. */
  #ports(thread: SimThread): [inside: ControlPort, outside: ControlPort] {
    const toCore = new QueueSource(thread);
    const toMain = new QueueSource();
    this.#scheduler.add(toCore, toMain);
    const listeners = { core: [] as Listening[], main: [] as Listening[] };
    const end = (line: QueueSource, mine: Listening[], theirs: Listening[]): ControlPort => ({
      send: (message) => {
        const copy: unknown = structuredClone(message);
        line.add(() => {
          for (const listener of theirs) listener(copy);
        });
      },
      onMessage: (listener) => mine.push(listener),
    });
    return [end(toMain, listeners.core, listeners.main), end(toCore, listeners.main, listeners.core)];
  }
}

type Listening = (message: unknown) => void;

/** Memory that all cores share, as each of them sees it. */
function createTables(cores: number): (index: number) => SharedTables {
  const layout = new CounterLayout(SIM_DATABASES, buildCommandTable(ALL_COMMANDS).all.length);
  const counters = createCounters(cores, layout.slots);
  const balance = createAcceptBalance(cores);
  const clientIds = createSharedSequence();
  const stripes = createLockStripes();
  const txnWords = createTxnWords(cores);
  const clientWords = createClientWords(cores);
  return (index) => ({
    counters: new Counters(counters, index),
    balance: new AcceptBalance(balance, index, 0),
    clientIds: new SharedSequence(clientIds),
    stripes: new LockStripes(stripes, index),
    txnWords: new TxnWords(txnWords, index),
    clientWords: new ClientWords(clientWords, index),
  });
}
