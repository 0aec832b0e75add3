// What a scenario is, and what it hands back: figures, each measured in every round on one server in one test.
import type { Chart } from './chart.js';
import type { Contestant } from './servers.js';
import type { LoadPlan, LoadResult } from './load-generator.js';
import type { Address } from './server-process.js';

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** Rounds when the command line says nothing; and with --quick. */
  readonly rounds: readonly [full: number, quick: number];
  run(bench: Bench): Promise<Outcome>;
}

/** What the command line decided, for all scenarios. */
export interface Bench {
  readonly anaxCommand: readonly string[];
  /** Threads of the N-thread wirings. */
  readonly threads: number;
  readonly rounds: number;
  readonly quick: boolean;
  /** Seconds of one load run. */
  readonly seconds: number;
  /** Keys of the stalls scenario. */
  readonly stallKeys: number;
  /** Rows of commands, worst and transactions whose name has this in it; undefined: all. */
  readonly only: string | undefined;
  readonly generator: Generator;
  readonly progress: Progress;
}

/** A load generator: the same one drives every server of a run. */
export interface Generator {
  /** As it stands in results: name and version. */
  readonly name: string;
  load(address: Address, plan: LoadPlan): Promise<LoadResult>;
}

export interface Progress {
  /** Sets the number of steps to come. */
  plan(steps: number): void;
  /** Begins the next step. */
  step(label: string): void;
  /** Says what the running step is at, on a terminal only. */
  detail(text: string): void;
  stop(): void;
}

/** One figure of one server in one test. */
export interface Figure {
  readonly test: string;
  /** Contestant id. */
  readonly server: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** One value a round, in round order. */
  readonly rounds: number[];
}

/** A goal of the project, checked against the figures just measured. */
export interface Goal {
  readonly text: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Outcome {
  readonly contestants: readonly Contestant[];
  readonly figures: readonly Figure[];
  /** Figures that also stand as a ratio to Redis in the table. */
  readonly compared: readonly string[];
  readonly goals: readonly Goal[];
  readonly chart: Chart | undefined;
}

/** Collects figures over rounds. */
export class Figures {
  readonly all: Figure[] = [];

  /** Appends this round's value. */
  add(at: Omit<Figure, 'rounds'>, value: number): void {
    const same = (figure: Figure): boolean =>
      figure.test === at.test && figure.server === at.server && figure.name === at.name;
    let figure = this.all.find(same);
    if (figure === undefined) {
      figure = { ...at, rounds: [] };
      this.all.push(figure);
    }
    figure.rounds.push(value);
  }

  /** The rounds of one figure, [] when it was not measured. */
  rounds(test: string, server: string, name: string): readonly number[] {
    const of = (figure: Figure): boolean => figure.test === test && figure.server === server && figure.name === name;
    return this.all.find(of)?.rounds ?? [];
  }

  /** Round by round one server's figure over another's: rounds are interleaved, so drifting noise falls out. */
  ratios(test: string, server: string, base: string, name: string): number[] {
    const below = this.rounds(test, base, name);
    return this.rounds(test, server, name)
      .slice(0, below.length)
      .map((value, round) => value / below[round]);
  }
}
