// The servers of a comparison: redis-server, and Anax in two wirings.

import { ALL_COMMANDS } from '../../src/commands/index.js';
import { buildCommandTable } from '../../src/engine/command-table.js';
import { anax, DEFAULT_ANAX_COMMAND, redis, start, type Contestant as ServerKind } from '../../bench/macro/servers.js';
import { parseReply } from '../support/resp-tree.js';
import { Line } from './line.js';
import type { Contestant, DifferentialOptions } from './run.js';

const DEBUG = ['--enable-debug-command', 'yes'];

export type Servers = Pick<DifferentialOptions, 'table' | 'oracle' | 'subjects' | 'known' | 'isOlder'>;

/** Starts all of them; undefined: no redis-server is installed. They end with this process. */
export async function openServers(anaxCommand: readonly string[] = DEFAULT_ANAX_COMMAND): Promise<Servers | undefined> {
  const kind = redis();
  if (kind === undefined) return undefined;
  const oracle = await opened(kind);
  const subjects = [await opened(anax(anaxCommand, 1, 'cores')), await opened(anax(anaxCommand, 3, 'cores'))];
  const names = parseReply(await oracle.line.ask('COMMAND', 'LIST')).items.map(({ content }) => content ?? '');
  const version = (/[\d.]+$/.exec(kind.label)?.[0] ?? '').split('.').map(Number);
  return {
    table: buildCommandTable(ALL_COMMANDS),
    oracle,
    subjects,
    known: new Set(names),
    isOlder: (since) => !isNewer(since.split('.').map(Number), version),
  };
}

async function opened(kind: ServerKind): Promise<Contestant> {
  const server = await start({ ...kind, command: [...kind.command, ...DEBUG] });
  return { name: kind.label, line: new Line(server.address) };
}

function isNewer(version: readonly number[], than: readonly number[]): boolean {
  const i = version.findIndex((part, at) => part !== (than[at] ?? 0));
  return i >= 0 && version[i] > (than[i] ?? 0);
}
