// A thread that sends PING every millisecond on a connection of its own, whether or not the last one was answered, and
// keeps the latencies: a server that stalls for 30 ms shows up as about 30 late replies, the first 30 ms late.
//
// (1) A ping's clock starts when it is written. The prober's own lateness (a busy machine) is kept apart, as the
//     greatest gap between two of its ticks, so that a reader can tell whose stall it was.
import { build } from 'hdr-histogram-js';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { connectTo, type Address } from './server-process.js';

/** Milliseconds. */
export interface ProbeReport {
  readonly pings: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** The greatest gap between two ticks of the prober itself. */
  readonly ownGapMax: number;
}

const PING = Buffer.from('*1\r\n$4\r\nPING\r\n');
const PONG_BYTES = '+PONG\r\n'.length;
const INTERVAL_MS = 1;

/** A running prober. */
export class Prober {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Starts probing; resolves when the first PING was answered. Rejects when there is no connection. */
  static async start(address: Address): Promise<Prober> {
    const worker = new Worker(new URL('./prober.js', import.meta.url), { workerData: { prober: address } });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    return new Prober(worker);
  }

  /** Ends the probing; resolves to what it saw. Rejects when the connection was lost. */
  async finish(): Promise<ProbeReport> {
    const report = new Promise<ProbeReport>((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
    });
    this.#worker.postMessage('finish');
    return await report;
  }
}

function probe(address: Address): void {
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  const sentAt: number[] = [];
  let bytes = 0;
  let lastTick = performance.now();
  let ownGapMax = 0;
  let max = 0;
  let announced = false;
  const socket = connectTo(address);
  const timer = setInterval(() => {
    const now = performance.now();
    ownGapMax = Math.max(ownGapMax, now - lastTick);
    lastTick = now;
    sentAt.push(now);
    socket.write(PING);
  }, INTERVAL_MS);
  socket.on('data', (chunk: Buffer) => {
    const now = performance.now();
    if (!announced) parentPort?.postMessage('probing');
    announced = true;
    bytes += chunk.length;
    for (; bytes >= PONG_BYTES && sentAt.length > 0; bytes -= PONG_BYTES) {
      const latency = now - (sentAt.shift() ?? now);
      max = Math.max(max, latency);
      histogram.recordValue(Math.max(1, Math.round(latency * 1000)));
    }
  });
  socket.on('error', (error) => {
    throw error;
  });
  parentPort?.once('message', () => {
    clearInterval(timer);
    const ms = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;
    const report: ProbeReport = {
      pings: histogram.totalCount,
      p50: ms(50),
      p99: ms(99),
      p999: ms(99.9),
      max,
      ownGapMax,
    };
    parentPort?.postMessage(report);
    socket.destroy();
  });
}

const data = workerData as { prober?: Address } | null;
if (data?.prober !== undefined) probe(data.prober);
