// Many publishers and listeners on live servers: what every listener sees of a channel is one and the same order, that of each
// of its publishers, and PUBLISH tells exactly how many it has reached.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { AnaxProcess, type Wiring } from '../support/anax-process.js';
import { expectNothingLeft, infoFields } from '../support/leaks.js';
import { encodeRequest, RawClient, type Word } from '../support/raw-client.js';
import { respValue } from '../support/resp-value.js';

const SEED = Number(process.env['ANAX_TEST_SEED'] ?? Date.now() % 1_000_000);
const WIRINGS: readonly Wiring[] = [
  { name: '2 threads, io cores', threads: 2, io: 'cores' },
  { name: '4 threads, io cores', threads: 4, io: 'cores' },
  { name: '3 threads, io main', threads: 3, io: 'main' },
];
const CHANNELS = ['news:a', 'news:b', 'news:c', 'talk:a', 'talk:b', 'talk:c', 'talk:d'];
const PATTERNS = ['news:*', 'talk:?', '*:a'];
const PUBLISHERS = 30;
const MESSAGES = 60;
const MESSAGE_KINDS = ['message', 'smessage', 'pmessage'];

/** What a listener has got, in order of arrival: by channel, and by pattern and channel. */
type Heard = Map<string, string[]>;

/** A client that only listens: everything that comes is taken apart as it comes. */
class Listener {
  readonly heard: Heard = new Map();
  deliveries = 0;
  readonly #client: RawClient;
  readonly #resp3: boolean;
  #confirmations = 0;
  #awaited = 0;
  #confirmed: () => void = () => undefined;
  #error: Error | undefined;

  private constructor(client: RawClient, resp3: boolean) {
    this.#client = client;
    this.#resp3 = resp3;
    void this.#listen();
  }

  static async open(anax: AnaxProcess, resp3: boolean): Promise<Listener> {
    const client = await RawClient.connect(anax.address, 30_000);
    if (resp3) await client.call('HELLO', '3');
    return new Listener(client, resp3);
  }

  /** SUBSCRIBE and the like; resolves when all of it is confirmed. */
  async ask(...words: readonly Word[]): Promise<void> {
    this.#awaited = this.#confirmations + words.length - 1;
    const confirmed = new Promise<void>((resolve) => (this.#confirmed = resolve));
    this.#client.write(encodeRequest(...words));
    await confirmed;
    if (this.#error !== undefined) throw this.#error;
  }

  leave(): void {
    this.#client.destroy();
  }

  async #listen(): Promise<void> {
    try {
      for (;;) this.#take(await this.#client.reply());
    } catch (error) {
      if (this.#client.isClosed) return;
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#confirmed();
    }
  }

  #take(reply: Buffer): void {
    expect(String.fromCharCode(reply[0])).toBe(this.#resp3 ? '>' : '*');
    const [kind, ...rest] = respValue(reply) as string[];
    if (!MESSAGE_KINDS.includes(kind)) {
      if (++this.#confirmations === this.#awaited) this.#confirmed();
      return;
    }
    this.deliveries++;
    const text = rest.pop() ?? '';
    const where = rest.join(' ');
    const known = this.heard.get(where);
    if (known === undefined) this.heard.set(where, [text]);
    else known.push(text);
  }
}

describe.each(WIRINGS)(`$name, seed ${SEED}`, (wiring) => {
  let anax: AnaxProcess;
  const random = new SeededRandom(SEED);
  const anyOf = <T>(choices: readonly T[]): T => choices[random.below(choices.length)];
  const someOf = <T>(choices: readonly T[]): T[] => choices.filter(() => random.below(2) === 0);

  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterEach(async () => {
    RawClient.destroyAll();
    anax.assertAlive();
    await expectNothingLeft(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  const openAll = (count: number): Promise<Listener[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => Listener.open(anax, i % 3 === 0)));

  /**
   * All publishers at work, alone, in pipelines and in MULTI; resolves to the number of clients that PUBLISH says it has
   * reached, for each message.
   */
  const publishAll = async (command: 'PUBLISH' | 'SPUBLISH'): Promise<Map<string, number>> => {
    const reached = new Map<string, number>();
    await Promise.all(
      Array.from({ length: PUBLISHERS }, async (_, publisher) => {
        const client = await RawClient.connect(anax.address, 30_000);
        for (let sent = 0; sent < MESSAGES;) {
          const burst = Array.from({ length: 1 + random.below(6) }, () => [anyOf(CHANNELS), `${publisher} ${sent++}`]);
          const requests = burst.map(([channel, text]) => encodeRequest(command, channel, text));
          const inMulti = random.below(4) === 0;
          if (inMulti) requests.unshift(encodeRequest('MULTI'));
          if (inMulti) requests.push(encodeRequest('EXEC'));
          client.write(Buffer.concat(requests));
          let counts = (await client.replies(requests.length)).map(respValue);
          if (inMulti) counts = counts[counts.length - 1] as number[];
          burst.forEach(([channel, text], i) => reached.set(`${channel} ${text}`, Number(counts[i])));
        }
        await client.end();
      }),
    );
    return reached;
  };

  const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

  /** Waits until as many messages have come as were counted; then sees that no more come. */
  const allArrived = async (listeners: readonly Listener[], counted: number): Promise<void> => {
    const arrived = (): number => sum(listeners.map(({ deliveries }) => deliveries));
    const deadline = Date.now() + 10_000;
    while (arrived() < counted && Date.now() < deadline) await pause();
    for (let i = 0; i < 5; i++) await pause();
    expect(arrived(), 'messages that have arrived, of those that PUBLISH counted').toBe(counted);
  };

  /** The messages of every publisher stand in the order in which they were sent. */
  const expectOrderOfPublishers = (texts: readonly string[]): void => {
    const last = new Map<string, number>();
    for (const text of texts) {
      const [publisher, number] = text.split(' ');
      expect(Number(number)).toBeGreaterThan(last.get(publisher) ?? -1);
      last.set(publisher, Number(number));
    }
  };

  test.each(['PUBLISH', 'SPUBLISH'] as const)('%s: one order for all', async (command) => {
    const listeners = await openAll(75);
    const subscribe = command === 'PUBLISH' ? 'SUBSCRIBE' : 'SSUBSCRIBE';
    const audience = new Map<string, number>(CHANNELS.map((channel) => [channel, 0]));
    const join = (channels: readonly string[]): void => {
      for (const channel of channels) audience.set(channel, (audience.get(channel) ?? 0) + 1);
    };
    await Promise.all(
      listeners.map(async (listener, i) => {
        const channels = i === 0 ? CHANNELS : [anyOf(CHANNELS), ...someOf(someOf(CHANNELS))];
        await listener.ask(subscribe, ...channels);
        join([...new Set(channels)]);
        if (command === 'SPUBLISH' || random.below(4) !== 0) return;
        await listener.ask('PSUBSCRIBE', PATTERNS[i % PATTERNS.length]);
        join(CHANNELS.filter((channel) => new RegExp(MATCHERS[i % PATTERNS.length]).test(channel)));
      }),
    );
    const reached = await publishAll(command);
    await allArrived(listeners, sum(reached.values()));
    // Nobody has come or gone: every message has reached the whole audience of its channel.
    for (const [message, count] of reached) expect(count, message).toBe(audience.get(message.split(' ')[0]));
    expect(reached.size).toBeGreaterThanOrEqual(PUBLISHERS * MESSAGES);
    const order = listeners[0].heard;
    for (const texts of order.values()) expectOrderOfPublishers(texts);
    expect(sum([...order.values()].map((texts) => texts.length))).toBeGreaterThanOrEqual(reached.size);
    for (const { heard } of listeners) {
      for (const [where, texts] of heard) expect(texts).toEqual(order.get(where.split(' ').at(-1) ?? ''));
    }
  });

  test('who comes and goes hears a stretch of that order without a gap, and is counted for it', async () => {
    const [witness, ...others] = await openAll(75);
    await witness.ask('SUBSCRIBE', ...CHANNELS);
    let publishing = true;
    /** By listener: the stretches that it has heard. */
    const stretches: { readonly channel: string; readonly texts: string[] }[] = [];
    const busy = Promise.all(
      others.map(async (listener, i) => {
        while (publishing) {
          const channel = anyOf(CHANNELS);
          const [where, join, leave] =
            i % 3 === 0
              ? [`${channel} ${channel}`, 'PSUBSCRIBE', 'PUNSUBSCRIBE']
              : [channel, 'SUBSCRIBE', 'UNSUBSCRIBE'];
          await listener.ask(join, channel);
          await pause(random.below(30));
          await listener.ask(leave, channel);
          stretches.push({ channel, texts: listener.heard.get(where) ?? [] });
          listener.heard.delete(where);
        }
      }),
    );
    const reached = await publishAll('PUBLISH');
    publishing = false;
    await busy;
    await allArrived([witness, ...others], sum(reached.values()));
    let heard = 0;
    for (const { channel, texts } of stretches) {
      if (texts.length === 0) continue;
      const order = witness.heard.get(channel) ?? [];
      const start = order.indexOf(texts[0]);
      expect(texts).toEqual(order.slice(start, start + texts.length));
      heard += texts.length;
    }
    for (const texts of witness.heard.values()) expectOrderOfPublishers(texts);
    expect(heard).toBeGreaterThan(100);
    // And of those that vanish nothing is left.
    for (const listener of others.slice(0, 30)) {
      await listener.ask('SUBSCRIBE', ...CHANNELS);
      listener.leave();
    }
    const asker = await RawClient.connect(anax.address);
    const deadline = Date.now() + 5000;
    const numbers = async (): Promise<unknown> => respValue(await asker.call('PUBSUB', 'NUMSUB', ...CHANNELS));
    const expected = CHANNELS.flatMap((channel) => [channel, 1]);
    while (JSON.stringify(await numbers()) !== JSON.stringify(expected) && Date.now() < deadline) await pause();
    expect(await numbers()).toEqual(expected);
    expect((await infoFields(asker, 'stats')).get('pubsub_channels')).toBe(String(CHANNELS.length));
  });
});

/** PATTERNS as regular expressions. */
const MATCHERS = ['^news:', '^talk:.$', ':a$'];

function pause(ms = 10): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
