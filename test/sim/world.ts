// The world that the cores of a simulated server live in: one clock, threads with event loops, and everything that may
// happen next, as sources of steps among which a seeded scheduler picks.
//
//   source   something that may happen: the oldest record of a lane arrives, a timer fires, a client reads, ...
//   thread   Node's event loop in small: callbacks of the check phase run one after the other with nothing of the same
//            thread between them, though other threads run in between; a timer fires some time after it is due
//
// Everything derives from the random numbers that come in, so a seed replays a run.

import type { Clock } from '../../src/base/clock.js';
import type { EventLoop, Timer } from '../../src/base/event-loop.js';
import type { Random } from '../../src/base/prng.js';

const START_MS = 1_767_225_600_000;
const US_PER_MS = 1000;

export class SimClock implements Clock {
  #ms = START_MS;
  #us = 0;

  nowMs(): number {
    return this.#ms;
  }

  /** Every look takes a microsecond, so that budgets run out. */
  monotonicUs(): number {
    return ++this.#us;
  }

  advance(ms: number): void {
    this.#ms += ms;
    this.#us = Math.max(this.#us, (this.#ms - START_MS) * US_PER_MS);
  }
}

/** Something that may happen, again and again. */
export interface Source {
  /** How likely it is beside others; changes the speed of parts of the world against each other. */
  weight: number;
  /** False while there is nothing to do. */
  isReady(): boolean;
  run(): void;
}

interface SimTimer extends Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class SimThread implements EventLoop {
  /** Relative speed. */
  weight = 1;
  readonly #clock: SimClock;
  #soon: (() => void)[] = [];
  /** What is left of the check phase that runs. */
  #phase: (() => void)[] = [];
  readonly #timers = new Set<SimTimer>();

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** No check phase is under way: other events of the thread may come. */
  get isFree(): boolean {
    return this.#phase.length === 0;
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  after(ms: number, callback: () => void): Timer {
    const timer: SimTimer = {
      dueMs: this.#clock.nowMs() + Math.max(1, Math.ceil(ms)),
      callback,
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  activeUs(): number {
    return this.#clock.monotonicUs();
  }

  /** Where the thread's own events come from. */
  sources(): Source[] {
    return [this.#checkSource(), this.#timerSource()];
  }

  #checkSource(): Source {
    return ownedBy(this, {
      isReady: () => this.#phase.length > 0 || this.#soon.length > 0,
      run: () => {
        if (this.#phase.length === 0) {
          this.#phase = this.#soon;
          this.#soon = [];
        }
        this.#phase.shift()?.();
      },
    });
  }

  #timerSource(): Source {
    return ownedBy(this, {
      isReady: () => this.isFree && this.#nextTimer() !== undefined,
      run: () => {
        const timer = this.#nextTimer();
        timer?.cancel();
        timer?.callback();
      },
    });
  }

  /** The first of the timers that are due. */
  #nextTimer(): SimTimer | undefined {
    let next: SimTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= this.#clock.nowMs() && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}

/** A source whose weight is its thread's. */
export function ownedBy(thread: SimThread, source: Pick<Source, 'isReady' | 'run'>): Source {
  return {
    get weight() {
      return thread.weight;
    },
    set weight(weight) {
      thread.weight = weight;
    },
    ...source,
  };
}

/** Steps that wait in line: each run takes the oldest. */
export class QueueSource implements Source {
  weight = 1;
  readonly #queue: (() => void)[] = [];
  readonly #thread: SimThread | undefined;

  /** @param thread the thread that they happen on, if any */
  constructor(thread?: SimThread) {
    this.#thread = thread;
  }

  add(step: () => void): void {
    this.#queue.push(step);
  }

  isReady(): boolean {
    return this.#queue.length > 0 && this.#thread?.isFree !== false;
  }

  run(): void {
    this.#queue.shift()?.();
  }
}

/** Picks what happens next. */
export class Scheduler {
  readonly #random: Random;
  readonly #sources: Source[] = [];
  #steps = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Steps run so far. */
  get steps(): number {
    return this.#steps;
  }

  add(...sources: readonly Source[]): void {
    this.#sources.push(...sources);
  }

  remove(source: Source): void {
    this.#sources.splice(this.#sources.indexOf(source), 1);
  }

  /** Runs one step of those that are possible; false: there is none. Promises that it settled have had their turn after. */
  async step(): Promise<boolean> {
    const sources = this.#sources;
    let total = 0;
    for (const source of sources) if (source.isReady()) total += source.weight;
    if (total === 0) return false;
    let at = (this.#random.next32() / 4294967296) * total;
    let chosen: Source | undefined;
    for (const source of sources) {
      if (!source.isReady()) continue;
      chosen = source;
      at -= source.weight;
      if (at < 0) break;
    }
    this.#steps++;
    chosen?.run();
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}
