// Who listens to the channels of one shard. A channel belongs to the shard that owns its name, as a key does; a pattern
// stands on every shard.
//
//   channel -> core 0: 3 clients | core 2: 1 client          which clients they are, their core knows (engine/subscribers.ts)
//   pattern -> core 1: 2 clients
//
// PUBLISH runs here, like any command on one key: it counts who gets the message, and sends one record to each core that has
// a client who does. The core hands it out.
//
// (1) The order in which this shard runs PUBLISH is the order in which everybody receives the messages of a channel.
// (2) A client counts from the moment its SUBSCRIBE runs here; its core knows it when that is answered. What is
//     published in between waits for the end of the transaction, or is sent behind the answer on the same lane. The same
//     holds for the end of a subscription. So whoever is counted receives the message, and nobody else.
// (3) Patterns are looked through for each message, none of them while there are none.

import { assert } from '../base/assert.js';
import { matchGlob } from '../base/glob.js';
import { NameTable, type Named } from '../base/name-table.js';
import type { Args } from '../contract/args.js';
import { TOPIC, type TopicKind } from '../contract/pubsub.js';

/** The clients of one core that listen to something. */
interface Ears {
  readonly core: number;
  clients: number;
}

interface Heard extends Named {
  readonly ears: Ears[];
}

/** Sends the message at arguments 1 (channel) and 2 (content) to each of `cores`. */
export type SendMessage = (cores: readonly number[], kind: TopicKind, args: Args) => void;

/** Told how many names of each kind somebody listens to. */
export type CountTopics = (channels: number, shardChannels: number, patterns: number) => void;

export class Channels {
  /** By kind. */
  readonly #tables = [new NameTable<Heard>(), new NameTable<Heard>(), new NameTable<Heard>()] as const;
  /** The patterns once more, in the order in which they came. */
  readonly #patterns: Heard[] = [];
  readonly #send: SendMessage;
  readonly #counted: CountTopics;
  /** Cores that the message which is being published goes to. */
  readonly #cores: number[] = [];

  constructor(send: SendMessage, counted: CountTopics) {
    this.#send = send;
    this.#counted = counted;
  }

  // ------------------------------------------------------------------ listening

  /** One more client of `core` listens to the name at argument `i`. */
  listen(kind: TopicKind, core: number, args: Args, i: number): void {
    const heard = this.#find(kind, args, i) ?? this.#open(kind, args, i);
    const ears = heard.ears.find((one) => one.core === core);
    if (ears === undefined) heard.ears.push({ core, clients: 1 });
    else ears.clients++;
  }

  /** One client fewer. */
  unlisten(kind: TopicKind, core: number, args: Args, i: number): void {
    const heard = this.#find(kind, args, i);
    const at = heard?.ears.findIndex((one) => one.core === core) ?? -1;
    assert(heard !== undefined && at >= 0, 'who stops listening has listened');
    if (--heard.ears[at].clients > 0) return;
    heard.ears.splice(at, 1);
    if (heard.ears.length === 0) this.#close(kind, heard);
  }

  #find(kind: TopicKind, args: Args, i: number): Heard | undefined {
    return this.#tables[kind].find(args.hash(i), args.bytes, args.starts[i], args.ends[i]);
  }

  #open(kind: TopicKind, args: Args, i: number): Heard {
    const heard: Heard = { hash: args.hash(i), name: args.copy(i), ears: [] };
    this.#tables[kind].add(heard);
    if (kind === TOPIC.pattern) this.#patterns.push(heard);
    this.#count();
    return heard;
  }

  #close(kind: TopicKind, heard: Heard): void {
    this.#tables[kind].remove(heard);
    if (kind === TOPIC.pattern) this.#patterns.splice(this.#patterns.indexOf(heard), 1);
    this.#count();
  }

  #count(): void {
    this.#counted(this.size(TOPIC.channel), this.size(TOPIC.shardChannel), this.size(TOPIC.pattern));
  }

  // ------------------------------------------------------------------ publishing

  /** Publishes argument 2 on the channel at argument 1; returns how often it is received. */
  publish(kind: TopicKind, args: Args): number {
    this.#cores.length = 0;
    let receivers = 0;
    const heard = this.#find(kind, args, 1);
    if (heard !== undefined) receivers += this.#interest(heard);
    if (kind === TOPIC.channel) {
      const { bytes, starts, ends } = args;
      for (const pattern of this.#patterns) {
        const { name } = pattern;
        if (matchGlob(name, 0, name.length, bytes, starts[1], ends[1])) receivers += this.#interest(pattern);
      }
    }
    if (receivers > 0) this.#send(this.#cores, kind, args);
    return receivers;
  }

  /** Notes the cores that are interested; returns how many clients are. */
  #interest({ ears }: Heard): number {
    let clients = 0;
    for (const one of ears) {
      clients += one.clients;
      if (!this.#cores.includes(one.core)) this.#cores.push(one.core);
    }
    return clients;
  }

  // ------------------------------------------------------------------ asking

  /** Names of a kind that somebody listens to. */
  size(kind: TopicKind): number {
    return this.#tables[kind].size;
  }

  /** Clients that listen to the name at argument `i`. */
  clients(kind: TopicKind, args: Args, i: number): number {
    let clients = 0;
    for (const one of this.#find(kind, args, i)?.ears ?? []) clients += one.clients;
    return clients;
  }

  /** All names of a kind that somebody listens to. */
  *names(kind: TopicKind): IterableIterator<Uint8Array> {
    for (const { name } of this.#tables[kind].all()) yield name;
  }
}
