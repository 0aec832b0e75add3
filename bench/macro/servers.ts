// The servers that are compared: Anax in its wirings and, where it is installed, redis-server. Each is a command line;
// `{port}` is filled in at start.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from './server-process.js';

/** The id of the server that ratios are taken to. */
export const REDIS = 'redis';

/** `{threads}` and `{io}` are filled in by wiring; a command without them starts the same server in every wiring. */
export const DEFAULT_ANAX_COMMAND = [
  process.execPath,
  fileURLToPath(new URL('../../src/cli/main.js', import.meta.url)),
  '--threads',
  '{threads}',
  '--io',
  '{io}',
] as const;

const COMMON = ['--port', '{port}', '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'] as const;

export interface Contestant {
  /** Short and stable: the name in result files. */
  readonly id: string;
  readonly label: string;
  /** Threads that hold data. */
  readonly threads: number;
  readonly command: readonly string[];
}

/** Anax with `threads` cores and the fronts placed by `io`. */
export function anax(template: readonly string[], threads: number, io: 'cores' | 'main'): Contestant {
  const fill = (word: string): string => word.replace('{threads}', String(threads)).replace('{io}', io);
  const command = [...template.map(fill), ...COMMON];
  if (threads === 1) return { id: 'anax-1', label: 'Anax, 1 thread', threads, command };
  return { id: `anax-${threads}-${io}`, label: `Anax, ${threads} threads, io ${io}`, threads, command };
}

/** redis-server as installed, or undefined. */
export function redis(): Contestant | undefined {
  const run = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (run.status !== 0) return undefined;
  const version = /v=(\S+)/.exec(run.stdout)?.[1] ?? 'of unknown version';
  return { id: REDIS, label: `Redis ${version}`, threads: 1, command: ['redis-server', ...COMMON] };
}

/** Anax on one thread and on `threads` in both placements, then redis-server where it is installed. */
export function contestants(template: readonly string[], threads: number): Contestant[] {
  const all = [anax(template, 1, 'cores')];
  if (threads > 1) all.push(anax(template, threads, 'cores'), anax(template, threads, 'main'));
  const oracle = redis();
  if (oracle !== undefined) all.push(oracle);
  return all;
}

/** Cores that this process may use. */
export function coreCount(): number {
  return availableParallelism();
}

/** Starts a contestant on a free port. `env` adds to the environment. */
export async function start(
  contestant: Contestant,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return await ServerProcess.start({ command: contestant.command, env });
}
