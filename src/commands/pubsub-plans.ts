// Subscribing and unsubscribing, on all shards concerned at once; and asking for the numbers of listeners.
//
//   LISTEN or UNLISTEN on the shards that own the names  ->  the client's own list  ->  confirmations
//
// The channels are held from the hop to the end, so that a client begins to listen to all of them at one instant; a single
// channel is one message to its shard. Patterns stand on every shard. The client's core hears of the change behind every
// message that was published before it and ahead of those after it.

import { NameTable, type Named } from '../base/name-table.js';
import type { Plan, PlanPort, PlanRun, PlanStep } from '../contract/plan.js';
import { TOPIC, type Subscriptions, type Topic, type TopicKind } from '../contract/pubsub.js';
import type { Reply } from '../contract/reply.js';

/** A step of a plan for each shard that has something to do. */
class ShardSteps {
  readonly #port: PlanPort;
  readonly #command: string;
  readonly #kind: TopicKind;
  readonly #steps = new Map<number, PlanStep>();

  constructor(port: PlanPort, kind: TopicKind, verb: 'LISTEN' | 'UNLISTEN') {
    this.#port = port;
    this.#kind = kind;
    this.#command = kind === TOPIC.pattern ? `P${verb}` : verb;
  }

  /** Adds the name at argument `i` of the request. */
  addArgument(i: number): void {
    if (this.#kind === TOPIC.pattern) for (const step of this.#onAll()) step.arg(i);
    else this.#on(this.#port.shardOfKey(i)).arg(i);
  }

  addTopic({ owner, name }: Topic): void {
    if (this.#kind === TOPIC.pattern) for (const step of this.#onAll()) step.bytes(name, 0, name.length);
    else this.#on(owner).bytes(name, 0, name.length);
  }

  #on(shard: number): PlanStep {
    let step = this.#steps.get(shard);
    if (step === undefined) {
      step = this.#port.onShard(shard, this.#command).word(String(this.#kind));
      this.#steps.set(shard, step);
    }
    return step;
  }

  *#onAll(): IterableIterator<PlanStep> {
    const { shardCount } = this.#port.client.server.topology;
    for (let shard = 0; shard < shardCount; shard++) yield this.#on(shard);
  }
}

/** SUBSCRIBE and its like. */
export function planSubscribe(kind: TopicKind, word: string): Plan {
  return function* (port) {
    const { args, reply, client } = port;
    const { subscriptions } = client;
    const steps = new ShardSteps(port, kind, 'LISTEN');
    const asked = new NameTable<Named>();
    for (let i = 1; i < args.count; i++) {
      const hash = args.hash(i);
      if (asked.find(hash, args.bytes, args.starts[i], args.ends[i]) !== undefined) continue;
      asked.add({ hash, name: args.bytes.subarray(args.starts[i], args.ends[i]) });
      if (subscriptions.find(kind, args, i) === undefined) steps.addArgument(i);
    }
    yield;
    for (let i = 1; i < args.count; i++) {
      subscriptions.add(kind, args, i);
      confirm(reply, word, args.bytes.subarray(args.starts[i], args.ends[i]), subscriptions, kind);
    }
  };
}

/** UNSUBSCRIBE and its like: from the names given, or from everything of the kind. */
export function planUnsubscribe(kind: TopicKind, word: string): Plan {
  return function* (port) {
    const { subscriptions } = port.client;
    if (port.args.count > 1) {
      yield* unsubscribeNamed(port, kind, word);
      return;
    }
    const topics = subscriptions.all(kind);
    yield* unlisten(port, kind, topics);
    for (const topic of topics) {
      subscriptions.remove(topic);
      confirm(port.reply, word, topic.name, subscriptions, kind);
    }
    if (topics.length === 0) confirm(port.reply, word, undefined, subscriptions, kind);
  };
}

function* unsubscribeNamed(port: PlanPort, kind: TopicKind, word: string): PlanRun {
  const { args, reply, client } = port;
  const { subscriptions } = client;
  const topics = new Set<Topic>();
  for (let i = 1; i < args.count; i++) {
    const topic = subscriptions.find(kind, args, i);
    if (topic !== undefined) topics.add(topic);
  }
  yield* unlisten(port, kind, topics);
  for (let i = 1; i < args.count; i++) {
    const topic = subscriptions.find(kind, args, i);
    if (topic !== undefined) subscriptions.remove(topic);
    confirm(reply, word, args.bytes.subarray(args.starts[i], args.ends[i]), subscriptions, kind);
  }
}

function* unlisten(port: PlanPort, kind: TopicKind, topics: Iterable<Topic>): PlanRun {
  const steps = new ShardSteps(port, kind, 'UNLISTEN');
  for (const topic of topics) steps.addTopic(topic);
  yield;
}

/** Ends all subscriptions of the client, without a word. */
export function* planUnsubscribeAll(port: PlanPort): PlanRun {
  const { subscriptions } = port.client;
  const topics = Object.values(TOPIC).flatMap((kind) => subscriptions.all(kind));
  for (const kind of Object.values(TOPIC)) {
    const steps = new ShardSteps(port, kind, 'UNLISTEN');
    for (const topic of topics) if (topic.kind === kind) steps.addTopic(topic);
  }
  yield;
  for (const topic of topics) subscriptions.remove(topic);
}

/** RESET. */
export function* planReset(port: PlanPort): PlanRun {
  yield* planUnsubscribeAll(port);
  const { client, reply } = port;
  client.reset();
  reply.protocol = client.protocol;
  reply.simple('RESET');
}

/** `name` undefined: there was nothing to unsubscribe from. */
function confirm(
  reply: Reply,
  word: string,
  name: Uint8Array | undefined,
  subscriptions: Subscriptions,
  kind: TopicKind,
): void {
  reply.push(3);
  reply.bulkText(word);
  if (name === undefined) reply.nil();
  else reply.bulk(name, 0, name.length);
  reply.integer(countFor(kind, subscriptions));
}

/** Channels and patterns are counted together, shard channels by themselves. */
function countFor(kind: TopicKind, subscriptions: Subscriptions): number {
  if (kind === TOPIC.shardChannel) return subscriptions.count(kind);
  return subscriptions.count(TOPIC.channel) + subscriptions.count(TOPIC.pattern);
}

/** PUBSUB NUMSUB and SHARDNUMSUB: names and how many listen to them. `command` tells that on one shard. */
export function planNumSub(command: 'LISTENERS' | 'SLISTENERS'): Plan {
  return function* (port) {
    const { args, reply } = port;
    const listeners = port.split(command, 2, 1, 1);
    yield;
    reply.array((args.count - 2) * 2);
    listeners.integers().forEach((clients, i) => {
      reply.bulk(args.bytes, args.starts[i + 2], args.ends[i + 2]);
      reply.integer(clients);
    });
  };
}
