// INFO: sections, names in Redis's order, figures from the counters.

import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandTable } from '../../../src/contract/command-table.js';
import { humanBytes, infoText } from '../../../src/observability/info.js';
import { processFacts } from '../../../src/observability/process-facts.js';
import { RateMeter, SAMPLES_MAX } from '../../../src/observability/rates.js';
import { fullTable } from '../../support/fake-client.js';
import { fakeInfoSource, type FakeInfo } from '../../support/fake-info.js';
import { RedisOracle } from '../../support/redis-oracle.js';

let table: CommandTable;
beforeAll(() => {
  table = fullTable();
});

function info(sections: readonly string[], facts: Partial<FakeInfo> = {}): string {
  return infoText(fakeInfoSource({ commands: table, ...facts }), sections);
}

function titles(text: string): string[] {
  return [...text.matchAll(/^# (.*)\r$/gm)].map((m) => m[1]);
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1];
}

const DEFAULT_TITLES = [
  ...['Server', 'Clients', 'Memory', 'Persistence', 'Stats', 'Replication', 'CPU', 'Modules', 'Errorstats'],
  ...['Cluster', 'Keyspace', 'Cores'],
];

describe('sections', () => {
  it('stand in their order, whatever was asked', () => {
    expect(titles(info([]))).toEqual(DEFAULT_TITLES);
    expect(titles(info(['default']))).toEqual(DEFAULT_TITLES);
    expect(info(['keyspace', 'cluster'])).toBe('# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n');
    expect(titles(info(['all']))).toEqual(titles(info(['everything'])));
    expect(titles(info(['all']))).toContain('Commandstats');
    expect(titles(info(['default', 'commandstats']))).toContain('Commandstats');
    expect(info(['module_list'])).toBe('# Modules\r\n');
  });

  it('are empty when nobody knows them', () => {
    expect(info(['nosuch'])).toBe('');
    expect(info(['nosuch', 'cluster'])).toBe('# Cluster\r\ncluster_enabled:0\r\n');
  });
});

describe('figures', () => {
  it('come from the counters', () => {
    const counters = {
      connectedClients: 3,
      usedMemoryBytes: 3 * 1024 * 1024,
      usedMemoryPeakBytes: 4 * 1024 * 1024,
      indexBytes: 1024 * 1024,
      arenaBytes: 6 * 1024 * 1024,
      inputBufferBytes: 10,
      outputBufferBytes: 5,
      errorReplies: 9,
      expireCycleUs: 2500,
    };
    const text = info([], { counters, rssBytes: 9 * 1024 * 1024, uptimeMs: 90_000_500 });
    expect(field(text, 'connected_clients')).toBe('3');
    expect(field(text, 'used_memory')).toBe('3145728');
    expect(field(text, 'used_memory_human')).toBe('3.00M');
    expect(field(text, 'used_memory_peak_perc')).toBe('75.00%');
    expect(field(text, 'used_memory_overhead')).toBe(String(1024 * 1024 + 15));
    expect(field(text, 'used_memory_dataset')).toBe(String(2 * 1024 * 1024));
    expect(field(text, 'allocator_frag_ratio')).toBe('2.00');
    expect(field(text, 'mem_fragmentation_ratio')).toBe('3.00');
    expect(field(text, 'mem_clients_normal')).toBe('15');
    expect(field(text, 'uptime_in_seconds')).toBe('90000');
    expect(field(text, 'uptime_in_days')).toBe('1');
    expect(field(text, 'total_error_replies')).toBe('9');
    expect(field(text, 'expire_cycle_cpu_milliseconds')).toBe('2');
    expect(field(text, 'used_cpu_user')).toBe('1.500000');
    expect(field(text, 'used_cpu_sys')).toBe('0.000250');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('name what clients look for before they begin', () => {
    const text = info([]);
    expect(field(text, 'redis_version')).toMatch(/^7\.4\./);
    expect(field(text, 'loading')).toBe('0');
    expect(field(text, 'role')).toBe('master');
    expect(field(text, 'maxmemory_policy')).toBe('noeviction');
    expect(field(text, 'master_replid')).toBe('b'.repeat(40));
  });

  it('list commands, errors, latencies, databases and cores that have any', () => {
    const text = info(['all'], {
      commandStats: new Map([
        ['ping', { calls: 4, usec: 10, rejected: 0, failed: 1 }],
        ['config|get', { calls: 0, usec: 0, rejected: 2, failed: 0 }],
      ]),
      latencies: new Map([['ping', { p50: 1.003, p99: 5.023, p999: 5.023 }]]),
      errors: [
        ['WRONGTYPE', 1],
        ['ERR', 2],
        ['OOM', 0],
      ],
      dbs: new Map([[3, { keys: 10, expires: 4, averageTtlMs: 5000, subexpiry: 2 }]]),
      cores: [
        {
          connections: 2,
          shard: true,
          keys: 10,
          usedMemoryBytes: 640,
          commands: 4,
          remoteCommands: 1,
          messages: 3,
          wakeups: 1,
        },
      ],
    });
    expect(field(text, 'cmdstat_ping')).toBe('calls=4,usec=10,usec_per_call=2.50,rejected_calls=0,failed_calls=1');
    expect(field(text, 'cmdstat_config\\|get')).toBe(
      'calls=0,usec=0,usec_per_call=0.00,rejected_calls=2,failed_calls=0',
    );
    expect(field(text, 'latency_percentiles_usec_ping')).toBe('p50=1.003,p99=5.023,p99.9=5.023');
    expect(text).toContain('# Errorstats\r\nerrorstat_ERR:count=2\r\nerrorstat_WRONGTYPE:count=1\r\n\r\n');
    expect(field(text, 'db3')).toBe('keys=10,expires=4,avg_ttl=5000,subexpiry=2');
    expect(field(text, 'core0')).toBe(
      'shard=1,connections=2,keys=10,used_memory=640,commands=4,remote_commands=1,messages=3,wakeups=1',
    );
  });

  it('are readable', () => {
    expect([0, 1023, 1024, 1039936, 25276514304, 2 ** 50, 2 ** 60].map(humanBytes)).toEqual([
      ...['0B', '1023B', '1.00K', '1015.56K', '23.54G', '1.00P', '1024.00P'],
    ]);
  });

  it('know the process', () => {
    const facts = processFacts();
    expect(facts.pid).toBe(process.pid);
    expect(facts.rssBytes).toBeGreaterThan(1e6);
    expect(facts.system.split(' ')).toHaveLength(3);
  });
});

describe('RateMeter', () => {
  it('averages over its window and starts over when the counter does', () => {
    const meter = new RateMeter();
    expect(meter.perSecond()).toBe(0);
    meter.sample(1000, 0);
    expect(meter.perSecond()).toBe(0);
    for (let i = 1; i <= 40; i++) meter.sample(1000 + i * 100, i * 50);
    expect(meter.perSecond()).toBe(500);
    meter.sample(5000, 9999);
    expect(meter.perSecond()).toBe(500);
    meter.sample(5100, 10);
    expect(meter.perSecond()).toBe(0);
    meter.sample(5200, 20);
    expect(meter.perSecond()).toBe(100);
    expect(SAMPLES_MAX).toBe(16);
  });
});

describe.runIf(RedisOracle.available)('against redis-server', () => {
  /** What redis-server 7.0 prints and Anax leaves out, on purpose. */
  const LEFT_OUT = new Set(['used_cpu_sys_main_thread', 'used_cpu_user_main_thread']);

  it('has the same sections with the same fields in the same order', async () => {
    const oracle = await RedisOracle.start();
    try {
      const sections = ['server', 'clients', 'memory', 'persistence', 'stats', 'replication', 'cpu', 'cluster'];
      for (const section of sections) {
        const theirs = (await oracle.run(`INFO ${section}`)).toString('latin1');
        const names = (text: string): string[] => [...text.matchAll(/^([a-z]\w*):/gm)].map((m) => m[1]);
        const ours = names(info([section]));
        const expected = names(theirs).filter((name) => !LEFT_OUT.has(name));
        expect(
          ours.filter((name) => expected.includes(name)),
          section,
        ).toEqual(expected);
        expect(titles(info([section]))).toEqual(titles(theirs));
      }
    } finally {
      await oracle.close();
    }
  });
});
