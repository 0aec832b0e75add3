// The real redis-server, where it is installed: what Anax's replies are compared with.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess, type Address } from '../../bench/macro/server-process.js';

/** `[7, 0, 15]`, or undefined where no redis-server is installed. */
export const ORACLE_VERSION: readonly number[] | undefined = installedVersion();

function installedVersion(): number[] | undefined {
  const run = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=([\d.]+)/.exec(run.stdout)?.[1].split('.').map(Number);
}

/** True when the installed redis-server is at least `since` (`7.2`, `7.2.0`). */
export function oracleKnows(since: string): boolean {
  if (ORACLE_VERSION === undefined) return false;
  const wanted = since.split('.').map(Number);
  for (let i = 0; i < wanted.length; i++) {
    const have = ORACLE_VERSION[i] ?? 0;
    if (have !== wanted[i]) return have > wanted[i];
  }
  return true;
}

export interface Oracle {
  readonly address: Address;
  stop(): Promise<void>;
}

/** Starts redis-server without persistence, with further `options`. */
export async function startOracle(options: readonly string[] = []): Promise<Oracle> {
  const directory = mkdtempSync(join(tmpdir(), 'anax-oracle-'));
  const plain = ['--save', '', '--appendonly', 'no', '--dir', directory, ...options];
  const server = await ServerProcess.start({ command: ['redis-server', '--port', '{port}', ...plain] });
  return {
    address: server.address,
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
