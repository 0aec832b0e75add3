// What a test leaves behind on the server: nothing. Asked through CLIENT LIST and INFO.
import { setTimeout as sleep } from 'node:timers/promises';
import { TESTING_ANAX, type Address } from './anax-process.js';
import { RawClient } from './raw-client.js';

const SETTLE_MS_MAX = 10_000;
const POLL_MS = 25;

/** INFO's fields by name. */
export async function infoFields(client: RawClient, section: string): Promise<Map<string, string>> {
  const fields = new Map<string, string>();
  for (const line of (await client.bulk('INFO', section)).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** CLIENT LIST, one map of fields per client. */
export async function clientList(client: RawClient): Promise<Map<string, string>[]> {
  const lines = (await client.bulk('CLIENT', 'LIST')).split('\n').filter((line) => line !== '');
  return lines.map((line) => new Map(line.split(' ').map((field): [string, string] => [before(field), after(field)])));
}

function before(field: string): string {
  return field.slice(0, field.indexOf('='));
}

function after(field: string): string {
  return field.slice(field.indexOf('=') + 1);
}

/**
 * Waits until the server knows no client but the one that asks, and nothing is buffered or blocked. Throws with what is
 * left when that does not come about (a server may need a moment to see that a client is gone).
 */
export async function expectNothingLeft(address: Address): Promise<void> {
  const client = await RawClient.connect(address);
  const deadline = Date.now() + SETTLE_MS_MAX;
  let left = await leftovers(client);
  while (left !== '' && Date.now() < deadline) {
    await sleep(POLL_MS);
    left = await leftovers(client);
  }
  await client.end();
  if (left !== '') throw new Error(`left behind: ${left}`);
}

async function leftovers(client: RawClient): Promise<string> {
  const list = await clientList(client);
  const fields = await infoFields(client, 'clients');
  const found: string[] = [];
  if (list.length !== 1) found.push(`${list.length} clients in CLIENT LIST`);
  if (fields.get('connected_clients') !== '1')
    found.push(`connected_clients:${fields.get('connected_clients') ?? '-'}`);
  if (fields.get('blocked_clients') !== '0') found.push(`blocked_clients:${fields.get('blocked_clients') ?? '-'}`);
  for (const one of list) {
    if (one.get('omem') !== '0' || one.get('oll') !== '0') found.push(`output waiting: ${[...one].join(' ')}`);
  }
  return found.join(', ');
}

/** Bytes in use in the arenas of all cores; 0 for another server than Anax. */
export async function arenaBytesUsed(client: RawClient): Promise<number> {
  if (!TESTING_ANAX) return 0;
  const statistics = await client.bulk('MEMORY', 'MALLOC-STATS');
  const used = Array.from(statistics.matchAll(/^core \d+: arena used (\d+)/gm), (match) => Number(match[1]));
  if (used.length === 0) throw new Error(`no core in MALLOC-STATS: ${statistics}`);
  return used.reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * Flushes everything and throws when a core's arena still has bytes in use: a block without a key, or an account that is
 * wrong. Another server than Anax is only flushed.
 */
export async function expectNothingStored(address: Address): Promise<void> {
  const client = await RawClient.connect(address);
  const flushed = await client.text('FLUSHALL');
  if (flushed !== '+OK\r\n') throw new Error(`FLUSHALL: ${flushed}`);
  const left = await arenaBytesUsed(client);
  if (left !== 0) throw new Error(`after FLUSHALL: ${left} bytes in use`);
  await client.end();
}

/** Runs `use` while other clients keep asking, one at a time, and throws when one of them gets a wrong answer or none. */
export async function whileOthersAreServed(address: Address, use: () => Promise<void>): Promise<void> {
  let over = false;
  let rounds = 0;
  const other = async (index: number): Promise<void> => {
    const client = await RawClient.connect(address);
    for (let i = 0; !over; i++) {
      const key = `other:${index}:${i % 50}`;
      const value = String(i);
      if ((await client.text('SET', key, value)) !== '+OK\r\n') throw new Error('another client got a wrong answer');
      if ((await client.bulk('GET', key)) !== value) throw new Error('another client got a wrong answer');
      rounds++;
      await sleep(1);
    }
    await client.end();
  };
  const others = Promise.all([0, 1, 2, 3].map(other));
  try {
    await Promise.race([use(), others]);
    const seen = rounds;
    const deadline = Date.now() + SETTLE_MS_MAX;
    while (rounds < seen + 40) {
      if (Date.now() > deadline) throw new Error('other clients are not served any more');
      await Promise.race([sleep(1), others]);
    }
  } finally {
    over = true;
  }
  await others;
}
