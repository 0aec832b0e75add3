// MEMORY: what keys and the server take. The figures come from every core at once (control topic `memory`) and are put
// together here under Redis's names. What Anax does not have (scripts, a cluster bus, a second table for TTLs) is 0.
//
//   total.allocated = arenas in use + V8 heaps in use        overhead.total = heaps at start-up + clients + hash indexes
//   dataset.bytes   = total.allocated - overhead.total       allocator.*    = the arenas alone

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import type { CoreMemory } from '../contract/shard-questions.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { withHelp } from './help.js';

const SAMPLES = bytesOf('SAMPLES');
const SAMPLES_DEFAULT = 5;

const MIB = 1024 * 1024;

/** Below this much data the doctor has nothing to judge. */
const DOCTOR_DATA_BYTES_MIN = 5 * MIB;
/** Less than this is not worth a complaint, whatever the ratio. */
const DOCTOR_WASTE_BYTES_MIN = 10 * MIB;
const DOCTOR_PEAK_RATIO = 1.5;
const DOCTOR_RESIDENT_RATIO = 1.4;
const DOCTOR_FRAGMENTATION_RATIO = 1.1;
const DOCTOR_CLIENT_BYTES = 200 * 1024;

const DOCTOR_LITTLE_DATA =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n";
const DOCTOR_ALL_WELL =
  "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n";

function opUsage(db: Db, args: Args, reply: Reply): void {
  let samples = SAMPLES_DEFAULT;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, SAMPLES) || i + 1 === args.count) {
      reply.error(ERRORS.syntax);
      return;
    }
    const given = args.bigint(i + 1);
    if (given === undefined || given < 0n) {
      reply.error(given === undefined ? ERRORS.notInteger : ERRORS.syntax);
      return;
    }
    samples = given === 0n ? Number.MAX_SAFE_INTEGER : Math.min(Number(given), Number.MAX_SAFE_INTEGER);
  }
  const entry = db.peek(args, 2);
  if (entry === 0) reply.nil();
  else reply.integer(db.memoryUsage(entry, samples));
}

function opPurge(db: Db, _args: Args, reply: Reply): void {
  db.shard.arena.trim();
  reply.ok();
}

// ---------------------------------------------------------------------- the whole server

/** The cores' figures added up. */
interface ServerMemory {
  readonly resident: number;
  readonly startupResident: number;
  readonly heaps: number;
  readonly startup: number;
  readonly clients: number;
  readonly clientBytes: number;
  readonly used: number;
  readonly peak: number;
  readonly committed: number;
  readonly keys: number;
  readonly indexes: number;
  /** Index bytes by database, for databases with keys. */
  readonly databases: ReadonlyMap<number, number>;
}

function addUp(cores: readonly CoreMemory[]): ServerMemory {
  const sum = (figure: (core: CoreMemory) => number): number => cores.reduce((total, core) => total + figure(core), 0);
  const databases = new Map<number, number>();
  let keys = 0;
  let indexes = 0;
  for (const part of cores.flatMap((core) => core.databases).sort((a, b) => a.db - b.db)) {
    databases.set(part.db, (databases.get(part.db) ?? 0) + part.indexBytes);
    keys += part.keys;
    indexes += part.indexBytes;
  }
  return {
    resident: cores[0].residentBytes,
    startupResident: cores[0].startupResidentBytes,
    heaps: sum((core) => core.heapBytes),
    startup: sum((core) => core.startupHeapBytes),
    clients: sum((core) => core.clients),
    clientBytes: sum((core) => core.clientBytes),
    used: sum((core) => core.usedBytes),
    peak: sum((core) => core.peakBytes),
    committed: sum((core) => core.committedBytes),
    keys,
    indexes,
    databases,
  };
}

/** How many times `b` goes into `a`; 1 when there is nothing to compare. */
function ratio(a: number, b: number): number {
  return b === 0 ? 1 : a / b;
}

async function commandStats(client: Client, _args: Args, reply: Reply): Promise<void> {
  const memory = addUp(await client.server.everyCore({ topic: 'memory' }));
  const total = memory.used + memory.heaps;
  const peak = Math.max(total, memory.peak + memory.heaps);
  const overhead = memory.startup + memory.clientBytes + memory.indexes;
  const dataset = Math.max(0, total - overhead);
  const net = Math.max(1, total - memory.startup);

  const before: readonly (readonly [name: string, value: number])[] = [
    ['peak.allocated', peak],
    ['total.allocated', total],
    ['startup.allocated', memory.startup],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', memory.clientBytes],
    ['cluster.links', 0],
    ['aof.buffer', 0],
    ['lua.caches', 0],
    ['functions.caches', 0],
  ];
  const between: readonly (readonly [name: string, value: number])[] = [
    ['overhead.db.hashtable.lut', memory.indexes],
    ['overhead.db.hashtable.rehashing', 0],
    ['overhead.total', overhead],
    ['db.dict.rehashing.count', 0],
    ['keys.count', memory.keys],
    ['keys.bytes-per-key', memory.keys === 0 ? 0 : Math.floor(dataset / memory.keys)],
    ['dataset.bytes', dataset],
  ];
  const shares: readonly (readonly [name: string, value: number])[] = [
    ['dataset.percentage', (dataset * 100) / net],
    ['peak.percentage', (total * 100) / peak],
  ];
  const allocator: readonly (readonly [name: string, value: number])[] = [
    ['allocator.allocated', memory.used],
    ['allocator.active', memory.committed],
    ['allocator.resident', memory.committed],
    ['allocator.muzzy', 0],
  ];
  const wastes: readonly (readonly [name: string, share: number, bytes: number])[] = [
    ['allocator-fragmentation', ratio(memory.committed, memory.used), memory.committed - memory.used],
    ['allocator-rss', 1, 0],
    ['rss-overhead', ratio(memory.resident, memory.committed), memory.resident - memory.committed],
    ['fragmentation', ratio(memory.resident, total), memory.resident - total],
  ];

  const pairs =
    before.length + memory.databases.size + between.length + shares.length + allocator.length + wastes.length * 2;
  reply.map(pairs);
  for (const [name, value] of before) integerPair(reply, name, value);
  for (const [db, indexBytes] of memory.databases) {
    reply.bulkText(`db.${db}`);
    reply.map(2);
    integerPair(reply, 'overhead.hashtable.main', indexBytes);
    integerPair(reply, 'overhead.hashtable.expires', 0);
  }
  for (const [name, value] of between) integerPair(reply, name, value);
  for (const [name, value] of shares) doublePair(reply, name, value);
  for (const [name, value] of allocator) integerPair(reply, name, value);
  for (const [name, share, bytes] of wastes) {
    doublePair(reply, name === 'fragmentation' ? name : `${name}.ratio`, share);
    integerPair(reply, `${name}.bytes`, bytes);
  }
}

function integerPair(reply: Reply, name: string, value: number): void {
  reply.bulkText(name);
  reply.integer(value);
}

function doublePair(reply: Reply, name: string, value: number): void {
  reply.bulkText(name);
  reply.double(value);
}

async function commandDoctor(client: Client, _args: Args, reply: Reply): Promise<void> {
  reply.verbatim(diagnose(addUp(await client.server.everyCore({ topic: 'memory' }))));
}

function diagnose(memory: ServerMemory): string {
  if (memory.used < DOCTOR_DATA_BYTES_MIN) return DOCTOR_LITTLE_DATA;
  const issues: string[] = [];
  if (memory.peak / memory.used > DOCTOR_PEAK_RATIO) {
    issues.push(
      'Peak memory: the data once took more than 150% of what it takes now. Empty parts go back to the system by themselves; MEMORY PURGE returns what is still kept in reserve.',
    );
  }
  if (exceeds(memory.committed, memory.used, DOCTOR_FRAGMENTATION_RATIO)) {
    issues.push(
      'High allocator fragmentation: more than a tenth of the memory that the arenas hold is free space between values. It is filled again by new data of similar sizes; MEMORY PURGE returns the parts that are wholly empty.',
    );
  }
  const grown = memory.used + memory.heaps - memory.startup;
  if (exceeds(memory.resident - memory.startupResident, grown, DOCTOR_RESIDENT_RATIO)) {
    issues.push(
      'High total RSS: the process holds more than 1.4 times the memory that data and bookkeeping account for. A past peak, large replies under way or garbage that the V8 heap has not given back are the usual reasons.',
    );
  }
  if (memory.clients > 0 && memory.clientBytes / memory.clients > DOCTOR_CLIENT_BYTES) {
    issues.push(
      'Big client buffers: connections hold more than 200 KB each on average. Look in CLIENT LIST for clients that read their replies slowly or send very long pipelines.',
    );
  }
  if (issues.length === 0) return DOCTOR_ALL_WELL;
  const list = issues.map((issue) => ` * ${issue}\n\n`).join('');
  return `Sam, I detected a few issues in this Anax instance memory implants:\n\n${list}I'm here to keep you safe, Sam. I want to help you.\n`;
}

function exceeds(held: number, accounted: number, limit: number): boolean {
  return held > accounted * limit && held - accounted > DOCTOR_WASTE_BYTES_MIN;
}

async function commandMallocStats(client: Client, _args: Args, reply: Reply): Promise<void> {
  const cores = await client.server.everyCore({ topic: 'memory' });
  const lines = cores.map((core, number) => {
    const keys = core.databases.reduce((sum, database) => sum + database.keys, 0);
    return `core ${number}: arena used ${core.usedBytes}, peak ${core.peakBytes}, committed ${core.committedBytes}; heap used ${core.heapBytes}; keys ${keys}\n`;
  });
  reply.verbatim(`___ Begin arena statistics (bytes) ___\n${lines.join('')}--- End arena statistics ---\n`);
}

const ASK_ALL = ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'];

const SUBCOMMANDS: readonly CommandSpec[] = [
  {
    name: 'DOCTOR',
    since: '4.0.0',
    arity: 2,
    flags: [],
    group: 'server',
    summary: 'Reports memory problems in words.',
    complexity: 'O(1)',
    usage: '',
    tips: ASK_ALL,
    examples: [['MEMORY DOCTOR', `$${DOCTOR_LITTLE_DATA.length}\r\n${DOCTOR_LITTLE_DATA}`]],
    onClient: commandDoctor,
  },
  {
    name: 'MALLOC-STATS',
    since: '4.0.0',
    arity: 2,
    flags: [],
    group: 'server',
    summary: 'Gives the figures of the arenas.',
    complexity: 'O(1)',
    usage: '',
    tips: ASK_ALL,
    examples: [['MEMORY MALLOC-STATS x', "-ERR wrong number of arguments for 'memory|malloc-stats' command"]],
    onClient: commandMallocStats,
  },
  {
    name: 'PURGE',
    since: '4.0.0',
    arity: 2,
    flags: [],
    group: 'server',
    summary: 'Gives empty parts of the arenas back to the system.',
    complexity: 'O(n), n = size classes and empty pages',
    usage: '',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    examples: [['MEMORY PURGE', '+OK']],
    onEveryShard: { op: opPurge, merge: 'all-ok' },
  },
  {
    name: 'STATS',
    since: '4.0.0',
    arity: 2,
    flags: [],
    group: 'server',
    summary: 'Gives the memory figures of the server.',
    complexity: 'O(1)',
    usage: '',
    tips: ASK_ALL,
    examples: [['MEMORY STATS x', "-ERR wrong number of arguments for 'memory|stats' command"]],
    onClient: commandStats,
  },
  {
    name: 'USAGE',
    since: '4.0.0',
    arity: -3,
    flags: ['readonly'],
    group: 'server',
    summary: 'Estimates the bytes that a key and its value take, from SAMPLES of its items (5; 0 means all).',
    complexity: 'O(n), n = samples',
    usage: 'key [SAMPLES count]',
    keys: [keyAt(2, 'RO')],
    examples: [
      ['MEMORY USAGE k', '$-1'],
      ['MEMORY USAGE k SAMPLES', '-ERR syntax error'],
      ['MEMORY USAGE k SAMPLES -1', '-ERR syntax error'],
      ['MEMORY USAGE k SAMPLES many', '-ERR value is not an integer or out of range'],
    ],
    onShard: opUsage,
  },
];

export const MEMORY_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'MEMORY',
    since: '4.0.0',
    arity: -2,
    flags: [],
    group: 'server',
    summary: 'Holds the subcommands that look at memory.',
    complexity: 'Depends on the subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('MEMORY', '4.0.0', SUBCOMMANDS),
  },
];
