// A client of the simulated server that publishes and subscribes, in RESP3, and tells the judge what it sees.

import type { Random } from '../../src/base/prng.js';
import { plain, RespReader, type PlainValue, type RespValue } from '../support/resp3-reader.js';
import type { Listener, MessageJudge } from './message-judge.js';
import { encodeRequest } from './replies.js';
import type { Wire } from './wire.js';

export interface TalkerWorld {
  readonly judge: MessageJudge;
  readonly random: Random;
  readonly now: () => number;
  readonly fail: (message: string) => never;
}

/** What is still to come for a request. */
interface Asked {
  readonly words: readonly string[];
  readonly askedAt: number;
  /** Confirmations, in order: the word and the name of each. */
  readonly confirmations: [word: string, name: string | null][];
  readonly group: number;
  /** Messages that it publishes. */
  readonly ids: readonly string[];
  /** Topics that it leaves. */
  readonly leaves: readonly string[];
}

/** Channels that are subscribed to, left and published on together only. */
export const TWINS = ['twin1', 'twin2', 'twin3'];

const CHANNELS = ['c1', 'c2', 'c3', 'd1'];
const PATTERNS = ['c*', '?1', '[cd]*'];
const KINDS = [
  { subscribe: 'SUBSCRIBE', word: 'message', names: CHANNELS },
  { subscribe: 'PSUBSCRIBE', word: 'pmessage', names: PATTERNS },
  { subscribe: 'SSUBSCRIBE', word: 'smessage', names: CHANNELS },
] as const;

let groups = 0;

export class Talker implements Listener {
  readonly name: string;
  readonly epochs: Listener['epochs'] = new Map();
  leftAt = Infinity;
  readonly wire: Wire;
  readonly #world: TalkerWorld;
  readonly #reader = new RespReader();
  readonly #asked: Asked[] = [];
  /** What it listens to when all that it has asked for is done. */
  readonly #topics = new Set<string>();
  #number = 0;

  constructor(name: string, wire: Wire, world: TalkerWorld) {
    this.name = name;
    this.wire = wire;
    this.#world = world;
    this.#send(['HELLO', '3']);
  }

  get outstanding(): number {
    return this.#asked.length;
  }

  // ------------------------------------------------------------------ asking

  /** Asks for something. */
  ask(): void {
    const { random } = this.#world;
    const dice = this.outstanding > 3 ? 0 : random.below(100);
    if (dice < 45) this.#publish();
    else if (dice < 55) this.#publishTwins();
    else if (dice < 75) this.#listen(true);
    else if (dice < 88) this.#listen(false);
    else if (dice < 97) this.#send(['PUBSUB', 'NUMSUB', ...TWINS]);
    else this.#reset();
  }

  #publish(): void {
    const { random } = this.#world;
    const isSharded = random.below(4) === 0;
    const id = this.#newMessage(this.#some(CHANNELS, 1)[0], isSharded);
    const channel = this.#world.judge.published.get(id)?.channel ?? '';
    this.#send([isSharded ? 'SPUBLISH' : 'PUBLISH', channel, id], { ids: [id] });
  }

  #publishTwins(): void {
    const ids = TWINS.map((channel) => this.#newMessage(channel, false));
    this.#send(['MULTI']);
    TWINS.forEach((channel, i) => {
      this.#send(['PUBLISH', channel, ids[i]]);
    });
    this.#send(['EXEC'], { ids });
  }

  #newMessage(channel: string, isSharded: boolean): string {
    const id = `${this.name}.${this.#number++}`;
    this.#world.judge.ask(id, channel, isSharded, this.#world.now());
    return id;
  }

  #listen(begins: boolean): void {
    const { random } = this.#world;
    const { subscribe, word, names } = KINDS[random.below(KINDS.length)];
    const twins = word === 'message' && random.below(3) === 0;
    const chosen = twins ? [...TWINS] : this.#some(names, 1 + random.below(3));
    if (begins) {
      this.#confirmed(subscribe, chosen);
      for (const name of chosen) this.#topics.add(`${word}:${name}`);
      return;
    }
    const verb = subscribe.replace('SUBSCRIBE', 'UNSUBSCRIBE');
    const mine = [...this.#topics].filter((topic) => topic.startsWith(`${word}:`));
    const all = !twins && random.below(3) === 0;
    const leaving = all ? mine : chosen.map((name) => `${word}:${name}`);
    for (const topic of leaving) this.#topics.delete(topic);
    this.#world.judge.askEnd(this, leaving, this.#world.now());
    if (all) this.#confirmed(verb, [], leaving.length === 0 ? [null] : leaving.map(nameOf), leaving);
    else this.#confirmed(verb, chosen, chosen, leaving);
  }

  #confirmed(
    verb: string,
    names: readonly string[],
    expected: readonly (string | null)[] = names,
    leaves: readonly string[] = [],
  ): void {
    const word = verb.toLowerCase();
    this.#send([verb, ...names], { confirmations: expected.map((name) => [word, name]), leaves });
  }

  #reset(): void {
    const leaves = [...this.#topics];
    this.#world.judge.askEnd(this, leaves, this.#world.now());
    this.#topics.clear();
    this.#send(['RESET'], { leaves });
    this.#send(['HELLO', '3']);
  }

  #some(names: readonly string[], count: number): string[] {
    const { random } = this.#world;
    const chosen = new Set<string>();
    while (chosen.size < Math.min(count, names.length)) chosen.add(names[random.below(names.length)]);
    return [...chosen];
  }

  #send(words: readonly string[], more: Partial<Asked> = {}): void {
    const askedAt = this.#world.now();
    this.#asked.push({ words, askedAt, ids: [], confirmations: [], leaves: [], group: groups++, ...more });
    this.wire.send(Buffer.from(encodeRequest(words), 'latin1'));
  }

  // ------------------------------------------------------------------ reading

  /** Reads some of what is there. */
  read(): void {
    const limit = this.#world.random.below(4) === 0 ? 1 + this.#world.random.below(20) : Infinity;
    for (const value of this.#reader.push(this.wire.take(limit))) this.#got(value);
  }

  #got(value: RespValue): void {
    if (value.type === 'push') {
      // Names, counts and messages; the name is null when nothing was listened to.
      const [word, ...rest] = value.items.map((item) => plain(item) as string | number | null);
      if (String(word).endsWith('message')) this.#message(String(word), rest.map(String));
      else this.#confirm(String(word), rest[0] === null ? null : String(rest[0]));
      return;
    }
    const asked = this.#asked.shift();
    if (asked === undefined || asked.confirmations.length > 0) this.#world.fail(`${this.name}: an unexpected reply`);
    else this.#reply(asked, plain(value));
  }

  #message(word: string, rest: string[]): void {
    const id = rest[rest.length - 1];
    this.#world.judge.receive(this, `${word}:${rest[0]}`, rest[rest.length - 2], id);
  }

  #confirm(word: string, name: string | null): void {
    const [asked] = this.#asked;
    const expected = asked.confirmations.shift();
    if (expected?.[0] !== word || expected[1] !== name) this.#world.fail(`${this.name}: ${word} ${String(name)}`);
    if (asked.confirmations.length === 0) this.#asked.shift();
    if (name === null) return;
    const topic = `${messageWord(word)}:${name}`;
    const { judge, now } = this.#world;
    if (word.includes('un')) {
      judge.end(this, topic);
      return;
    }
    judge.begin(this, topic, asked.group, now());
    // Its end may have been asked for before its beginning was confirmed.
    const leaving = this.#asked.find(({ leaves }) => leaves.includes(topic));
    if (leaving !== undefined) judge.askEnd(this, [topic], leaving.askedAt);
  }

  #reply({ words, ids }: Asked, value: PlainValue): void {
    const { judge, now } = this.#world;
    switch (words[0]) {
      case 'PUBLISH':
      case 'SPUBLISH':
        if (ids.length > 0) judge.answer(ids[0], Number(value), now());
        break;
      case 'EXEC':
        this.#allAlike(value as PlainValue[]);
        ids.forEach((id, i) => {
          judge.answer(id, Number((value as PlainValue[])[i]), now());
        });
        break;
      case 'PUBSUB':
        this.#allAlike((value as PlainValue[]).filter((_, i) => i % 2 === 1));
        break;
      case 'RESET':
        for (const topic of [...this.epochs.keys()]) judge.end(this, topic);
        break;
    }
  }

  /** Twins have the same listeners at any instant. */
  #allAlike(counts: readonly PlainValue[]): void {
    if (new Set(counts).size !== 1) this.#world.fail(`${this.name} sees twins apart: ${JSON.stringify(counts)}`);
  }

  // ------------------------------------------------------------------ leaving

  /** It is cut off. */
  leave(): void {
    this.leftAt = this.#world.now();
    this.#world.judge.neverConfirmed(this.#asked.reduce((sum, { confirmations }) => sum + confirmations.length, 0));
    this.wire.reset(this.#world.random.below(2) === 0);
  }
}

/** The word that messages begin with, by that of a confirmation. */
function messageWord(confirmation: string): string {
  if (confirmation.startsWith('p')) return 'pmessage';
  return /^s(un)?sub/.test(confirmation) ? 'smessage' : 'message';
}

function nameOf(topic: string): string {
  return topic.slice(topic.indexOf(':') + 1);
}
