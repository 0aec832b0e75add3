// The loop of a thread: bounded cycles of work on the event loop's check phase, sleep in its poll phase.
//
//            kick, wake-up                         work was done, or replies are due and
//   PARKED ----------------> SCHEDULED --cycle--+-> fewer than `spinCyclesMax` empty cycles: SCHEDULED again
//      ^                         ^              |
//      |                         | work came    v
//      +------- nothing ------- tryPark --------+
//
// Between two cycles the event loop polls its sockets, so neither side starves the other.
//
// Invariants
// (1) At most one setImmediate is pending; none while parked. A parked thread takes no CPU.
// (2) Who brings work from outside the mesh (a socket, a timer) calls `kick`; the mesh brings its own by waking.
// `work` must empty the mesh's inboxes as far as its bound allows (refusing what it cannot take now): a record that nobody looks
// at keeps the thread awake.

import { assert } from '../base/assert.js';
import { systemLoop, type EventLoop } from '../base/event-loop.js';
import type { Mesh } from './mesh.js';

/** Empty cycles before a thread sleeps while replies are due; src/decisions/0003 has the figures. */
export const SPIN_CYCLES_DEFAULT = 1;

export interface DutyCycleOptions {
  readonly mesh: Mesh;
  /** One bounded cycle; returns the amount of work done, 0 when there was none. */
  readonly work: () => number;
  /** Replies that peers owe this thread. */
  readonly outstanding: () => number;
  readonly spinCyclesMax?: number;
  readonly loop?: EventLoop;
}

export class DutyCycle {
  /** Cycles run, those of them without work, and sleeps, since the start. */
  readonly stats = { cycles: 0, emptyCycles: 0, parks: 0 };
  readonly #mesh: Mesh;
  readonly #work: () => number;
  readonly #outstanding: () => number;
  readonly #spinCyclesMax: number;
  readonly #loop: EventLoop;
  #scheduled = false;
  #stopped = false;
  #emptyInARow = 0;

  constructor({ mesh, work, outstanding, spinCyclesMax = SPIN_CYCLES_DEFAULT, loop = systemLoop }: DutyCycleOptions) {
    assert(spinCyclesMax >= 0, 'a number of cycles');
    this.#mesh = mesh;
    this.#work = work;
    this.#outstanding = outstanding;
    this.#spinCyclesMax = spinCyclesMax;
    this.#loop = loop;
    mesh.onWake(() => {
      this.kick();
    });
  }

  /** Runs a cycle soon: in the next check phase of the event loop. Cheap when one is due already. */
  kick(): void {
    if (this.#scheduled || this.#stopped) return;
    if (this.#mesh.parked) this.#mesh.unpark();
    this.#schedule();
  }

  /** Runs no cycle any more. */
  stop(): void {
    this.#stopped = true;
  }

  #schedule(): void {
    this.#scheduled = true;
    this.#loop.soon(this.#cycle);
  }

  readonly #cycle = (): void => {
    this.#scheduled = false;
    if (this.#stopped) return;
    const done = this.#work();
    this.#mesh.flush();
    this.stats.cycles++;
    if (done !== 0) {
      this.#emptyInARow = 0;
    } else {
      this.#emptyInARow++;
      this.stats.emptyCycles++;
    }
    this.#goOn(done !== 0);
  };

  /** Decides what comes after a cycle, unless `work` itself has. */
  #goOn(worked: boolean): void {
    if (this.#scheduled || this.#stopped) return;
    const spins = this.#emptyInARow <= this.#spinCyclesMax && this.#outstanding() > 0;
    if (!worked && !spins && this.#mesh.tryPark()) {
      this.stats.parks++;
      return;
    }
    this.#schedule();
  }
}
