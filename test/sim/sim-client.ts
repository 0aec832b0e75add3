// A client of the simulated server: sends requests in pieces cut anywhere, reads replies in pieces, and tells the judge
// when the last byte of a request has left and when a reply is complete.

import type { Random } from '../../src/base/prng.js';
import { endOfReply } from '../../src/protocol/reply-scanner.js';
import { Violation, type Checker, type Operation } from './checker.js';
import { comparable } from './comparable.js';
import { shown } from './history.js';
import { Connection, keysOf, type Step, type Work } from './model.js';
import { encodeRequest } from './replies.js';
import { GLOBAL } from './workload.js';
import { READ_BUFFER_BYTES, type Wire } from './wire.js';

interface Asked {
  readonly words: readonly string[];
  /** The reply that stands fixed, or what the judge knows it by. */
  readonly expected: string | Operation;
}

/** A request whose bytes have not all left. */
interface Unsent {
  readonly words: readonly string[];
  readonly bytes: Uint8Array;
  at: number;
}

export interface ClientWorld {
  readonly checker: Checker;
  readonly random: Random;
  readonly shardOf: (name: string) => number;
}

export class SimClient {
  /** Its bit in the judge's masks. */
  readonly slot: number;
  readonly wire: Wire;
  /** What it has said it will do: its database, MULTI, WATCH, in the order of its requests. */
  readonly #connection = new Connection();
  readonly #world: ClientWorld;
  /** Requests to come that belong together with those sent. */
  readonly script: string[][] = [];
  readonly #unsent: Unsent[] = [];
  readonly #asked: Asked[] = [];
  #received: Uint8Array = new Uint8Array(0);
  hasEnded = false;

  constructor(slot: number, wire: Wire, world: ClientWorld) {
    this.slot = slot;
    this.wire = wire;
    this.#world = world;
  }

  /** The database that its next request works in, once those before it have been sent. */
  get db(): number {
    return this.#connection.db;
  }

  /** Requests without a reply, sent or not. */
  get outstanding(): number {
    return this.#asked.length + this.#unsent.length;
  }

  /** It may wait for long. */
  get mayBeBlocked(): boolean {
    return [...this.#asked, ...this.#unsent].some(({ words }) => /^BL|^BR/.test(words[0]));
  }

  /** It looks at whole databases. */
  get isGlobal(): boolean {
    return [...this.#asked, ...this.#unsent].some(({ words }) => GLOBAL.includes(words[0]));
  }

  /** Puts a request behind those that are to be sent. */
  write(words: readonly string[]): void {
    this.#unsent.push({ words, bytes: Buffer.from(encodeRequest(words), 'latin1'), at: 0 });
  }

  get canSend(): boolean {
    return this.#unsent.length > 0;
  }

  /** Sends some of what is to be sent, cut anywhere. */
  send(): void {
    const { random } = this.#world;
    const whole = this.#unsent.reduce((sum, { bytes, at }) => sum + bytes.length - at, 0);
    let left = Math.min(READ_BUFFER_BYTES, random.below(3) === 0 ? 1 + random.below(whole) : whole);
    const parts: Uint8Array[] = [];
    while (left > 0) {
      const [first] = this.#unsent;
      const end = Math.min(first.bytes.length, first.at + left);
      parts.push(first.bytes.subarray(first.at, end));
      left -= end - first.at;
      first.at = end;
      if (end < first.bytes.length) break;
      this.#unsent.shift();
      this.#ask(first.words);
    }
    this.wire.send(Buffer.concat(parts));
  }

  /** The last byte of a request has left. */
  #ask(words: readonly string[]): void {
    const { checker } = this.#world;
    const step: Step = this.#connection.take(words);
    if (typeof step === 'string') {
      checker.history.add(checker.nowMs, `client ${this.slot} asks    ${shown(words.join(' '))}`);
      this.#asked.push({ words, expected: step });
      return;
    }
    const operation = checker.invoke(this.slot, step, { ...this.#traitsOf(step), text: textOf(step, words) });
    this.#asked.push({ words, expected: operation });
  }

  #traitsOf(work: Work): { isBarrier: boolean; isLate: boolean } {
    const keys = keysOf(work);
    if (keys === 'all') return { isBarrier: true, isLate: false };
    const { shardOf } = this.#world;
    const shards = new Set(keys.map((key) => shardOf(key.slice(key.indexOf(':') + 1))));
    const isMove = work.kind === 'call' && work.call.args[0] === 'BLMOVE';
    return { isBarrier: shards.size > 1, isLate: isMove && shards.size > 1 };
  }

  /** Reads some of what is there. */
  read(): void {
    const { random } = this.#world;
    const limit = random.below(4) === 0 ? 1 + random.below(20) : Infinity;
    this.#received = Buffer.concat([this.#received, this.wire.take(limit)]);
    let at = 0;
    for (;;) {
      const end = at < this.#received.length ? endOfReply(this.#received, at, this.#received.length) : -1;
      if (end < 0) break;
      this.#got(Buffer.from(this.#received.subarray(at, end)).toString('latin1'));
      at = end;
    }
    this.#received = this.#received.subarray(at);
  }

  #got(reply: string): void {
    const { checker } = this.#world;
    const { history } = checker;
    const asked = this.#asked.shift();
    if (asked === undefined)
      throw new Violation(`client ${this.slot} gets '${shown(reply)}' for nothing`, history.step);
    const { words, expected } = asked;
    if (typeof expected !== 'string') {
      checker.respond(expected, comparable(words, reply));
      return;
    }
    history.add(checker.nowMs, `client ${this.slot} gets    ${shown(reply)}`);
    if (reply === expected) return;
    throw new Violation(
      `client ${this.slot} gets '${shown(reply)}' instead of '${shown(expected)}' for ${shown(words.join(' '))}\n` +
        history.excerpt([]),
      history.step,
    );
  }

  /** It has asked, will not ask any more, and everything should have been answered: what is missing. */
  get unanswered(): string | undefined {
    const fixed = this.#asked.find(({ expected }) => typeof expected === 'string');
    // Behind one who waits nothing is answered, rightly.
    if (fixed === undefined || this.mayBeBlocked) return undefined;
    return fixed.words.join(' ');
  }
}

/** A request for reports; an EXEC with what it runs. */
function textOf(work: Work, words: readonly string[]): string {
  if (work.kind !== 'exec') return words.join(' ');
  return `EXEC [${work.calls.map(({ args }) => args.join(' ')).join(' | ')}]`;
}
