// Figures for INFO that a test chooses: everything else is zero.

import type { CommandTable } from '../../src/contract/command-table.js';
import type { CounterName } from '../../src/observability/counters.js';
import type { CommandStats, CoreStats, DbStats, InfoSource, Latencies } from '../../src/observability/info.js';
import { FakeClock } from './shard-harness.js';

export interface FakeInfo {
  readonly commands: CommandTable;
  readonly uptimeMs?: number;
  readonly options?: Readonly<Record<string, string>>;
  readonly counters?: Partial<Record<CounterName, number>>;
  readonly commandStats?: ReadonlyMap<string, CommandStats>;
  readonly latencies?: ReadonlyMap<string, Latencies>;
  readonly errors?: readonly (readonly [string, number])[];
  readonly dbs?: ReadonlyMap<number, DbStats>;
  readonly cores?: readonly CoreStats[];
  readonly rssBytes?: number;
  readonly opsPerSecond?: number;
}

const START_MS = 1_767_225_600_000;

const OPTIONS: Readonly<Record<string, string>> = {
  port: '6379',
  hz: '10',
  maxclients: '10000',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  'repl-backlog-size': '1048576',
};

const NO_CALLS: CommandStats = { calls: 0, usec: 0, rejected: 0, failed: 0 };
const NO_KEYS: DbStats = { keys: 0, expires: 0, averageTtlMs: 0, subexpiry: 0 };

export function fakeInfoSource(facts: FakeInfo): InfoSource {
  const { commands } = facts;
  return {
    clock: new FakeClock(START_MS + (facts.uptimeMs ?? 0)),
    startedAtMs: START_MS,
    runId: 'a'.repeat(40),
    replicationId: 'b'.repeat(40),
    configFile: '',
    databases: 16,
    commands,
    process: {
      pid: 1,
      system: 'Linux 6.1.0 x86_64',
      nodeVersion: '20.20.0',
      executable: '/usr/bin/node',
      rssBytes: facts.rssBytes ?? 0,
      totalSystemBytes: 2 ** 34,
      userUs: 1_500_000,
      systemUs: 250,
    },
    opsPerSecond: facts.opsPerSecond ?? 0,
    inputBytesPerSecond: 0,
    outputBytesPerSecond: 0,
    option: (name) => {
      const value = new Map(Object.entries({ ...OPTIONS, ...facts.options })).get(name);
      if (value === undefined) throw new Error(`no option ${name}`);
      return value;
    },
    total: (counter) => facts.counters?.[counter] ?? 0,
    commandStats: (id) => facts.commandStats?.get(commands.all[id].fullName) ?? NO_CALLS,
    latencies: (id) => facts.latencies?.get(commands.all[id].fullName),
    errors: () => facts.errors ?? [],
    dbStats: (db) => facts.dbs?.get(db) ?? NO_KEYS,
    cores: () => facts.cores ?? [],
  };
}
