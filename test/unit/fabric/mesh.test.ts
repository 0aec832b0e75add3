// Both meshes keep the same contract: the one over rings (here with all its ends on one thread) and the direct one.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { createDirectMesh } from '../../../src/fabric/direct.js';
import type { DirectStep } from '../../../src/fabric/direct.js';
import { KIND_MAX } from '../../../src/fabric/lane.js';
import { createMesh, joinMesh, LANE_REPLY, LANE_REQUEST } from '../../../src/fabric/mesh.js';
import type { Mesh } from '../../../src/fabric/mesh.js';

interface Harness {
  readonly ends: Mesh[];
  /** Lets everything published arrive. */
  readonly settle: () => Promise<void>;
}

function overRings(size: number): Harness {
  const plan = createMesh(size, 1024);
  const ends = Array.from({ length: size }, (_, self) => joinMesh(structuredClone(plan), self));
  return {
    ends,
    settle: async () => {
      for (let i = 0; i < 3; i++) await nextTurn();
    },
  };
}

function direct(size: number): Harness {
  const steps: DirectStep[] = [];
  const ends = createDirectMesh(size, (step) => steps.push(step), 8);
  return {
    ends,
    settle: async () => {
      for (let step = steps.shift(); step !== undefined; step = steps.shift()) step.run();
      await nextTurn();
    },
  };
}

interface Got {
  peer: number;
  lane: number;
  kind: number;
  payload: Buffer;
}

function drainAll(mesh: Mesh, limit = 1e9): Got[] {
  const got: Got[] = [];
  mesh.drain(limit, (peer, lane, kind, bytes, start, end) => {
    got.push({ peer, lane, kind, payload: Buffer.from(bytes.subarray(start, end)) });
    return true;
  });
  return got;
}

function bytes(length: number, value: number): Buffer {
  return Buffer.alloc(length, value);
}

describe.each([
  ['over rings', overRings],
  ['direct', direct],
])('mesh %s', (_name, build) => {
  it('delivers whole records with peer, lane and kind', async () => {
    const { ends, settle } = build(3);
    ends[0].send(2, LANE_REQUEST, 5, bytes(10, 1), 2, 6);
    ends[1].send(2, LANE_REPLY, KIND_MAX, bytes(0, 0), 0, 0);
    expect(drainAll(ends[2])).toEqual([]);
    ends[0].flush();
    ends[1].flush();
    await settle();
    expect(drainAll(ends[2]).sort((a, b) => a.peer - b.peer)).toEqual([
      { peer: 0, lane: LANE_REQUEST, kind: 5, payload: bytes(4, 1) },
      { peer: 1, lane: LANE_REPLY, kind: KIND_MAX, payload: bytes(0, 0) },
    ]);
    expect(drainAll(ends[0])).toEqual([]);
    expect(ends[0].stats).toMatchObject({ recordsSent: 1, bytesSent: 4 });
    expect(ends[2].stats).toMatchObject({ recordsReceived: 2, bytesReceived: 4 });
  });

  it('keeps what has no room in order, says so, and lets other lanes pass', async () => {
    const { ends, settle } = build(2);
    const [a, b] = ends;
    for (let i = 0; i < 100; i++) a.send(1, LANE_REQUEST, i, bytes(100, i), 0, 100);
    a.send(1, LANE_REPLY, 1, bytes(1, 1), 0, 1);
    a.flush();
    await settle();
    expect([a.congested(1, LANE_REQUEST), a.congested(1, LANE_REPLY)]).toEqual([true, false]);
    expect([a.anyCongested(LANE_REQUEST), a.anyCongested(LANE_REPLY)]).toEqual([true, false]);
    expect(a.stats.overflowBytesMax).toBeGreaterThan(8000);
    const requests: Got[] = [];
    let replies = 0;
    for (let round = 0; round < 100 && requests.length < 100; round++) {
      for (const record of drainAll(b)) {
        if (record.lane === LANE_REQUEST) requests.push(record);
        else replies++;
      }
      if (round === 0) expect(replies).toBe(1);
      a.flush();
      await settle();
    }
    expect(requests.map((record) => record.kind)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    for (const { kind, payload } of requests) expect(payload.equals(bytes(100, kind))).toBe(true);
    expect(a.anyCongested(LANE_REQUEST)).toBe(false);
  });

  it.each([247, 248, 249, 492, 493, 1024, 5000, 100_000])(
    'carries a record of %i bytes between small ones',
    async (length) => {
      const { ends, settle } = build(2);
      const [a, b] = ends;
      const large = Buffer.from(Array.from({ length }, (_, i) => i * 7 + (i >> 8)));
      a.send(1, LANE_REQUEST, 1, bytes(3, 1), 0, 3);
      a.send(1, LANE_REQUEST, 2, large, 0, length);
      a.send(1, LANE_REQUEST, 3, bytes(3, 3), 0, 3);
      a.flush();
      const got: Got[] = [];
      for (let round = 0; round < 1000 && got.length < 3; round++) {
        await settle();
        got.push(...drainAll(b, 3));
        a.flush();
      }
      expect(got.map((record) => record.kind)).toEqual([1, 2, 3]);
      expect(got[1].payload.equals(large)).toBe(true);
      expect(a.congested(1, LANE_REQUEST)).toBe(false);
    },
  );

  it('leaves refused requests where they are, replies flowing', async () => {
    const { ends, settle } = build(3);
    const [a, b, c] = ends;
    a.send(2, LANE_REQUEST, 1, bytes(2000, 1), 0, 2000);
    a.send(2, LANE_REQUEST, 2, bytes(1, 2), 0, 1);
    a.send(2, LANE_REPLY, 3, bytes(1, 3), 0, 1);
    b.send(2, LANE_REQUEST, 4, bytes(1, 4), 0, 1);
    b.flush();
    const seen: number[] = [];
    for (let round = 0; round < 20; round++) {
      a.flush();
      await settle();
      c.drain(100, (peer, lane, kind) => {
        if (peer === 0 && lane === LANE_REQUEST) {
          expect(kind).toBe(1);
          return false;
        }
        seen.push(kind);
        return true;
      });
    }
    expect(seen.sort()).toEqual([3, 4]);
    expect(c.tryPark()).toBe(true);
    c.unpark();
    expect(drainAll(c).map((record) => record.kind)).toEqual([1, 2]);
  });

  it('gives a cycle to who stopped or refused for a congestion, once it has ended', async () => {
    const { ends, settle } = build(2);
    const [a, b] = ends;
    for (let i = 0; i < 12; i++) b.send(0, LANE_REPLY, i, bytes(100, i), 0, 100);
    expect(b.congested(0, LANE_REPLY)).toBe(true);
    a.send(1, LANE_REQUEST, 1, bytes(1, 1), 0, 1);
    a.flush();
    b.flush();
    await settle();
    b.drain(10, () => !b.congested(0, LANE_REPLY));
    while (drainAll(a).length !== 0) await settle();
    // Parking flushes, which ends the congestion.
    expect(b.tryPark()).toBe(false);
    expect(drainAll(b)).toHaveLength(1);
    expect(b.tryPark()).toBe(true);
  });

  it('does not let a reply be refused, a record go to its sender, or a handler drain', async () => {
    const { ends, settle } = build(2);
    const [a, b] = ends;
    a.send(1, LANE_REPLY, 1, bytes(1, 1), 0, 1);
    a.flush();
    await settle();
    expect(() => b.drain(1, () => false)).toThrow('replies are always taken');
    expect(() => {
      b.drain(1, () => b.drain(1, () => true) === 0);
    }).toThrow('does not drain');
    expect(() => {
      a.send(0, LANE_REQUEST, 1, bytes(1, 1), 0, 1);
    }).toThrow('other members');
    expect(() => {
      a.send(1, LANE_REQUEST, KIND_MAX + 1, bytes(1, 1), 0, 1);
    }).toThrow('24 bits');
  });

  it('is fair: a limited drain serves every peer and lane', async () => {
    const { ends, settle } = build(4);
    for (const end of ends.slice(1)) {
      for (let i = 0; i < 5; i++) {
        end.send(0, LANE_REQUEST, i, bytes(1, 1), 0, 1);
        end.send(0, LANE_REPLY, i, bytes(1, 1), 0, 1);
      }
      end.flush();
    }
    await settle();
    const seen = new Set<string>();
    for (let i = 0; i < 6; i++) for (const { peer, lane } of drainAll(ends[0], 1)) seen.add(`${peer}/${lane}`);
    expect(seen.size).toBe(6);
  });

  it('refuses to park with work at hand, and is woken once by what comes later', async () => {
    const { ends, settle } = build(3);
    const [a, b, c] = ends;
    let wakes = 0;
    c.onWake(() => {
      wakes++;
    });
    a.send(2, LANE_REQUEST, 1, bytes(1, 1), 0, 1);
    a.flush();
    await settle();
    expect([c.tryPark(), c.parked]).toEqual([false, false]);
    expect(drainAll(c)).toHaveLength(1);
    expect([c.tryPark(), c.parked]).toEqual([true, true]);
    for (const sender of [a, b, a]) {
      sender.send(2, LANE_REPLY, 1, bytes(1, 1), 0, 1);
      sender.flush();
    }
    await settle();
    expect([wakes, c.parked]).toEqual([1, false]);
    expect(a.stats.wakeupsSent + b.stats.wakeupsSent).toBe(1);
    expect(c.stats.wakeupsReceived).toBe(1);
    expect(drainAll(c)).toHaveLength(3);
    // Awake by itself: nobody sends a wake-up.
    expect(c.tryPark()).toBe(true);
    c.unpark();
    a.send(2, LANE_REPLY, 1, bytes(1, 1), 0, 1);
    a.flush();
    await settle();
    expect([wakes, a.stats.wakeupsSent + b.stats.wakeupsSent]).toEqual([1, 1]);
    expect(drainAll(c)).toHaveLength(1);
  });

  it('parks again after waking by itself, and is still woken', async () => {
    const { ends, settle } = build(2);
    const [a, b] = ends;
    let wakes = 0;
    b.onWake(() => {
      wakes++;
    });
    for (let i = 1; i <= 20; i++) {
      expect(b.tryPark()).toBe(true);
      b.unpark();
      expect(b.tryPark()).toBe(true);
      a.send(1, LANE_REQUEST, i, bytes(1, 1), 0, 1);
      a.flush();
      await settle();
      expect(wakes).toBe(i);
      expect(drainAll(b)).toHaveLength(1);
    }
  });

  it('wakes a sender that sleeps with a backlog once there is room', async () => {
    const { ends, settle } = build(2);
    const [a, b] = ends;
    let wakes = 0;
    a.onWake(() => {
      wakes++;
      a.flush();
    });
    for (let i = 0; i < 40; i++) a.send(1, LANE_REQUEST, i, bytes(100, i), 0, 100);
    expect(a.tryPark()).toBe(true);
    await settle();
    const kinds: number[] = [];
    for (let round = 0; round < 100 && kinds.length < 40; round++) {
      kinds.push(...drainAll(b, 2).map((record) => record.kind));
      await settle();
      if (!a.parked) a.tryPark();
      await settle();
    }
    expect(kinds).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(wakes).toBeGreaterThan(0);
    expect(wakes).toBeLessThan(25);
    expect(a.congested(1, LANE_REQUEST)).toBe(false);
  });

  it('does not sleep on when it fills a lane while parked', async () => {
    const { ends, settle } = build(2);
    const [a, b] = ends;
    let wakes = 0;
    a.onWake(() => {
      wakes++;
    });
    expect(a.tryPark()).toBe(true);
    for (let i = 0; i < 40; i++) a.send(1, LANE_REQUEST, i, bytes(100, i), 0, 100);
    await settle();
    expect(wakes).toBe(1);
    expect(a.parked).toBe(false);
    expect(b.parked).toBe(false);
  });

  it('loses, doubles, reorders and tears nothing under random use', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = new SeededRandom(seed);
      const { ends, settle } = build(3);
      const sent = new Map<string, number>();
      const received = new Map<string, number>();
      const check = (to: number, limit: number): number =>
        ends[to].drain(limit, (peer, lane, kind, data, start, end) => {
          if (lane === LANE_REQUEST && random.below(10) === 0) return false;
          const name = `${peer}>${to}/${lane}`;
          expect(kind, `seed ${seed}`).toBe(received.get(name) ?? 0);
          received.set(name, kind + 1);
          for (let at = start; at < end; at++) if (data[at] !== (kind & 0xff)) expect.fail(`torn record, seed ${seed}`);
          return true;
        });
      for (let step = 0; step < 600; step++) {
        const from = random.below(3);
        const to = (from + 1 + random.below(2)) % 3;
        const lane = random.below(2);
        if (!ends[from].congested(to, lane)) {
          const name = `${from}>${to}/${lane}`;
          const kind = sent.get(name) ?? 0;
          const length = random.below(40) === 0 ? random.below(20_000) : random.below(300);
          ends[from].send(to, lane, kind, bytes(length, kind), 0, length);
          sent.set(name, kind + 1);
        }
        if (random.below(3) === 0) ends[from].flush();
        if (random.below(3) === 0) check(to, random.below(30));
        if (random.below(20) === 0) ends[from].tryPark();
        if (random.below(10) === 0) await settle();
      }
      for (let round = 0; round < 2000; round++) {
        for (const end of ends) end.flush();
        await settle();
        if (check(0, 1000) + check(1, 1000) + check(2, 1000) === 0 && !ends.some(anythingWaits)) break;
      }
      expect(received, `seed ${seed}`).toEqual(sent);
    }
  });
});

function anythingWaits(end: Mesh): boolean {
  return end.anyCongested(LANE_REQUEST) || end.anyCongested(LANE_REPLY);
}

describe('direct mesh', () => {
  it('keeps each lane in order under any schedule, and replays a seed', () => {
    const run = (seed: number): string => {
      const random = new SeededRandom(seed);
      const steps: DirectStep[] = [];
      const [a, b, c] = createDirectMesh(3, (step) => steps.push(step), 4);
      const log: string[] = [];
      const next = new Map<number, number>();
      for (let i = 0; i < 30; i++) {
        for (const sender of [a, b]) sender.send(2, LANE_REQUEST, i, bytes(1, i), 0, 1);
      }
      for (let turn = 0; turn < 1000; turn++) {
        a.flush();
        b.flush();
        if (steps.length !== 0) steps.splice(random.below(steps.length), 1)[0].run();
        c.drain(random.below(3), (peer, _lane, kind) => {
          expect(kind, `seed ${seed}`).toBe(next.get(peer) ?? 0);
          next.set(peer, kind + 1);
          log.push(`${peer}:${kind}`);
          return true;
        });
      }
      expect([next.get(0), next.get(1)]).toEqual([30, 30]);
      return log.join(' ');
    };
    const first = [1, 2, 3].map(run);
    expect([1, 2, 3].map(run)).toEqual(first);
    expect(new Set(first).size).toBe(3);
  });

  it('delivers nothing and wakes nobody before its steps run', () => {
    const steps: DirectStep[] = [];
    const [a, b] = createDirectMesh(2, (step) => steps.push(step));
    let wakes = 0;
    b.onWake(() => {
      wakes++;
    });
    expect(b.tryPark()).toBe(true);
    a.send(1, LANE_REQUEST, 1, bytes(1, 1), 0, 1);
    expect(steps).toHaveLength(0);
    a.flush();
    expect(steps.map((step) => step.type)).toEqual(['deliver']);
    expect(drainAll(b)).toEqual([]);
    steps[0].run();
    expect(steps.map((step) => step.type)).toEqual(['deliver', 'wake']);
    expect([wakes, b.parked]).toEqual([0, true]);
    steps[1].run();
    expect([wakes, b.parked]).toEqual([1, false]);
    expect(drainAll(b)).toHaveLength(1);
    expect(() => {
      steps[0].run();
    }).toThrow('runs once');
  });
});
