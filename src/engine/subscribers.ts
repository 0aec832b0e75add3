// Which clients of this core have subscribed to what, and handing a message out to them. The shard of a channel only knows how
// many of a core's clients there are (shard/channels.ts).
//
//   topic (kind, name) -> client, client, ...      oldest first
//   client             -> topic, topic, ...        by kind, oldest first
//
// A message is encoded once, however many get it: the bytes for RESP2 and RESP3 differ in the first one only.
//
// (1) A client stands at a topic exactly when the topic stands at the client.
// (2) Who listens to the channel gets the message first, then who listens to a pattern that fits, pattern by pattern.

import { assert } from '../base/assert.js';
import { matchGlob } from '../base/glob.js';
import { shardOf } from '../base/hash.js';
import { NameTable } from '../base/name-table.js';
import type { Args } from '../contract/args.js';
import { TOPIC, type Subscriptions, type Topic, type TopicKind } from '../contract/pubsub.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { Message } from '../txn/message-layout.js';

/** First bytes of a push and of what stands for it in RESP2, an array. */
const PUSH_BYTE = 0x3e;
const ARRAY_BYTE = 0x2a;

/** A client that may subscribe. */
export interface Subscriber {
  readonly protocol: 2 | 3;
  /** It has subscriptions. */
  subscribed: boolean;
  /** Its subscriptions have changed, and the confirmation has not left yet. */
  confirming: boolean;
}

interface LocalTopic<S> extends Topic {
  readonly listeners: Set<S>;
}

export interface SubscribersOptions<S> {
  readonly shardCount: number;
  /** Gives `client` the push in `push.bytes[0, push.length)`; valid during the call. */
  readonly deliver: (client: S, push: RespEncoder) => void;
  /** So many clients have subscriptions. */
  readonly counted: (clients: number) => void;
}

export class Subscribers<S extends Subscriber> {
  readonly #options: SubscribersOptions<S>;
  readonly #tables = [
    new NameTable<LocalTopic<S>>(),
    new NameTable<LocalTopic<S>>(),
    new NameTable<LocalTopic<S>>(),
  ] as const;
  readonly #patterns: LocalTopic<S>[] = [];
  readonly #message = new Message();
  readonly #push = new RespEncoder();
  #clients = 0;

  constructor(options: SubscribersOptions<S>) {
    this.#options = options;
    this.#push.protocol = 3;
  }

  /** The subscriptions, none yet, of a client of this core. */
  open(client: S): Subscriptions {
    return new ClientSubscriptions(client, this);
  }

  // ------------------------------------------------------------------ handing out

  /** Hands out the message in the record `bytes[start, end)`. */
  handOut(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#message;
    message.read(bytes, start, end);
    const { kind, hash, channelStart, channelEnd } = message;
    const topic = this.#tables[kind].find(hash, bytes, channelStart, channelEnd);
    if (topic !== undefined) this.#toAll(topic);
    if (kind === TOPIC.channel) {
      for (const pattern of this.#patterns) {
        const { name } = pattern;
        if (matchGlob(name, 0, name.length, bytes, channelStart, channelEnd)) this.#toAll(pattern);
      }
    }
    this.#push.reset();
  }

  #toAll({ kind, name, listeners }: LocalTopic<S>): void {
    const push = this.#push;
    const { bytes, channelStart, channelEnd, end } = this.#message;
    push.reset();
    push.push(kind === TOPIC.pattern ? 4 : 3);
    push.bulkText(MESSAGE_WORDS[kind]);
    if (kind === TOPIC.pattern) push.bulk(name, 0, name.length);
    push.bulk(bytes, channelStart, channelEnd);
    push.bulk(bytes, channelEnd, end);
    for (const client of listeners) {
      push.bytes[0] = client.protocol === 3 ? PUSH_BYTE : ARRAY_BYTE;
      this.#options.deliver(client, push);
    }
  }

  // ------------------------------------------------------------------ coming and going (for ClientSubscriptions)

  find(kind: TopicKind, args: Args, i: number): LocalTopic<S> | undefined {
    return this.#tables[kind].find(args.hash(i), args.bytes, args.starts[i], args.ends[i]);
  }

  /** `client` listens to the name at argument `i`. */
  join(client: S, kind: TopicKind, args: Args, i: number): LocalTopic<S> {
    const topic = this.find(kind, args, i) ?? this.#open(kind, args, i);
    topic.listeners.add(client);
    return topic;
  }

  #open(kind: TopicKind, args: Args, i: number): LocalTopic<S> {
    const owner = shardOf(args.shardHash(i), this.#options.shardCount);
    const topic: LocalTopic<S> = { kind, name: args.copy(i), hash: args.hash(i), owner, listeners: new Set() };
    this.#tables[kind].add(topic);
    if (kind === TOPIC.pattern) this.#patterns.push(topic);
    return topic;
  }

  leave(client: S, topic: LocalTopic<S>): void {
    const { kind, listeners } = topic;
    listeners.delete(client);
    if (listeners.size > 0) return;
    this.#tables[kind].remove(topic);
    if (kind === TOPIC.pattern) this.#patterns.splice(this.#patterns.indexOf(topic), 1);
  }

  /** `client` has its first subscription, or its last one has gone. */
  changed(client: S, subscribed: boolean): void {
    client.subscribed = subscribed;
    this.#clients += subscribed ? 1 : -1;
    this.#options.counted(this.#clients);
  }

  /** Nobody listens (tests, at rest). */
  get isIdle(): boolean {
    return this.#clients === 0 && this.#tables.every(({ size }) => size === 0) && this.#patterns.length === 0;
  }
}

const MESSAGE_WORDS: Readonly<Record<TopicKind, string>> = {
  [TOPIC.channel]: 'message',
  [TOPIC.shardChannel]: 'smessage',
  [TOPIC.pattern]: 'pmessage',
};

class ClientSubscriptions<S extends Subscriber> implements Subscriptions {
  readonly #client: S;
  readonly #subscribers: Subscribers<S>;
  /** By kind; most clients have one kind only. */
  readonly #topics: (Set<LocalTopic<S>> | undefined)[] = [undefined, undefined, undefined];
  #total = 0;

  constructor(client: S, subscribers: Subscribers<S>) {
    this.#client = client;
    this.#subscribers = subscribers;
  }

  count(kind: TopicKind): number {
    return this.#topics[kind]?.size ?? 0;
  }

  find(kind: TopicKind, args: Args, i: number): Topic | undefined {
    const topic = this.#subscribers.find(kind, args, i);
    return topic !== undefined && this.#topics[kind]?.has(topic) === true ? topic : undefined;
  }

  all(kind: TopicKind): readonly Topic[] {
    return [...(this.#topics[kind] ?? [])];
  }

  add(kind: TopicKind, args: Args, i: number): void {
    const topics = (this.#topics[kind] ??= new Set());
    const topic = this.#subscribers.join(this.#client, kind, args, i);
    this.#client.confirming = true;
    if (topics.has(topic)) return;
    topics.add(topic);
    if (++this.#total === 1) this.#subscribers.changed(this.#client, true);
  }

  remove(topic: Topic): void {
    const mine = topic as LocalTopic<S>;
    const there = this.#topics[topic.kind]?.delete(mine);
    assert(there === true, 'a subscription that ends was there');
    this.#client.confirming = true;
    this.#subscribers.leave(this.#client, mine);
    if (--this.#total === 0) this.#subscribers.changed(this.#client, false);
  }
}
