// Judges what clients of the simulated server see of publish and subscribe. Time is the number of scheduler steps.
//
//   epoch     one client's subscription to one topic: from its confirmation in the client's stream to that of its end
//   group     the epochs that one request began
//
//   (1) Nothing is received outside of an epoch, and nothing twice within one.
//   (2) A message that is asked for after an epoch's confirmation was read, and answered before its end was asked for, is
//       received in it; by a client that was cut off, if a later message of the channel is.
//   (3) Everybody receives the messages of a channel in one order, which agrees with real time and with each publisher.
//   (4) PUBLISH answers how often the message is received; less may be only where a client was cut off.
//   (5) The epochs of a group begin at one instant: who has received something in one of them misses nothing that was
//       published later in another.

import { matchGlob } from '../../src/base/glob.js';

export interface Published {
  readonly id: string;
  readonly channel: string;
  readonly isSharded: boolean;
  readonly askedAt: number;
  answeredAt: number;
  count: number;
  received: number;
}

export interface Epoch {
  readonly listener: Listener;
  /** `message:name`, `pmessage:pattern`, `smessage:name`: the word that its messages begin with. */
  readonly topic: string;
  readonly group: number;
  readonly confirmedAt: number;
  endAskedAt: number;
  readonly received: Published[];
}

/** What the judge knows of a client. */
export interface Listener {
  readonly name: string;
  /** When it was cut off. */
  leftAt: number;
  readonly epochs: Map<string, Epoch>;
}

export class MessageJudge {
  readonly published = new Map<string, Published>();
  readonly #epochs: Epoch[] = [];
  readonly #fail: (message: string) => never;

  constructor(fail: (message: string) => never) {
    this.#fail = fail;
  }

  ask(id: string, channel: string, isSharded: boolean, now: number): void {
    this.published.set(id, {
      id,
      channel,
      isSharded,
      askedAt: now,
      answeredAt: Infinity,
      count: -1,
      received: 0,
    });
  }

  answer(id: string, count: number, now: number): void {
    const message = this.#message(id);
    message.answeredAt = now;
    message.count = count;
  }

  begin(listener: Listener, topic: string, group: number, now: number): void {
    if (listener.epochs.has(topic)) return;
    const epoch: Epoch = { listener, topic, group, confirmedAt: now, endAskedAt: Infinity, received: [] };
    listener.epochs.set(topic, epoch);
    this.#epochs.push(epoch);
  }

  askEnd(listener: Listener, topics: Iterable<string>, now: number): void {
    for (const topic of topics) {
      const epoch = listener.epochs.get(topic);
      if (epoch !== undefined) epoch.endAskedAt = Math.min(epoch.endAskedAt, now);
    }
  }

  end(listener: Listener, topic: string): void {
    listener.epochs.delete(topic);
  }

  receive(listener: Listener, topic: string, channel: string, id: string): void {
    const message = this.#message(id);
    const epoch = listener.epochs.get(topic);
    if (epoch === undefined) this.#fail(`${listener.name} receives ${id} by ${topic}, to which it does not listen`);
    if (message.channel !== channel || !fits(epoch, message)) this.#fail(`${id} comes by ${topic} on ${channel}`);
    if (epoch.received.includes(message)) this.#fail(`${listener.name} receives ${id} twice by ${topic}`);
    epoch.received.push(message);
    message.received++;
  }

  #message(id: string): Published {
    return this.published.get(id) ?? this.#fail(`nobody has published ${id}`);
  }

  // ------------------------------------------------------------------ when everything has come

  /** Nothing is on its way any more. */
  atRest(): void {
    for (const message of this.published.values()) this.#checkCount(message);
    for (const epoch of this.#epochs) this.#checkComplete(epoch);
    this.#checkOrder();
    this.#checkGroups();
  }

  #checkCount(message: Published): void {
    if (message.count < 0) return; // its publisher was cut off
    const cutOff = this.#epochs.filter((epoch) => epoch.listener.leftAt < Infinity && fits(epoch, message)).length;
    const missing = message.count - message.received;
    if (missing < 0 || missing > cutOff + this.#unconfirmed) {
      this.#fail(`${message.id} was counted ${message.count} times and received ${message.received} times`);
    }
  }

  /** Subscriptions whose confirmation a client that was cut off has not read. */
  #unconfirmed = 0;

  neverConfirmed(topics: number): void {
    this.#unconfirmed += topics;
  }

  #checkComplete(epoch: Epoch): void {
    const { confirmedAt, listener } = epoch;
    for (const message of this.published.values()) {
      const during = message.askedAt > confirmedAt && message.answeredAt < endOf(epoch, message.channel);
      if (during && fits(epoch, message) && !epoch.received.includes(message)) {
        this.#fail(`${listener.name} has not received ${message.id} by ${epoch.topic}`);
      }
    }
  }

  #checkOrder(): void {
    const byChannel = new Map<string, Published[][]>();
    for (const { received } of this.#epochs) {
      for (const message of received) {
        const name = `${String(message.isSharded)}:${message.channel}`;
        const lists = byChannel.get(name) ?? [];
        byChannel.set(name, lists);
        const list = received.filter((one) => one.channel === message.channel);
        if (list[0] === message) lists.push(list);
      }
    }
    for (const lists of byChannel.values()) {
      for (const list of lists) this.#checkAgainstTime(list);
      lists.forEach((one, i) => {
        for (const other of lists.slice(i + 1)) this.#checkAlike(one, other);
      });
    }
  }

  #checkAgainstTime(list: readonly Published[]): void {
    list.forEach((earlier, i) => {
      for (const later of list.slice(i + 1)) {
        if (later.answeredAt < earlier.askedAt || isOutOfTurn(earlier.id, later.id)) {
          this.#fail(`${earlier.id} is received before ${later.id}`);
        }
      }
    });
  }

  #checkAlike(one: readonly Published[], other: readonly Published[]): void {
    const common = one.filter((message) => other.includes(message));
    const same = other.filter((message) => one.includes(message));
    const at = common.findIndex((message, i) => same[i] !== message);
    if (at >= 0) this.#fail(`two orders: ${common[at].id} and ${same[at].id}`);
  }

  #checkGroups(): void {
    for (const epoch of this.#epochs) {
      if (epoch.received.length === 0) continue;
      const since = Math.min(...epoch.received.map(({ answeredAt }) => answeredAt));
      for (const twin of this.#epochs) {
        if (twin === epoch || twin.group !== epoch.group || twin.listener !== epoch.listener) continue;
        for (const message of this.published.values()) {
          const later = message.askedAt > since && message.answeredAt < endOf(twin, message.channel);
          if (later && fits(twin, message) && !twin.received.includes(message)) {
            this.#fail(`${epoch.listener.name} listens to ${epoch.topic}, not yet to ${twin.topic}: no ${message.id}`);
          }
        }
      }
    }
  }
}

/** Until when the messages of a channel are read: of a client that was cut off, only the last one that it got is known. */
function endOf({ endAskedAt, listener, received }: Epoch, channel: string): number {
  if (listener.leftAt === Infinity) return endAskedAt;
  const askedAt = received.map((message) => (message.channel === channel ? message.askedAt : 0));
  return Math.min(endAskedAt, Math.max(0, ...askedAt));
}

/** The same publisher, and the earlier one has the higher number: ids are `publisher.number`. */
function isOutOfTurn(earlier: string, later: string): boolean {
  const [publisher, number] = earlier.split('.');
  const [other, next] = later.split('.');
  return publisher === other && Number(number) > Number(next);
}

function fits({ topic }: Epoch, { channel, isSharded }: Published): boolean {
  const [word, name] = topic.split(':');
  if (isSharded !== (word === 'smessage')) return false;
  if (word !== 'pmessage') return name === channel;
  const [pattern, text] = [Buffer.from(name, 'latin1'), Buffer.from(channel, 'latin1')];
  return matchGlob(pattern, 0, pattern.length, text, 0, text.length);
}
