// Real threads over one mesh: nothing is lost, doubled, reordered or torn, whatever fills up and whoever sleeps.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createMesh, joinMesh, LANE_REQUEST } from '../../src/fabric/mesh.js';
import type { MeshStats } from '../../src/fabric/mesh.js';
import { startMembers } from '../support/member-threads.js';
import type { MemberThreads } from '../support/member-threads.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const seed = Number(process.env['ANAX_TEST_SEED'] ?? Date.now() % 1_000_000);

let members: MemberThreads | undefined;
afterEach(async () => {
  await members?.end();
  members = undefined;
});

interface Exchange {
  readonly size: number;
  readonly ringBytes: number;
  readonly requestsPerPeer: number;
  readonly lengths: readonly number[];
  /** Requests that one member may have under way. */
  readonly window: number;
  readonly refuseOneIn: number;
  readonly parkOneIn: number;
}

async function exchange(options: Exchange): Promise<MeshStats[]> {
  const plan = createMesh(options.size, options.ringBytes);
  members = startMembers(options.size, 'mesh-exchange.mjs', (self) => ({ ...options, plan, self, seed }));
  const reports = (await members.next()) as { stats: MeshStats }[];
  const records = options.requestsPerPeer * (options.size - 1) * 2;
  for (const { stats } of reports) {
    expect([stats.recordsSent, stats.recordsReceived], `seed ${seed}`).toEqual([records, records]);
  }
  return reports.map((report) => report.stats);
}

const SHORT = [0, 1, 2, 7, 8, 9, 11, 12, 13, 63, 64, 65, 200];

describe('mesh of threads', () => {
  it('carries short records both ways, parking now and then', async () => {
    await exchange({
      size: 2,
      ringBytes: 64 * KIB,
      requestsPerPeer: 100_000,
      lengths: SHORT,
      window: 1000,
      refuseOneIn: 0,
      parkOneIn: 10,
    });
  });

  it('survives tiny rings that are full both ways all the time', async () => {
    const stats = await exchange({
      size: 2,
      ringBytes: 256,
      requestsPerPeer: 4000,
      lengths: SHORT,
      window: 200,
      refuseOneIn: 50,
      parkOneIn: 4,
    });
    for (const { overflowBytesMax } of stats) expect(overflowBytesMax).toBeGreaterThan(0);
  });

  it('works among three, with refusals and full rings', async () => {
    await exchange({
      size: 3,
      ringBytes: 4 * KIB,
      requestsPerPeer: 8000,
      lengths: [...SHORT, 1000, 1015, 1016, 1017, 3000, 10_000],
      window: 300,
      refuseOneIn: 20,
      parkOneIn: 10,
    });
  });

  it('carries records of 1 byte to several megabytes, both ways at once', async () => {
    await exchange({
      size: 2,
      ringBytes: 256 * KIB,
      requestsPerPeer: 60,
      lengths: [1, 500, 64 * KIB - 9, 64 * KIB - 8, 64 * KIB - 7, 128 * KIB, MIB, 5 * MIB + 3],
      window: 12,
      refuseOneIn: 10,
      parkOneIn: 5,
    });
  });

  it('carries a record of 64 MB', async () => {
    const stats = await exchange({
      size: 2,
      ringBytes: 256 * KIB,
      requestsPerPeer: 1,
      lengths: [64 * MIB],
      window: 1,
      refuseOneIn: 0,
      parkOneIn: 0,
    });
    for (const { bytesSent, bytesReceived } of stats)
      expect([bytesSent, bytesReceived]).toEqual([128 * MIB, 128 * MIB]);
  });
});

describe('parking', () => {
  it.each([
    { burst: 1, rounds: 40_000 },
    { burst: 2, rounds: 100_000 },
    { burst: 3, rounds: 200_000 },
    { burst: 17, rounds: 1_000_000 },
  ])('loses no wake-up: $rounds records each way, $burst at a time', async ({ burst, rounds }) => {
    const plan = createMesh(2, 4 * KIB);
    members = startMembers(2, 'wake-hammer.mjs', (self) => ({ plan, self, seed, rounds, burst }));
    await members.next();
    members.post('begin');
    const reports = (await members.next()) as { sleeps: number; stats: MeshStats }[];
    const [a, b] = reports;
    expect(a.sleeps + b.sleeps, `seed ${seed}`).toBeGreaterThan(0);
    for (const { stats } of reports) expect(stats.recordsReceived, `seed ${seed}`).toBe(rounds);
    // Exactly one sender wins each wake-up. The last one may still be on its way.
    const sentWakes = a.stats.wakeupsSent + b.stats.wakeupsSent;
    const receivedWakes = a.stats.wakeupsReceived + b.stats.wakeupsReceived;
    expect(receivedWakes, `seed ${seed}`).toBeLessThanOrEqual(sentWakes);
  });

  it('takes no cycle while asleep, serves its sockets, and wakes for a record', async () => {
    const plan = createMesh(2);
    members = startMembers(1, 'mesh-sleeper.mjs', () => plan);
    const [port] = (await members.next()) as number[];
    await delay(50);
    expect(await ask(port, 'one')).toBe('one parked 1');
    await delay(300);
    expect(await ask(port, 'two')).toBe('two parked 1');
    const mesh = joinMesh(plan, 0);
    const woken = new Promise<void>((resolve) => {
      mesh.onWake(resolve);
    });
    expect(mesh.tryPark()).toBe(true);
    mesh.send(1, LANE_REQUEST, 9, new Uint8Array([1, 2, 3]), 0, 3);
    mesh.flush();
    await woken;
    const kinds: number[] = [];
    mesh.drain(10, (_peer, _lane, kind) => kinds.push(kind) > 0);
    expect(kinds).toEqual([9]);
  });
});

function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('end', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
