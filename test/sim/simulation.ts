// One run: a server of some cores, some clients, a seed, and a number of steps. The scheduler picks what happens next; the
// judge follows what clients see. Now and then everything comes to rest, and what must hold then is checked.
//
//   round:  steps -> nobody asks any more -> until nothing can happen -> checks
//   end:    timeouts run out -> who still waits is served -> all leave -> FLUSHALL -> checks at the end
//
// Weights of everything are drawn anew each round: cores of very different speed, clients that hardly read, a clock that
// jumps. (Swarm testing: Groce et al., 2012.)

import { SeededRandom, type Random } from '../../src/base/prng.js';
import type { Capabilities } from './capabilities.js';
import { Checker, CLIENT_SLOTS, TooManyConfigurations, Violation } from './checker.js';
import { Cluster } from './cluster.js';
import { INVARIANTS } from './invariants.js';
import { PROFILES, type Profile, type ProfileName } from './profiles.js';
import { SimClient } from './sim-client.js';
import { Workload } from './workload.js';
import { Scheduler, type Source } from './world.js';

export interface RunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly profile: ProfileName;
  /** Drawn from the seed unless given. */
  readonly cores?: number;
  readonly clients?: number;
  readonly capabilities: Capabilities;
  readonly onProgress?: (progress: RunReport) => void;
}

export interface RunReport {
  readonly seed: number;
  readonly profile: ProfileName;
  readonly cores: number;
  readonly clients: number;
  readonly steps: number;
  readonly operations: number;
  readonly transactions: number;
  readonly configurationsMax: number;
  /** The run ended early: more possible states than can be followed. */
  readonly isUndecided: boolean;
}

const CORES_MAX = 4;
const CLIENTS_MIN = 3;
const CLIENTS_MAX = 8;
const DEPTH_MAX = 4;
const ROUND_STEPS = [50, 200, 600, 3000];
/** Steps without an end while nobody asks for anything: something goes round in circles. */
const DRAIN_STEPS_MAX = 200_000;
/** Requests of all clients together that are under way at a time. */
const UNDER_WAY = [2, 4, 6, 9];
/** The same beside one that looks at whole databases: everything else may come before it or behind. */
const UNDER_WAY_GLOBAL = 4;
/** How much a request of a client counts that may be waiting: otherwise those who do would keep the others from asking. */
const WAITING_WEIGHT = 0.5;
/** Longer than any timeout and deadline of the workload. */
const LONG_MS = 1000;
/** Between two events that the clock alone brings at the end. */
const TICK_MS = 50;
/** Slots that are never given to a client of the workload. */
const RESERVED_SLOTS = 2;
const RESCUE_TRIES_MAX = 200;

/** Runs one simulation. Throws a Violation, or whatever assertion the server failed. */
export async function simulate(options: RunOptions): Promise<RunReport> {
  const run = new Simulation(options);
  return run.run();
}

export class Simulation {
  readonly #options: RunOptions;
  readonly #random: Random;
  readonly #profile: Profile;
  readonly #scheduler: Scheduler;
  readonly #cluster: Cluster;
  readonly #checker = new Checker();
  readonly #workload: Workload;
  readonly #clients: SimClient[] = [];
  readonly #sources = new Map<SimClient, Source[]>();
  readonly #clientCount: number;
  readonly #coreCount: number;
  readonly #freeSlots: number[] = [];
  /** Slots of clients that left since the last rest. */
  #deadSlots: number[] = [];
  /** Clients ask. Otherwise what has been asked is only answered. */
  #isAsking = true;
  #clockWeight = 1;
  #clockJumpMs = 3;
  /** Requests under way: of one client, of all together. */
  #depth = DEPTH_MAX;
  #underWayMax = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed * 7919 + 17);
    const random = this.#random;
    this.#profile = PROFILES[options.profile];
    this.#coreCount = options.cores ?? 1 + random.below(CORES_MAX);
    this.#clientCount = options.clients ?? CLIENTS_MIN + random.below(CLIENTS_MAX - CLIENTS_MIN + 1);
    this.#scheduler = new Scheduler(random);
    this.#cluster = new Cluster({ cores: this.#coreCount, scheduler: this.#scheduler, random });
    this.#workload = new Workload({
      profile: this.#profile,
      capabilities: options.capabilities,
      random,
      shardOf: (name) => this.#cluster.shardOf(name),
    });
    for (let slot = CLIENT_SLOTS - 1; slot >= RESERVED_SLOTS; slot--) this.#freeSlots.push(slot);
    this.#checker.advance(this.#cluster.clock.nowMs());
    this.#scheduler.add(this.#clockSource());
  }

  async run(): Promise<RunReport> {
    let isUndecided = false;
    try {
      while (this.#clients.length < this.#clientCount) this.#connect();
      while (this.#scheduler.steps < this.#options.steps) await this.#round();
      await this.#end();
    } catch (error) {
      if (!(error instanceof TooManyConfigurations)) throw error;
      isUndecided = true;
    }
    return this.#report(isUndecided);
  }

  #report(isUndecided = false): RunReport {
    const { operations, transactions, configurationsMax } = this.#checker.stats;
    const { seed, profile } = this.#options;
    return {
      seed,
      profile,
      cores: this.#coreCount,
      clients: this.#clientCount,
      steps: this.#scheduler.steps,
      operations,
      transactions,
      configurationsMax,
      isUndecided,
    };
  }

  // ------------------------------------------------------------------ rounds

  async #round(): Promise<void> {
    this.#reshuffle();
    this.#isAsking = true;
    const until = this.#scheduler.steps + ROUND_STEPS[this.#random.below(ROUND_STEPS.length)];
    while (this.#scheduler.steps < until) await this.#step();
    await this.#rest();
    while (this.#clients.length < this.#clientCount && this.#freeSlots.length > 0) this.#connect();
    this.#options.onProgress?.(this.#report());
  }

  async #step(): Promise<boolean> {
    this.#checker.history.step = this.#scheduler.steps;
    return this.#scheduler.step();
  }

  /** Lets everything that was asked come to its end, and checks what must hold then. */
  async #rest(): Promise<void> {
    this.#isAsking = false;
    const started = this.#scheduler.steps;
    while (await this.#step()) {
      if (this.#scheduler.steps - started > DRAIN_STEPS_MAX) throw this.#violation('it never comes to rest');
    }
    for (const client of this.#clients) {
      if (client.unanswered !== undefined) throw this.#violation(`no reply to ${client.unanswered}`);
    }
    this.#checker.quiesce();
    this.#freeSlots.unshift(...this.#deadSlots);
    this.#deadSlots = [];
    this.#checkInvariants(false);
  }

  #checkInvariants(atTheEnd: boolean): void {
    for (const invariant of INVARIANTS) {
      if (invariant.atTheEnd && !atTheEnd) continue;
      const wrong = invariant.check(this.#cluster);
      if (wrong !== undefined) throw this.#violation(`not true: ${invariant.name} (${wrong})`);
    }
  }

  #violation(message: string): Violation {
    return new Violation(`${message}\n${this.#checker.history.excerpt([])}`, this.#scheduler.steps);
  }

  /** New speeds of everything. */
  #reshuffle(): void {
    const random = this.#random;
    const speed = (): number => [0.02, 0.3, 1, 1, 1, 3][random.below(6)];
    this.#cluster.reshuffle(speed);
    for (const sources of this.#sources.values()) for (const source of sources) source.weight = speed() * 0.5;
    this.#clockWeight = [0.001, 0.01, 0.05, 0.2][random.below(4)];
    this.#clockJumpMs = [1, 3, 20][random.below(3)];
    this.#depth = 1 + random.below(DEPTH_MAX);
    this.#underWayMax = UNDER_WAY[random.below(UNDER_WAY.length)];
    this.#workload.reshuffle();
  }

  #clockSource(): Source {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the weight changes with the round
    const simulation = this;
    return {
      get weight() {
        return simulation.#clockWeight;
      },
      set weight(weight) {
        simulation.#clockWeight = weight;
      },
      isReady: () => this.#isAsking,
      run: () => {
        this.#advance(1 + this.#random.below(this.#clockJumpMs));
      },
    };
  }

  #advance(ms: number): void {
    const { clock } = this.#cluster;
    clock.advance(ms);
    this.#checker.advance(clock.nowMs());
  }

  // ------------------------------------------------------------------ clients

  #connect(slot = this.#freeSlots.pop() ?? 0): SimClient {
    const wire = this.#cluster.connect();
    const client = new SimClient(slot, wire, {
      checker: this.#checker,
      random: this.#random,
      shardOf: (name) => this.#cluster.shardOf(name),
    });
    const sources: Source[] = [
      {
        weight: 0.5,
        isReady: () => this.#isAsking && this.#mayAsk(client),
        run: () => {
          this.#ask(client);
        },
      },
      {
        weight: 0.5,
        isReady: () => client.canSend,
        run: () => {
          client.send();
        },
      },
      {
        weight: 0.5,
        isReady: () => client.wire.hasOutput,
        run: () => {
          client.read();
        },
      },
      {
        weight: 0.5,
        isReady: () => client.hasEnded && client.wire.isOver,
        run: () => {
          this.#leave(client);
        },
      },
    ];
    this.#sources.set(client, sources);
    this.#scheduler.add(...sources);
    this.#clients.push(client);
    return client;
  }

  #mayAsk(client: SimClient): boolean {
    if (client.hasEnded) return false;
    if (client.script.length > 0) return true;
    if (client.outstanding >= this.#depth) return false;
    const max = this.#clients.some((one) => one.isGlobal) ? UNDER_WAY_GLOBAL : this.#underWayMax;
    return this.#underWay() < max;
  }

  #underWay(): number {
    let sum = 0;
    for (const { outstanding, script, mayBeBlocked } of this.#clients) {
      sum += (outstanding + script.length) * (mayBeBlocked ? WAITING_WEIGHT : 1);
    }
    return sum;
  }

  #ask(client: SimClient): void {
    if (client.script.length === 0) {
      if (this.#random.below(1000) < this.#profile.leaves && this.#freeSlots.length > 0) {
        this.#part(client);
        return;
      }
      const waiting = this.#clients.filter((one) => one !== client && one.mayBeBlocked).length;
      const limits = {
        mayBlock: waiting < this.#clients.length - 1,
        mayBlockForEver: waiting < this.#clients.length - 2,
        mayBeGlobal: this.#underWay() < UNDER_WAY_GLOBAL,
      };
      client.script.push(...this.#workload.next(limits, client.db));
    }
    const words = client.script.shift();
    if (words !== undefined) client.write(words);
  }

  /** A client goes: in order, when it knows that it will be answered, or just so. */
  #part(client: SimClient): void {
    if (this.#random.below(3) === 0 && !client.mayBeBlocked && !client.canSend) {
      client.hasEnded = true;
      client.wire.end();
      return;
    }
    client.wire.reset(this.#random.below(3) === 0);
    this.#leave(client);
    this.#connect();
  }

  /** Its connection is gone. */
  #leave(client: SimClient): void {
    this.#checker.abandon(client.slot);
    this.#deadSlots.push(client.slot);
    for (const source of this.#sources.get(client) ?? []) this.#scheduler.remove(source);
    this.#sources.delete(client);
    this.#clients.splice(this.#clients.indexOf(client), 1);
  }

  // ------------------------------------------------------------------ the end

  async #end(): Promise<void> {
    // Transactions that were begun are left as they are; timeouts end.
    this.#advance(LONG_MS);
    await this.#rest();
    await this.#serveWaiting();
    while (this.#clients.length > 0) {
      const [client] = this.#clients;
      client.wire.reset(false);
      this.#leave(client);
    }
    await this.#rest();
    await this.#wait(LONG_MS);
    const last = this.#connect(0);
    await this.#askOne(last, ['FLUSHALL']);
    last.wire.end();
    last.hasEnded = true;
    await this.#rest();
    await this.#wait(LONG_MS * 2);
    this.#checkInvariants(true);
  }

  /** Pushes to every list until nobody waits any more: whoever got in line is served. */
  async #serveWaiting(): Promise<void> {
    if (!this.#clients.some((client) => client.mayBeBlocked)) return;
    const server = this.#connect(1);
    const databases = this.#profile.databases;
    for (let i = 0; this.#clients.some((client) => client.mayBeBlocked); i++) {
      if (i > RESCUE_TRIES_MAX) throw this.#violation('a client waits for something that is not there');
      await this.#askOne(server, ['SELECT', String(i % databases)]);
      for (const list of this.#workload.lists) {
        await this.#askOne(server, ['DEL', list]);
        await this.#askOne(server, ['RPUSH', list, `last${i}`]);
      }
    }
  }

  async #askOne(client: SimClient, words: readonly string[]): Promise<void> {
    client.write(words);
    await this.#rest();
  }

  /** Lets time pass at a server that nobody asks anything. */
  async #wait(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.#advance(TICK_MS);
      await this.#rest();
    }
  }
}
