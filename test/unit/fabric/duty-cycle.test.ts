// When a thread works, spins, parks and is woken.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DutyCycle } from '../../../src/fabric/duty-cycle.js';
import { createMesh, joinMesh, LANE_REQUEST } from '../../../src/fabric/mesh.js';
import type { Mesh } from '../../../src/fabric/mesh.js';

function turns(count: number): Promise<void> {
  return count === 0 ? Promise.resolve() : nextTurn().then(() => turns(count - 1));
}

function setUp(spinCyclesMax: number): {
  mesh: Mesh;
  peer: Mesh;
  cycle: DutyCycle;
  state: { work: number; outstanding: number };
} {
  const plan = createMesh(2, 1024);
  const mesh = joinMesh(plan, 0);
  const peer = joinMesh(plan, 1);
  const state = { work: 0, outstanding: 0 };
  const work = (): number => {
    const done = mesh.drain(10, () => true);
    if (state.work === 0) return done;
    state.work--;
    return done + 1;
  };
  const cycle = new DutyCycle({ mesh, work, outstanding: () => state.outstanding, spinCyclesMax });
  return { mesh, peer, cycle, state };
}

describe('duty cycle', () => {
  it('runs one cycle for many kicks and parks when there is no work', async () => {
    const { mesh, cycle } = setUp(5);
    for (let i = 0; i < 10; i++) cycle.kick();
    await turns(5);
    expect(cycle.stats).toEqual({ cycles: 1, emptyCycles: 1, parks: 1 });
    expect(mesh.parked).toBe(true);
  });

  it('goes on while there is work, then parks', async () => {
    const { mesh, cycle, state } = setUp(0);
    state.work = 4;
    cycle.kick();
    await turns(12);
    expect(cycle.stats).toEqual({ cycles: 5, emptyCycles: 1, parks: 1 });
    expect(mesh.parked).toBe(true);
  });

  it.each([0, 1, 5])('spins %i empty cycles while replies are due', async (spinCyclesMax) => {
    const { mesh, cycle, state } = setUp(spinCyclesMax);
    state.outstanding = 1;
    cycle.kick();
    await turns(spinCyclesMax + 6);
    expect(cycle.stats).toEqual({ cycles: spinCyclesMax + 1, emptyCycles: spinCyclesMax + 1, parks: 1 });
    expect(mesh.parked).toBe(true);
  });

  it('wakes for a record, and by a kick', async () => {
    const { mesh, peer, cycle } = setUp(0);
    cycle.kick();
    await turns(4);
    peer.send(0, LANE_REQUEST, 1, new Uint8Array(4), 0, 4);
    peer.flush();
    await turns(8);
    expect(mesh.stats).toMatchObject({ recordsReceived: 1, wakeupsReceived: 1 });
    expect(cycle.stats).toMatchObject({ cycles: 3, parks: 2 });
    cycle.kick();
    expect(mesh.parked).toBe(false);
    await turns(4);
    expect(cycle.stats).toMatchObject({ cycles: 4, parks: 3 });
  });

  it('flushes after every cycle', async () => {
    const { mesh, peer, cycle, state } = setUp(0);
    mesh.send(1, LANE_REQUEST, 1, new Uint8Array(4), 0, 4);
    state.work = 1;
    cycle.kick();
    await turns(4);
    expect(peer.drain(10, () => true)).toBe(1);
  });

  it('gives a cycle to a producer that stopped for a congestion, once it has ended', async () => {
    const plan = createMesh(2, 1024);
    const mesh = joinMesh(plan, 0);
    const peer = joinMesh(plan, 1);
    let sent = 0;
    const work = (): number => {
      const before = sent;
      for (; sent < 200 && !mesh.congested(1, LANE_REQUEST); sent++) {
        mesh.send(1, LANE_REQUEST, sent, new Uint8Array(100), 0, 100);
      }
      return sent - before;
    };
    const cycle = new DutyCycle({ mesh, work, outstanding: () => 0, spinCyclesMax: 0 });
    cycle.kick();
    let taken = 0;
    for (let round = 0; round < 500 && taken < 200; round++) {
      await turns(3);
      taken += peer.drain(3, (_peer, _lane, kind) => kind >= 0);
    }
    expect([sent, taken]).toEqual([200, 200]);
    await turns(6);
    expect(mesh.parked).toBe(true);
  });

  it('runs no more after stop', async () => {
    const { cycle } = setUp(0);
    cycle.kick();
    cycle.stop();
    cycle.kick();
    await turns(4);
    expect(cycle.stats.cycles).toBe(0);
  });
});
