// Two questions about many connections: what a thousand idle ones cost, and how evenly the cores share them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { info } from './client.js';
import { cpuSeconds, residentBytes } from './process-usage.js';
import { Figures, type Goal, type Scenario } from './scenario.js';
import { contestants, start, type Contestant } from './servers.js';
import { connectTo, type Address } from './server-process.js';
import { digits3, summarize } from './statistics.js';

const IDLE_CONNECTIONS = 1000;
const IDLE_S = 10;
const IDLE_S_QUICK = 3;
/** Idle begins when V8 has finished compiling and collecting what the accepts left behind. */
const IDLE_SETTLE_MS = 12_000;
const CPU_PERCENT = 'CPU %';
/** What "nothing" may read as: timers that tick ten times a second (Redis's own) read as 0.3 %. */
const IDLE_GOAL_PERCENT = 1;

const SPREAD_COUNTS = [50, 1000] as const;
const SPREAD = 'off even %';
const SPREAD_GOAL_PERCENT = 25;

export const idle: Scenario = {
  name: 'idle',
  summary: 'CPU of a server with 1000 idle connections, over 10 s',
  rounds: [3, 1],
  async run(bench) {
    const figures = new Figures();
    const all = contestants(bench.anaxCommand, bench.threads);
    const seconds = bench.quick ? IDLE_S_QUICK : IDLE_S;
    bench.progress.plan(bench.rounds * all.length);
    for (let round = 1; round <= bench.rounds; round++) {
      for (const contestant of all) {
        bench.progress.step(`round ${round}: ${contestant.label}, ${IDLE_CONNECTIONS} idle connections`);
        const server = await start(contestant);
        const residentBefore = residentBytes(server.pid);
        const sockets = await openAll(server.address, IDLE_CONNECTIONS);
        await sleep(IDLE_SETTLE_MS);
        const before = cpuSeconds(server.pid);
        await sleep(seconds * 1000);
        const percent = ((cpuSeconds(server.pid) - before) / seconds) * 100;
        const perConnection = (residentBytes(server.pid) - residentBefore) / IDLE_CONNECTIONS / 1024;
        const at = { test: `${IDLE_CONNECTIONS} idle`, server: contestant.id, better: 'less' } as const;
        figures.add({ ...at, name: CPU_PERCENT, unit: '%' }, percent);
        figures.add({ ...at, name: 'RSS KiB/conn', unit: 'KiB' }, perConnection);
        for (const socket of sockets) socket.destroy();
        await server.stop();
      }
    }
    const goals = all
      .filter((contestant) => contestant.id.startsWith('anax'))
      .map((contestant): Goal => {
        const measured = summarize(figures.rounds(`${IDLE_CONNECTIONS} idle`, contestant.id, CPU_PERCENT)).median;
        return {
          text: `CPU with ${IDLE_CONNECTIONS} idle connections, ${contestant.label}`,
          wanted: `at most ${IDLE_GOAL_PERCENT} %`,
          measured: `${digits3(measured)} %`,
          met: measured <= IDLE_GOAL_PERCENT,
        };
      });
    return { contestants: all, figures: figures.all, compared: [], goals, chart: undefined };
  },
};

export const connections: Scenario = {
  name: 'connections',
  summary: 'how evenly 50 and 1000 connections spread over the cores (INFO, section cores)',
  rounds: [5, 1],
  async run(bench) {
    const figures = new Figures();
    // With --io main one thread has all connections: nothing to spread.
    const spreading = (one: Contestant): boolean => one.id === 'anax-1' || one.id.endsWith('-cores');
    const all = contestants(bench.anaxCommand, bench.threads).filter(spreading);
    bench.progress.plan(bench.rounds * all.length * SPREAD_COUNTS.length);
    for (let round = 1; round <= bench.rounds; round++) {
      for (const contestant of all) {
        for (const count of SPREAD_COUNTS) {
          bench.progress.step(`round ${round}: ${contestant.label}, ${count} connections`);
          const server = await start(contestant);
          const sockets = await openAll(server.address, count);
          const perCore = await connectionsPerCore(server.address);
          const at = { test: `${count} connections`, server: contestant.id, better: 'less' } as const;
          figures.add({ ...at, name: 'cores', unit: '' }, perCore.length);
          figures.add({ ...at, name: 'fewest', unit: '' }, Math.min(...perCore));
          figures.add({ ...at, name: 'most', unit: '' }, Math.max(...perCore));
          figures.add({ ...at, name: SPREAD, unit: '%' }, percentOffEven(perCore));
          for (const socket of sockets) socket.destroy();
          await server.stop();
        }
      }
    }
    const goals: Goal[] = [];
    for (const contestant of all.filter((one) => one.id.endsWith('cores'))) {
      for (const count of SPREAD_COUNTS) {
        const measured = summarize(figures.rounds(`${count} connections`, contestant.id, SPREAD)).max;
        goals.push({
          text: `${count} connections over ${contestant.threads} cores, worst round`,
          wanted: `within ${SPREAD_GOAL_PERCENT} % of even`,
          measured: `${digits3(measured)} %`,
          met: measured <= SPREAD_GOAL_PERCENT,
        });
      }
    }
    return { contestants: all, figures: figures.all, compared: [], goals, chart: undefined };
  },
};

/** Opens connections and waits until each has been served once (a PING answered). */
async function openAll(address: Address, count: number): Promise<Socket[]> {
  const open = async (): Promise<Socket> =>
    await new Promise((resolve, reject) => {
      const socket = connectTo(address);
      socket.once('connect', () => socket.write('*1\r\n$4\r\nPING\r\n'));
      socket.once('data', () => {
        resolve(socket);
      });
      socket.once('error', reject);
    });
  return await Promise.all(Array.from({ length: count }, open));
}

/** Reads `core<i>:...connections=<n>...` of INFO's section cores; the asking connection counts too. */
async function connectionsPerCore(address: Address): Promise<number[]> {
  const counts: number[] = [];
  for (const [name, value] of await info(address, 'cores')) {
    const match = /(?:^|,)connections=(\d+)/.exec(value);
    if (/^core_?\d+$/.test(name) && match !== null) counts.push(Number(match[1]));
  }
  if (counts.length === 0) throw new Error('INFO cores lists no core<i>:connections=<n>');
  return counts;
}

function percentOffEven(counts: readonly number[]): number {
  const even = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return (Math.max(...counts.map((count) => Math.abs(count - even))) / even) * 100;
}
