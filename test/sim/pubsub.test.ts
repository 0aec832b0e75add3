// Publish and subscribe on whole simulated servers: every step chosen by the seed, lanes of one record, cores of different
// speed, clients that hardly read and clients that are cut off.

import { describe, expect, test } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { Cluster } from './cluster.js';
import { INVARIANTS } from './invariants.js';
import { MessageJudge } from './message-judge.js';
import { Talker } from './talker.js';
import { Scheduler, type Source } from './world.js';

const DRAIN_STEPS_MAX = 200_000;
const DEPTH_MAX = 5;

class Run {
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #cluster: Cluster;
  readonly #seed: number;
  readonly judge: MessageJudge;
  readonly #talkers = new Map<Talker, Source[]>();
  #isAsking = true;
  #names = 0;

  constructor(seed: number, cores: number) {
    this.#seed = seed;
    this.#random = new SeededRandom(seed * 7919 + 11);
    this.#scheduler = new Scheduler(this.#random);
    this.#cluster = new Cluster({ cores, scheduler: this.#scheduler, random: this.#random });
    this.judge = new MessageJudge(this.#fail);
    for (const { thread } of this.#cluster.members) thread.weight = [0.05, 0.3, 1, 1, 3][this.#random.below(5)];
  }

  readonly #fail = (message: string): never => {
    throw new Error(`seed ${this.#seed}, step ${this.#scheduler.steps}: ${message}`);
  };

  async run(steps: number, clients: number): Promise<void> {
    for (let i = 0; i < clients; i++) this.#connect();
    for (let step = 0; step < steps; step++) {
      if (this.#random.below(1500) === 0) this.#cutOff();
      await this.#step();
    }
    await this.#rest();
    this.judge.atRest();
    this.#check(false);
    while (this.#talkers.size > 0) this.#cutOff(false);
    await this.#rest();
    this.#check(true);
  }

  async #rest(): Promise<void> {
    this.#isAsking = false;
    for (let step = 0; await this.#step(); step++) if (step > DRAIN_STEPS_MAX) this.#fail('it never comes to rest');
    for (const { outstanding, name } of this.#talkers.keys()) if (outstanding > 0) this.#fail(`no reply to ${name}`);
  }

  async #step(): Promise<boolean> {
    return await this.#scheduler.step();
  }

  #check(atTheEnd: boolean): void {
    for (const invariant of INVARIANTS) {
      if (invariant.atTheEnd && !atTheEnd) continue;
      const wrong = invariant.check(this.#cluster);
      if (wrong !== undefined) this.#fail(`not true: ${invariant.name} (${wrong})`);
    }
  }

  #connect(): void {
    const random = this.#random;
    const talker = new Talker(`client${this.#names++}`, this.#cluster.connect(), {
      judge: this.judge,
      random,
      now: () => this.#scheduler.steps,
      fail: this.#fail,
    });
    const depth = 1 + random.below(DEPTH_MAX);
    const sources: Source[] = [
      {
        weight: 0.3,
        isReady: () => this.#isAsking && talker.outstanding < depth,
        run: () => {
          talker.ask();
        },
      },
      {
        weight: [0.05, 0.5, 1][random.below(3)],
        isReady: () => talker.wire.hasOutput,
        run: () => {
          talker.read();
        },
      },
    ];
    this.#scheduler.add(...sources);
    this.#talkers.set(talker, sources);
  }

  /** Somebody is gone, and somebody else comes. */
  #cutOff(comesAnother = true): void {
    const talkers = [...this.#talkers.keys()];
    const talker = talkers[this.#random.below(talkers.length)];
    talker.leave();
    for (const source of this.#talkers.get(talker) ?? []) this.#scheduler.remove(source);
    this.#talkers.delete(talker);
    if (comesAnother) this.#connect();
  }
}

const RUNS: readonly (readonly [cores: number, clients: number, seeds: number])[] = [
  [1, 3, 4],
  [2, 4, 10],
  [3, 6, 10],
  [4, 8, 6],
];
const STEPS = 6000;
const FACTOR = Number(process.env['ANAX_SIM_FACTOR'] ?? 1);

describe('who listens receives what is published', () => {
  test.each(RUNS)(
    '%i cores, %i clients, %i seeds',
    async (cores, clients, seeds) => {
      let received = 0;
      for (let seed = 1; seed <= seeds * FACTOR; seed++) {
        const run = new Run(seed, cores);
        await run.run(STEPS, clients);
        for (const message of run.judge.published.values()) received += message.received;
      }
      expect(received).toBeGreaterThan(100 * seeds);
    },
    600_000,
  );
});
