// redis-benchmark as load generator: run, check, and read the full report (without -q and --csv it prints the
// distribution that p99.9 is read from).
import { spawn, spawnSync } from 'node:child_process';
import type { LoadPlan, LoadResult } from './load-generator.js';
import type { Address } from './server-process.js';

/** `redis-benchmark 7.0.15`, or undefined where it is not installed. */
export function redisBenchmarkVersion(): string | undefined {
  const run = spawnSync('redis-benchmark', ['--version'], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/** A request that is made over and over; `__rand_int__` in it becomes 12 random digits below `keySpace`. */
export interface CommandLoad {
  readonly words: readonly string[];
  readonly connections: number;
  readonly pipeline: number;
  readonly requests: number;
  readonly keySpace: number;
}

/** Runs a plan with redis-benchmark. Rejects when it fails, complains of error replies or prints no report. */
export async function runRedisBenchmark(address: Address, plan: LoadPlan, threads: number): Promise<LoadResult> {
  const parallel = threads > 1 ? ['--threads', String(threads)] : [];
  const test = ['-d', String(plan.valueBytes), '-t', plan.operation.toLowerCase()];
  const text = await outputOf('redis-benchmark', [...commonOptions(address, plan), ...parallel, ...test]);
  return parseReport(text, plan.requests);
}

/** The same for any request. */
export async function runCommandLoad(address: Address, load: CommandLoad): Promise<LoadResult> {
  const text = await outputOf('redis-benchmark', [...commonOptions(address, load), ...load.words]);
  return parseReport(text, load.requests);
}

function commonOptions(address: Address, load: Omit<CommandLoad, 'words'>): string[] {
  const where = 'path' in address ? ['-s', address.path] : ['-h', address.host, '-p', String(address.port)];
  const { connections, pipeline, requests, keySpace } = load;
  return [...where, ...['-c', connections, '-P', pipeline, '-n', requests, '-r', keySpace].map(String)];
}

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('latin1')));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  process.off('exit', kill);
  if (code !== 0 || /error/i.test(err) || /^Error/m.test(out)) {
    throw new Error(`${program} ${args.join(' ')} failed (${String(code)}): ${err}${out.slice(-500)}`);
  }
  return out;
}

/**
 * Reads one test's report. The lines used:
 *   `99.902% <= 4.359 milliseconds (cumulative count 199808)`  of the percentile distribution (its first one >= 99.9)
 *   `throughput summary: 586510.25 requests per second`
 *   the figures under `avg min p50 p95 p99 max`
 */
export function parseReport(text: string, requests: number): LoadResult {
  const perSecond = Number(/throughput summary: ([\d.]+) requests per second/.exec(text)?.[1]);
  const figures = /avg\s+min\s+p50\s+p95\s+p99\s+max\s+([\d.\s]+)/.exec(text)?.[1].trim().split(/\s+/).map(Number);
  const steps = text.matchAll(/^([\d.]+)% <= ([\d.]+) milliseconds/gm);
  const p999 = [...steps].find((step) => Number(step[1]) >= 99.9);
  if (!Number.isFinite(perSecond) || figures?.length !== 6 || p999 === undefined) {
    throw new Error(`redis-benchmark printed no report:\n${text.slice(-2000)}`);
  }
  return {
    requests,
    seconds: requests / perSecond,
    perSecond,
    p50: figures[2],
    p99: figures[4],
    p999: Number(p999[2]),
  };
}
