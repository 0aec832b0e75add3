// The text of INFO: sections of `name:value` lines in Redis's order and layout, so that what reads a Redis reads this.
//
//   # Server\r\n redis_version:7.4.0\r\n ...       \r\n between sections
//
// Field names are those of Redis 7.0, with what 7.4 adds. Figures that Anax does not have are there as constants where
// tools look for them: no persistence (rdb_*, aof_*), no scripting (used_memory_lua, ...), no replicas, no modules, no
// tracking, no forks, no build id, no gcc. Left out: `used_cpu_*_main_thread` (data is served by other threads) and the
// fields that Redis shows only while it loads, rewrites or shuts down.
// Anax's own: `anax_version` and `node_version` in Server, and the section Cores, one line per core.
//
// (1) A section that nobody knows adds nothing. (2) The order is that of SECTIONS, whatever the request's order.

import { unixMicroseconds, type Clock } from '../base/clock.js';
import { ANAX_VERSION, REDIS_VERSION } from '../base/version.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import type { CounterName } from './counters.js';

/** What INFO tells of one command. */
export interface CommandStats {
  readonly calls: number;
  readonly usec: number;
  readonly rejected: number;
  readonly failed: number;
}

export interface DbStats {
  readonly keys: number;
  readonly expires: number;
  /** Keys of hashes with fields that have deadlines. */
  readonly subexpiry: number;
  /** Mean of the remaining times to live, 0 when it is not known. */
  readonly averageTtlMs: number;
}

/** Microseconds below which the given share of a command's calls stayed. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface CoreStats {
  /** Connections that live here, and whether the core has a shard. */
  readonly connections: number;
  readonly shard: boolean;
  readonly keys: number;
  readonly usedMemoryBytes: number;
  readonly commands: number;
  /** Commands sent to other cores' shards. */
  readonly remoteCommands: number;
  /** Records sent to other threads, and threads woken for them. */
  readonly messages: number;
  readonly wakeups: number;
}

/** The process as the operating system sees it; see process-facts.ts. */
export interface ProcessFacts {
  readonly pid: number;
  /** `Linux 6.1.0 x86_64` */
  readonly system: string;
  readonly nodeVersion: string;
  readonly executable: string;
  readonly rssBytes: number;
  readonly totalSystemBytes: number;
  /** CPU time of the process so far, microseconds. */
  readonly userUs: number;
  readonly systemUs: number;
}

/** Everything that INFO reports, as the engine gathers it. */
export interface InfoSource {
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly runId: string;
  /** 40 hex digits: the replication history that this data belongs to. */
  readonly replicationId: string;
  /** '' without one. */
  readonly configFile: string;
  readonly databases: number;
  readonly commands: CommandTable;
  readonly process: ProcessFacts;
  readonly opsPerSecond: number;
  readonly inputBytesPerSecond: number;
  readonly outputBytesPerSecond: number;
  /** One value in CONFIG GET's spelling. */
  option(name: string): string;
  /** One counter over all threads. */
  total(counter: CounterName): number;
  commandStats(id: number): CommandStats;
  /** undefined: not measured, or not called. */
  latencies(id: number): Latencies | undefined;
  /** Error replies by code. */
  errors(): readonly (readonly [code: string, count: number])[];
  dbStats(db: number): DbStats;
  cores(): readonly CoreStats[];
}

type Field = readonly [name: string, value: string | number];

interface Section {
  /** As requests name it. */
  readonly name: string;
  readonly title: string;
  /** Part of a plain INFO. */
  readonly byDefault: boolean;
  readonly fields: (source: InfoSource) => readonly Field[];
}

const SECTIONS: readonly Section[] = [
  { name: 'server', title: 'Server', byDefault: true, fields: serverFields },
  { name: 'clients', title: 'Clients', byDefault: true, fields: clientFields },
  { name: 'memory', title: 'Memory', byDefault: true, fields: memoryFields },
  { name: 'persistence', title: 'Persistence', byDefault: true, fields: persistenceFields },
  { name: 'stats', title: 'Stats', byDefault: true, fields: statsFields },
  { name: 'replication', title: 'Replication', byDefault: true, fields: replicationFields },
  { name: 'cpu', title: 'CPU', byDefault: true, fields: cpuFields },
  { name: 'modules', title: 'Modules', byDefault: true, fields: () => [] },
  { name: 'commandstats', title: 'Commandstats', byDefault: false, fields: commandFields },
  { name: 'errorstats', title: 'Errorstats', byDefault: true, fields: errorFields },
  { name: 'latencystats', title: 'Latencystats', byDefault: false, fields: latencyFields },
  { name: 'cluster', title: 'Cluster', byDefault: true, fields: () => [['cluster_enabled', 0]] },
  { name: 'keyspace', title: 'Keyspace', byDefault: true, fields: keyspaceFields },
  { name: 'cores', title: 'Cores', byDefault: true, fields: coreFields },
];

/** Other names of sections. */
const ALIASES: ReadonlyMap<string, string> = new Map([['module_list', 'modules']]);

const NO_REPLICATION_ID = '0'.repeat(40);
const SECONDS_PER_DAY = 86400;
/** The access clock of OBJECT IDLETIME in Redis: seconds in 24 bits. */
const LRU_CLOCK_MASK = 0xffffff;

/**
 * The text of INFO for the named sections, in lower case; `default`, `all` and `everything` are names too, and no name is
 * `default`.
 */
export function infoText(source: InfoSource, sections: readonly string[]): string {
  const asked = new Set(sections.length === 0 ? ['default'] : sections.map((name) => ALIASES.get(name) ?? name));
  const all = asked.has('all') || asked.has('everything');
  const withDefaults = asked.has('default');
  const parts: string[] = [];
  for (const section of SECTIONS) {
    if (!all && !asked.has(section.name) && !(withDefaults && section.byDefault)) continue;
    let text = `# ${section.title}\r\n`;
    for (const [name, value] of section.fields(source)) text += `${name}:${value}\r\n`;
    parts.push(text);
  }
  return parts.join('\r\n');
}

/** Bytes as INFO's `_human` fields print them: `1015.56K`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let scaled = bytes / 1024;
  let unit = 0;
  for (; scaled >= 1024 && unit < UNITS.length - 1; unit++) scaled /= 1024;
  return scaled.toFixed(2) + UNITS[unit];
}

const UNITS = 'KMGTP';

function bytesAndHuman(name: string, bytes: number): Field[] {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

function constants(value: string | number, ...names: string[]): Field[] {
  return names.map((name) => [name, value]);
}

/** A quotient with two decimals; 0.00 for nothing over nothing. */
function ratio(part: number, whole: number): string {
  return (whole === 0 ? 0 : part / whole).toFixed(2);
}

function percent(part: number, whole: number): string {
  return `${ratio(part * 100, whole)}%`;
}

function serverFields(source: InfoSource): Field[] {
  const { process } = source;
  const uptimeS = Math.floor((source.clock.nowMs() - source.startedAtMs) / 1000);
  const port = Number(source.option('port'));
  const hz = source.option('hz');
  return [
    ['redis_version', REDIS_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0'],
    ['redis_mode', 'standalone'],
    ['os', process.system],
    ['arch_bits', 64],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'atomics'],
    ['gcc_version', '0.0.0'],
    ['process_id', process.pid],
    ['process_supervised', 'no'],
    ['run_id', source.runId],
    ['tcp_port', port],
    ['server_time_usec', unixMicroseconds(source.clock)],
    ['uptime_in_seconds', uptimeS],
    ['uptime_in_days', Math.floor(uptimeS / SECONDS_PER_DAY)],
    ['hz', hz],
    ['configured_hz', hz],
    ['lru_clock', Math.floor(source.clock.nowMs() / 1000) & LRU_CLOCK_MASK],
    ['executable', process.executable],
    ['config_file', source.configFile],
    ['io_threads_active', 0],
    ['anax_version', ANAX_VERSION],
    ['node_version', process.nodeVersion],
  ];
}

function clientFields(source: InfoSource): Field[] {
  return [
    ['connected_clients', source.total('connectedClients')],
    ['cluster_connections', 0],
    ['maxclients', source.option('maxclients')],
    ['client_recent_max_input_buffer', source.total('largestInputBufferBytes')],
    ['client_recent_max_output_buffer', source.total('largestOutputBufferBytes')],
    ['blocked_clients', source.total('blockedClients')],
    ['tracking_clients', 0],
    ['pubsub_clients', source.total('pubsubClients')],
    ['watching_clients', source.total('watchingClients')],
    ['clients_in_timeout_table', source.total('timedClients')],
    ['total_watched_keys', source.total('watchedKeys')],
    ['total_blocking_keys', source.total('awaitedKeys')],
    ['total_blocking_keys_on_nokey', 0],
  ];
}

function memoryFields(source: InfoSource): Field[] {
  const { process } = source;
  const used = source.total('usedMemoryBytes');
  const peak = Math.max(used, source.total('usedMemoryPeakBytes'));
  const buffers = source.total('inputBufferBytes') + source.total('outputBufferBytes');
  const overhead = source.total('indexBytes') + buffers;
  const dataset = Math.max(0, used - source.total('indexBytes'));
  const arena = source.total('arenaBytes');
  const maxmemory = Number(source.option('maxmemory'));
  return [
    ...bytesAndHuman('used_memory', used),
    ...bytesAndHuman('used_memory_rss', process.rssBytes),
    ...bytesAndHuman('used_memory_peak', peak),
    ['used_memory_peak_perc', percent(used, peak)],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', 0],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', percent(dataset, used)],
    ['allocator_allocated', used],
    ['allocator_active', arena],
    ['allocator_resident', arena],
    ['allocator_muzzy', 0],
    ...bytesAndHuman('total_system_memory', process.totalSystemBytes),
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', humanBytes(0)],
    ...constants(0, 'used_memory_scripts_eval', 'number_of_cached_scripts', 'number_of_functions'),
    ...constants(0, 'number_of_libraries', 'used_memory_vm_functions'),
    ...bytesAndHuman('used_memory_vm_total', 0),
    ['used_memory_functions', 0],
    ...bytesAndHuman('used_memory_scripts', 0),
    ...bytesAndHuman('maxmemory', maxmemory),
    ['maxmemory_policy', source.option('maxmemory-policy')],
    ['allocator_frag_ratio', ratio(arena, used)],
    ['allocator_frag_bytes', arena - used],
    ['allocator_rss_ratio', '1.00'],
    ['allocator_rss_bytes', 0],
    ['rss_overhead_ratio', ratio(process.rssBytes, arena)],
    ['rss_overhead_bytes', process.rssBytes - arena],
    ['mem_fragmentation_ratio', ratio(process.rssBytes, used)],
    ['mem_fragmentation_bytes', process.rssBytes - used],
    ...constants(0, 'mem_not_counted_for_evict', 'mem_replication_backlog', 'mem_total_replication_buffers'),
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', buffers],
    ...constants(0, 'mem_cluster_links', 'mem_aof_buffer'),
    ['mem_allocator', `anax-${ANAX_VERSION}`],
    ...constants(0, 'mem_overhead_db_hashtable_rehashing', 'active_defrag_running'),
    ['lazyfree_pending_objects', source.total('lazyFreePendingObjects')],
    ['lazyfreed_objects', source.total('lazyFreedObjects')],
  ];
}

function persistenceFields(source: InfoSource): Field[] {
  return [
    ...constants(0, 'loading', 'async_loading', 'current_cow_peak', 'current_cow_size', 'current_cow_size_age'),
    ['current_fork_perc', '0.00'],
    ...constants(0, 'current_save_keys_processed', 'current_save_keys_total'),
    ...constants(0, 'rdb_changes_since_last_save', 'rdb_bgsave_in_progress'),
    ['rdb_last_save_time', Math.floor(source.startedAtMs / 1000)],
    ['rdb_last_bgsave_status', 'ok'],
    ...constants(-1, 'rdb_last_bgsave_time_sec', 'rdb_current_bgsave_time_sec'),
    ...constants(0, 'rdb_saves', 'rdb_last_cow_size', 'rdb_last_load_keys_expired', 'rdb_last_load_keys_loaded'),
    ...constants(0, 'aof_enabled', 'aof_rewrite_in_progress', 'aof_rewrite_scheduled'),
    ...constants(-1, 'aof_last_rewrite_time_sec', 'aof_current_rewrite_time_sec'),
    ['aof_last_bgrewrite_status', 'ok'],
    ...constants(0, 'aof_rewrites', 'aof_rewrites_consecutive_failures'),
    ['aof_last_write_status', 'ok'],
    ...constants(0, 'aof_last_cow_size', 'module_fork_in_progress', 'module_fork_last_cow_size'),
  ];
}

function statsFields(source: InfoSource): Field[] {
  const total = (counter: CounterName): number => source.total(counter);
  return [
    ['total_connections_received', total('connectionsReceived')],
    ['total_commands_processed', total('commandsProcessed')],
    ['instantaneous_ops_per_sec', Math.round(source.opsPerSecond)],
    ['total_net_input_bytes', total('netInputBytes')],
    ['total_net_output_bytes', total('netOutputBytes')],
    ...constants(0, 'total_net_repl_input_bytes', 'total_net_repl_output_bytes'),
    ['instantaneous_input_kbps', ratio(source.inputBytesPerSecond, 1024)],
    ['instantaneous_output_kbps', ratio(source.outputBytesPerSecond, 1024)],
    ...constants('0.00', 'instantaneous_input_repl_kbps', 'instantaneous_output_repl_kbps'),
    ['rejected_connections', total('connectionsRejected')],
    ...constants(0, 'sync_full', 'sync_partial_ok', 'sync_partial_err'),
    ['expired_subkeys', total('expiredFields')],
    ['expired_keys', total('expiredKeys')],
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', total('expireTimeCaps')],
    ['expire_cycle_cpu_milliseconds', Math.floor(total('expireCycleUs') / 1000)],
    ['evicted_keys', total('evictedKeys')],
    ['evicted_clients', total('evictedClients')],
    ...constants(0, 'evicted_scripts', 'total_eviction_exceeded_time', 'current_eviction_exceeded_time'),
    ['keyspace_hits', total('keyspaceHits')],
    ['keyspace_misses', total('keyspaceMisses')],
    ['pubsub_channels', total('channels')],
    ['pubsub_patterns', total('patterns')],
    ['pubsubshard_channels', total('shardChannels')],
    ...constants(0, 'latest_fork_usec', 'total_forks'),
    ...constants(0, 'migrate_cached_sockets', 'slave_expires_tracked_keys'),
    ...constants(0, 'active_defrag_hits', 'active_defrag_misses', 'active_defrag_key_hits', 'active_defrag_key_misses'),
    ...constants(0, 'total_active_defrag_time', 'current_active_defrag_time'),
    ...constants(0, 'tracking_total_keys', 'tracking_total_items', 'tracking_total_prefixes'),
    ['unexpected_error_replies', 0],
    ['total_error_replies', total('errorReplies')],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', total('reads')],
    ['total_writes_processed', total('writes')],
    ...constants(0, 'io_threaded_reads_processed', 'io_threaded_writes_processed'),
    ['client_query_buffer_limit_disconnections', total('queryBufferDisconnections')],
    ['client_output_buffer_limit_disconnections', total('outputBufferDisconnections')],
    ...constants(0, 'reply_buffer_shrinks', 'reply_buffer_expands'),
    ['eventloop_cycles', total('cycles')],
    ['eventloop_duration_sum', Math.floor(total('cycleUs'))],
    ['eventloop_duration_cmd_sum', Math.floor(total('commandUs'))],
    ...constants(0, 'instantaneous_eventloop_cycles_per_sec', 'instantaneous_eventloop_duration_usec'),
    ['acl_access_denied_auth', errorsOf(source, 'WRONGPASS')],
    ...constants(0, 'acl_access_denied_cmd', 'acl_access_denied_key', 'acl_access_denied_channel'),
  ];
}

/** Error replies that began with `code`. */
function errorsOf(source: InfoSource, code: string): number {
  return source.errors().find(([each]) => each === code)?.[1] ?? 0;
}

function replicationFields(source: InfoSource): Field[] {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', source.replicationId],
    ['master_replid2', NO_REPLICATION_ID],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', source.option('repl-backlog-size')],
    ...constants(0, 'repl_backlog_first_byte_offset', 'repl_backlog_histlen'),
  ];
}

function cpuFields({ process }: InfoSource): Field[] {
  return [
    ['used_cpu_sys', seconds(process.systemUs)],
    ['used_cpu_user', seconds(process.userUs)],
    ...constants(seconds(0), 'used_cpu_sys_children', 'used_cpu_user_children'),
  ];
}

function seconds(us: number): string {
  return (us / 1e6).toFixed(6);
}

function commandFields(source: InfoSource): Field[] {
  const fields: Field[] = [];
  for (const command of source.commands.all) {
    const { calls, usec, rejected, failed } = source.commandStats(command.id);
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    fields.push([
      `cmdstat_${statName(command)}`,
      `calls=${calls},usec=${Math.round(usec)},usec_per_call=${ratio(usec, calls)}` +
        `,rejected_calls=${rejected},failed_calls=${failed}`,
    ]);
  }
  return fields;
}

/** A name as it may stand in a line of INFO. */
function statName(command: Command): string {
  return command.fullName.replaceAll(/[#:\n\r]/g, '_');
}

function errorFields(source: InfoSource): Field[] {
  const counted = source.errors().filter(([, count]) => count > 0);
  return counted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => [`errorstat_${code}`, `count=${count}`]);
}

function latencyFields(source: InfoSource): Field[] {
  const fields: Field[] = [];
  for (const command of source.commands.all) {
    const measured = source.latencies(command.id);
    if (measured === undefined) continue;
    fields.push([
      `latency_percentiles_usec_${statName(command)}`,
      `p50=${measured.p50.toFixed(3)},p99=${measured.p99.toFixed(3)},p99.9=${measured.p999.toFixed(3)}`,
    ]);
  }
  return fields;
}

function keyspaceFields(source: InfoSource): Field[] {
  const fields: Field[] = [];
  for (let db = 0; db < source.databases; db++) {
    const { keys, expires, averageTtlMs, subexpiry } = source.dbStats(db);
    if (keys === 0 && expires === 0) continue;
    fields.push([`db${db}`, `keys=${keys},expires=${expires},avg_ttl=${averageTtlMs},subexpiry=${subexpiry}`]);
  }
  return fields;
}

function coreFields(source: InfoSource): Field[] {
  return source
    .cores()
    .map((core, index) => [
      `core${index}`,
      `shard=${core.shard ? 1 : 0},connections=${core.connections},keys=${core.keys}` +
        `,used_memory=${core.usedMemoryBytes},commands=${core.commands}` +
        `,remote_commands=${core.remoteCommands},messages=${core.messages},wakeups=${core.wakeups}`,
    ]);
}
