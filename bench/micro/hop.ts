// What a hop costs: one record to another thread and its answer back.
//
//   node dist/bench/micro/hop.js [seconds per measurement]
//
// Four tables: the mesh alone (two ends on one thread, nobody sleeps), then two threads in closed batches (send n, wait for
// n answers), two threads saturated (up to n per cycle, many under way), and single requests a millisecond apart,
// each with several settings of the duty cycle's spinning. CPU is that of the whole process, both sides together.

import process from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { DutyCycle } from '../../src/fabric/duty-cycle.js';
import { createMesh, joinMesh, LANE_REPLY, LANE_REQUEST } from '../../src/fabric/mesh.js';
import type { Mesh, MeshPlan } from '../../src/fabric/mesh.js';

const RECORD_BYTES = 64;
const BATCHES = [1, 8, 64];
const SPINS = [0, 1, 5, 20];
const WINDOW = 2048;
const WARM_UP_SHARE = 0.3;
/** Long enough for the optimising compiler on a busy machine. */
const MESH_WARM_UP_MS = 300;

const record = new Uint8Array(RECORD_BYTES).fill(0x61);

interface ThreadData {
  readonly plan: MeshPlan;
  readonly spinCyclesMax: number;
}

/** How requests come: closed batches, as many as the window takes, or one every millisecond. */
type Load = 'closed' | 'saturated' | 'paced';

interface Result {
  readonly hops: number;
  readonly wallUs: number;
  readonly cpuUs: number;
  readonly wakeups: number;
  readonly cycles: number;
}

/** The other side: answers every request with a record of the same size. */
function answer({ plan, spinCyclesMax }: ThreadData): void {
  const mesh = joinMesh(plan, 1);
  const cycle = new DutyCycle({ mesh, work: () => mesh.drain(256, reply(mesh)), outstanding: () => 0, spinCyclesMax });
  parentPort?.on('message', () => process.exit(0));
  cycle.kick();
  parentPort?.postMessage('ready');
}

function reply(mesh: Mesh): (peer: number, lane: number, kind: number, b: Uint8Array, s: number, e: number) => boolean {
  return (peer, _lane, kind, bytes, start, end) => {
    if (mesh.congested(peer, LANE_REPLY)) return false;
    mesh.send(peer, LANE_REPLY, kind, bytes, start, end);
    return true;
  };
}

/** CPU microseconds per hop on one thread that holds both ends: no cache misses, no event loop. */
function meshAlone(batch: number, seconds: number): number {
  const plan = createMesh(2);
  const [a, b] = [joinMesh(plan, 0), joinMesh(plan, 1)];
  const echo = reply(b);
  const take = (): boolean => true;
  const run = (milliseconds: number): number => {
    const begin = performance.now();
    const cpu = process.cpuUsage();
    let hops = 0;
    while (performance.now() - begin < milliseconds) {
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < batch; i++) a.send(1, LANE_REQUEST, 1, record, 0, RECORD_BYTES);
        a.flush();
        b.drain(256, echo);
        b.flush();
        a.drain(256, take);
      }
      hops += 100 * batch;
    }
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / hops;
  };
  run(MESH_WARM_UP_MS);
  return run(seconds * 1000);
}

async function betweenThreads(load: Load, batch: number, spinCyclesMax: number, seconds: number): Promise<Result> {
  const plan = createMesh(2);
  const data: ThreadData = { plan, spinCyclesMax };
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  await new Promise((resolve) => worker.once('message', resolve));
  const client = new Client(plan, load, batch, spinCyclesMax);
  await client.run(seconds * 1000 * WARM_UP_SHARE);
  const result = await client.run(seconds * 1000);
  await worker.terminate();
  return result;
}

/** The asking side. */
class Client {
  readonly #mesh: Mesh;
  readonly #cycle: DutyCycle;
  readonly #load: Load;
  readonly #batch: number;
  #owed = 0;
  #hops = 0;
  #due = 0;
  #running = false;

  constructor(plan: MeshPlan, load: Load, batch: number, spinCyclesMax: number) {
    this.#mesh = joinMesh(plan, 0);
    this.#load = load;
    this.#batch = batch;
    const take = (): boolean => {
      this.#owed--;
      this.#hops++;
      return true;
    };
    this.#cycle = new DutyCycle({
      mesh: this.#mesh,
      work: () => this.#mesh.drain(256, take) + this.#produce(),
      outstanding: () => this.#owed,
      spinCyclesMax,
    });
  }

  async run(milliseconds: number): Promise<Result> {
    const { stats } = this.#mesh;
    const wakeups = stats.wakeupsSent + stats.wakeupsReceived;
    const cycles = this.#cycle.stats.cycles;
    this.#hops = 0;
    this.#running = true;
    const cpu = process.cpuUsage();
    const begin = performance.now();
    const pace = setInterval(
      () => {
        this.#due += this.#load === 'paced' ? this.#batch : 0;
        if (this.#load === 'paced') this.#cycle.kick();
      },
      this.#load === 'paced' ? 1 : milliseconds,
    );
    this.#cycle.kick();
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const wallUs = (performance.now() - begin) * 1000;
    const { user, system } = process.cpuUsage(cpu);
    clearInterval(pace);
    this.#running = false;
    return {
      hops: this.#hops,
      wallUs,
      cpuUs: user + system,
      wakeups: stats.wakeupsSent + stats.wakeupsReceived - wakeups,
      cycles: this.#cycle.stats.cycles - cycles,
    };
  }

  #produce(): number {
    if (!this.#running) return 0;
    let count = this.#batch;
    if (this.#load === 'closed' && this.#owed !== 0) count = 0;
    if (this.#load === 'saturated' && (this.#owed >= WINDOW || this.#mesh.congested(1, LANE_REQUEST))) count = 0;
    if (this.#load === 'paced') {
      count = this.#due;
      this.#due = 0;
    }
    for (let i = 0; i < count; i++) this.#mesh.send(1, LANE_REQUEST, 1, record, 0, RECORD_BYTES);
    this.#owed += count;
    return count;
  }
}

function row(...cells: (string | number)[]): void {
  console.log(cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell).padStart(11)).join(''));
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 0.4);
  console.log(`A hop: ${RECORD_BYTES} bytes there and ${RECORD_BYTES} back. Node ${process.version}.`);
  console.log('\nThe mesh alone, both ends on one thread (CPU us per hop: 2 sends, 2 receipts)');
  row('batch', 'us');
  for (const batch of BATCHES) row(String(batch), meshAlone(batch, seconds));
  for (const load of ['closed', 'saturated', 'paced'] as const) {
    console.log(`\nTwo threads, ${load}`);
    row('batch', 'spin', 'hops/s', 'wall us/hop', 'CPU us/hop', 'wakes/hop', 'cycles/hop');
    for (const batch of load === 'paced' ? [1] : BATCHES) {
      for (const spin of SPINS) {
        const { hops, wallUs, cpuUs, wakeups, cycles } = await betweenThreads(load, batch, spin, seconds);
        const perSecond = Math.round((hops * 1e6) / wallUs);
        row(String(batch), String(spin), String(perSecond), wallUs / hops, cpuUs / hops, wakeups / hops, cycles / hops);
      }
    }
  }
}

if (isMainThread) await main();
else answer(workerData as ThreadData);
