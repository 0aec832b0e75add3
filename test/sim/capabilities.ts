// What the server can do today, found out by asking it: a command that is missing, or that wants its keys on one shard, is
// left out of the workload (or gets such keys), and comes alive by itself when it is there.

import { AssertionError } from '../../src/base/assert.js';
import { SeededRandom } from '../../src/base/prng.js';
import { endOfReply } from '../../src/protocol/reply-scanner.js';
import { Cluster } from './cluster.js';
import { MODEL_COMMANDS } from './model.js';
import { encodeRequest } from './replies.js';
import { Scheduler } from './world.js';

export interface Capabilities {
  /** The command exists. */
  has(name: string): boolean;
  /** Its keys may stand on different shards. */
  spans(name: string): boolean;
  /** Commands that stop the server with a failed assertion: a bug in any case. Left out as well. */
  readonly broken: readonly string[];
}

const STEPS_MAX = 10_000;

/** A request of each command whose keys, of several shards, are `a` and `b`. */
function probeOf(name: string, a: string, b: string): string[] {
  switch (name) {
    case 'MSET':
    case 'MSETNX':
      return [name, a, '1', b, '2'];
    case 'BITOP':
      return [name, 'AND', a, a, b];
    case 'LMOVE':
      return [name, a, b, 'LEFT', 'LEFT'];
    case 'BLMOVE':
      return [name, a, b, 'LEFT', 'LEFT', '0.001'];
    case 'BLPOP':
    case 'BRPOP':
      return [name, a, b, '0.001'];
    case 'MOVE':
      return [name, a, '1'];
    case 'SWAPDB':
      return [name, '0', '1'];
    case 'SELECT':
      return [name, '0'];
    case 'SET':
    case 'APPEND':
      return [name, a, '1'];
    case 'PEXPIRE':
      return [name, a, '1000'];
    case 'KEYS':
      return [name, '*'];
    case 'LRANGE':
      return [name, a, '0', '1'];
    case 'WATCH':
      return [name, a, b];
    default: {
      const arity = MODEL_COMMANDS.get(name)?.arity ?? 1;
      return [name, a, b].slice(0, arity < 0 ? 3 : arity);
    }
  }
}

/** One client that asks one thing after the other. */
class Asker {
  readonly #scheduler = new Scheduler(new SeededRandom(1));
  readonly cluster = new Cluster({ cores: 2, scheduler: this.#scheduler, random: new SeededRandom(2) });
  /** Of different shards. */
  readonly keys: readonly [string, string];
  readonly #wire = this.cluster.connect();

  constructor() {
    const names = Array.from({ length: 50 }, (_, i) => `probe${i}`);
    const [first] = names;
    const other = names.find((name) => this.cluster.shardOf(name) !== this.cluster.shardOf(first));
    this.keys = [first, other ?? first];
  }

  /** The reply to EXEC after commands for two shards. */
  async exec(): Promise<string> {
    const first = await this.ask(['MULTI']);
    if (isMissing(first)) return first;
    for (const key of this.keys) await this.ask(['GET', key]);
    return this.ask(['EXEC']);
  }

  /** The reply; '' when it blocks. */
  async ask(words: readonly string[]): Promise<string> {
    this.#wire.send(Buffer.from(encodeRequest(words), 'latin1'));
    let reply = Buffer.alloc(0);
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      while (this.#wire.hasOutput) reply = Buffer.concat([reply, this.#wire.take(Infinity)]);
      if (reply.length > 0 && endOfReply(reply, 0, reply.length) === reply.length) return reply.toString('latin1');
      if (!(await this.#scheduler.step())) this.cluster.clock.advance(1);
    }
    return '';
  }
}

function isMissing(reply: string): boolean {
  return reply === '' || /^-ERR unknown command/.test(reply);
}

let found: Promise<Capabilities> | undefined;

/** Asks once per process. */
export function capabilities(): Promise<Capabilities> {
  found ??= probe();
  return found;
}

async function probe(): Promise<Capabilities> {
  const present = new Set<string>();
  const spanning = new Set<string>();
  const broken: string[] = [];
  let asker = new Asker();
  for (const name of [...MODEL_COMMANDS.keys(), 'WATCH', 'UNWATCH', 'MULTI']) {
    try {
      const reply = await (name === 'MULTI' ? asker.exec() : asker.ask(probeOf(name, ...asker.keys)));
      if (isMissing(reply)) continue;
      present.add(name);
      if (!reply.startsWith('-CROSSSHARD')) spanning.add(name);
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      broken.push(name);
      asker = new Asker();
    }
  }
  return { has: (name) => present.has(name), spans: (name) => spanning.has(name), broken };
}
