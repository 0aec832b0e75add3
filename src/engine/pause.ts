// CLIENT PAUSE on one core: until when, for which commands, and who waits for the end.

import { longTimer, type EventLoop, type Timer } from '../base/event-loop.js';
import type { Session } from './session.js';

export class PauseState {
  #untilMs = 0;
  #writesOnly = false;
  #timer: Timer | undefined;
  readonly #waiting = new Set<Session>();
  readonly #loop: EventLoop;
  readonly #resume: (session: Session) => void;

  /** @param resume runs the input of a session that had to wait */
  constructor(loop: EventLoop, resume: (session: Session) => void) {
    this.#loop = loop;
    this.#resume = resume;
  }

  /** A pause is on: the gate must ask `stops`. */
  get active(): boolean {
    return this.#untilMs !== 0;
  }

  /** True when the pause holds back a command that `writes`. */
  stops(writes: boolean): boolean {
    return this.#untilMs !== 0 && (writes || !this.#writesOnly);
  }

  /** Starts or prolongs a pause. As in Redis, a running one is never shortened, and ALL outlasts WRITE. */
  start(mode: 'all' | 'write', untilMs: number, nowMs: number): void {
    const running = this.#untilMs !== 0;
    this.#writesOnly = running ? this.#writesOnly && mode === 'write' : mode === 'write';
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    this.#timer?.cancel();
    this.#timer = longTimer(this.#loop, this.#untilMs - nowMs, () => {
      this.end();
    });
  }

  /** Ends the pause and lets everyone go on, in the order in which they came. */
  end(): void {
    this.#timer?.cancel();
    this.#untilMs = 0;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const session of waiting) this.#resume(session);
  }

  /** `session` stands still until the end of the pause. */
  wait(session: Session): void {
    this.#waiting.add(session);
  }

  forget(session: Session): void {
    this.#waiting.delete(session);
  }
}
