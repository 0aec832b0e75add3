// Options of memory, data structures, the process, logging and monitoring.

import { inGroup, type Option } from './option.js';
import { checkTitle, eventClasses, oomScores, percentiles } from './special-values.js';
import {
  anyOf,
  bool,
  INT32_MAX,
  INT32_MIN,
  integer,
  INT64_MAX,
  memory,
  oneOf,
  oneOfWithSynonyms,
  text,
  UINT64_MAX,
} from './values.js';

/** A command that goes to another core names its database in 16 bits. */
const DATABASES_MAX = 65536n;

const memoryOption = inGroup('Memory');
const structure = inGroup('Data structures');
const general = inGroup('General');
const logging = inGroup('Logging');
const monitoring = inGroup('Monitoring');
const debugging = inGroup('Debugging');

const count = (): Option['kind'] => integer(0n, INT64_MAX);
const bytes = (): Option['kind'] => memory(0n, INT64_MAX);

const DEFRAG_UNAVAILABLE =
  'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like the one shipped by default with the Redis source distribution';

export const MEMORY_OPTIONS: readonly Option[] = [
  memoryOption('maxmemory', memory(0n, UINT64_MAX), '0', 'bytes that data may take, 0 for no limit', {
    warning: 'is accepted but does not limit memory yet',
  }),
  memoryOption(
    'maxmemory-policy',
    oneOf(
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ),
    'noeviction',
    'which keys make room above maxmemory',
    { warning: 'is accepted but evicts nothing yet' },
  ),
  memoryOption('maxmemory-samples', integer(1n, INT32_MAX), '5', 'keys compared to find one to evict'),
  memoryOption('maxmemory-eviction-tenacity', integer(0n, 100n), '10', 'effort of eviction, 100 for without pause'),
  memoryOption('lfu-log-factor', integer(0n, INT32_MAX), '10', 'accesses that a step of the frequency counter takes'),
  memoryOption('lfu-decay-time', integer(0n, INT32_MAX), '1', 'minutes after which the frequency counter falls'),
  memoryOption('lazyfree-lazy-eviction', bool(), 'no', 'free evicted values in the background'),
  memoryOption('lazyfree-lazy-expire', bool(), 'no', 'free expired values in the background'),
  memoryOption('lazyfree-lazy-server-del', bool(), 'no', 'free overwritten values in the background'),
  memoryOption('lazyfree-lazy-user-del', bool(), 'no', 'let DEL work as UNLINK'),
  memoryOption('lazyfree-lazy-user-flush', bool(), 'no', 'let FLUSHALL and FLUSHDB work as with ASYNC', {
    effect: 'used',
  }),
  memoryOption(
    'active-expire-effort',
    integer(1n, 10n),
    '1',
    'effort of removing expired keys before they are asked for',
  ),
  memoryOption('activedefrag', bool(), 'no', 'defragment memory in the background', {
    refuse: (value) => (value === 'no' ? undefined : DEFRAG_UNAVAILABLE),
  }),
  memoryOption(
    'active-defrag-ignore-bytes',
    memory(1n, INT64_MAX),
    '104857600',
    'waste below which nothing is defragmented',
  ),
  memoryOption('active-defrag-threshold-lower', integer(0n, 1000n), '10', 'percentage of waste at which it begins'),
  memoryOption('active-defrag-threshold-upper', integer(0n, 1000n), '100', 'percentage of waste of greatest effort'),
  memoryOption('active-defrag-cycle-min', integer(1n, 99n), '1', 'least percentage of time for it'),
  memoryOption('active-defrag-cycle-max', integer(1n, 99n), '25', 'greatest percentage of time for it'),
  memoryOption(
    'active-defrag-max-scan-fields',
    integer(1n, INT64_MAX),
    '1000',
    'elements of a collection done at once',
  ),
  memoryOption('jemalloc-bg-thread', bool(), 'yes', 'background thread of the allocator of Redis'),
  memoryOption('disable-thp', bool(), 'yes', 'keep the process off transparent huge pages', { immutable: true }),
  memoryOption(
    'oom-score-adj',
    oneOfWithSynonyms(['no', 'yes', 'relative', 'absolute'], { relative: 'yes' }),
    'no',
    'steer the OOM killer of Linux',
  ),
  memoryOption('oom-score-adj-values', oomScores(), '0 200 800', 'scores for it'),
];

export const STRUCTURE_OPTIONS: readonly Option[] = [
  structure('hash-max-listpack-entries', count(), '512', 'fields up to which a hash is packed', {
    aliases: ['hash-max-ziplist-entries'],
    effect: 'used',
  }),
  structure('hash-max-listpack-value', bytes(), '64', 'bytes of a field or value up to which a hash is packed', {
    aliases: ['hash-max-ziplist-value'],
    effect: 'used',
  }),
  structure(
    'list-max-listpack-size',
    integer(INT32_MIN, INT32_MAX),
    '-2',
    'elements of a list node, or -1 to -5 for 4 to 64 KiB',
    { aliases: ['list-max-ziplist-size'], effect: 'used' },
  ),
  structure(
    'list-compress-depth',
    integer(0n, INT32_MAX),
    '0',
    'list nodes at both ends that stay uncompressed, 0 for all',
    { warning: 'is accepted but list nodes are never compressed' },
  ),
  structure('set-max-intset-entries', count(), '512', 'integers up to which a set is an integer array', {
    effect: 'used',
  }),
  structure('set-max-listpack-entries', count(), '128', 'members up to which a set is packed', {
    since: '7.2',
    effect: 'used',
  }),
  structure('set-max-listpack-value', bytes(), '64', 'bytes of a member up to which a set is packed', {
    since: '7.2',
    effect: 'used',
  }),
  structure('zset-max-listpack-entries', count(), '128', 'members up to which a sorted set is packed', {
    aliases: ['zset-max-ziplist-entries'],
    effect: 'used',
  }),
  structure('zset-max-listpack-value', bytes(), '64', 'bytes of a member up to which a sorted set is packed', {
    aliases: ['zset-max-ziplist-value'],
    effect: 'used',
  }),
  structure('hll-sparse-max-bytes', bytes(), '3000', 'bytes up to which a HyperLogLog is sparse', { effect: 'used' }),
  structure('stream-node-max-bytes', bytes(), '4096', 'bytes of a stream node, 0 for any number', { effect: 'used' }),
  structure('stream-node-max-entries', count(), '100', 'entries of a stream node, 0 for any number', {
    effect: 'used',
  }),
];

const shutdownWords = (): Option['kind'] =>
  anyOf(['default', 'save', 'nosave', 'now', 'force'], (chosen) =>
    chosen.has('save') && chosen.has('nosave')
      ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
      : undefined,
  );

export const GENERAL_OPTIONS: readonly Option[] = [
  general('databases', integer(1n, DATABASES_MAX), '16', 'numbered databases, for SELECT', {
    effect: 'used',
    immutable: true,
  }),
  general('hz', integer(0n, INT32_MAX, [1, 500]), '10', 'background rounds per second'),
  general('dynamic-hz', bool(), 'yes', 'more background rounds with more clients'),
  general('daemonize', bool(), 'no', 'run in the background', {
    immutable: true,
    warning:
      'is accepted but Anax stays in the foreground: let a service manager or the shell put it in the background',
  }),
  general('supervised', oneOf('upstart', 'systemd', 'auto', 'no'), 'no', 'tell the service manager about readiness', {
    immutable: true,
  }),
  general('pidfile', text(), '', 'file for the process id, removed at the end', { effect: 'used', immutable: true }),
  general('always-show-logo', bool(), 'no', 'logo of Redis at the start', { immutable: true }),
  general('set-proc-title', bool(), 'yes', 'show addresses in the title of the process', { immutable: true }),
  general(
    'proc-title-template',
    text({ check: checkTitle }),
    '{title} {listen-addr} {server-mode}',
    'what that title says',
  ),
  general('locale-collate', text(), '', 'locale of string comparison, empty for that of the environment', {
    since: '7.2',
  }),
  general('activerehashing', bool(), 'yes', 'grow hash tables in idle time'),
  general('shutdown-timeout', integer(0n, INT32_MAX), '10', 'seconds that replicas get to catch up at shutdown'),
  general('shutdown-on-sigint', shutdownWords(), 'default', 'how SIGINT ends the server'),
  general('shutdown-on-sigterm', shutdownWords(), 'default', 'how SIGTERM ends the server'),
  general('ignore-warnings', text({ keepEmpty: true }), '', 'warnings of Redis to leave out'),
];

export const LOGGING_OPTIONS: readonly Option[] = [
  logging(
    'loglevel',
    oneOf('debug', 'verbose', 'notice', 'warning', 'nothing'),
    'notice',
    'least important messages that are logged',
    { effect: 'used' },
  ),
  logging('logfile', text({ keepEmpty: true }), '', 'file to append log lines to, empty for standard output', {
    effect: 'used',
    immutable: true,
  }),
  logging('hide-user-data-from-log', bool(), 'no', 'keep data of users out of the log', { since: '7.4' }),
  logging('syslog-enabled', bool(), 'no', 'log to the system logger', {
    immutable: true,
    warning: 'is accepted but nothing goes to syslog: use "logfile", or pipe standard output to logger(1)',
  }),
  logging('syslog-ident', text(), 'redis', 'name in the system log', { immutable: true }),
  logging(
    'syslog-facility',
    oneOf('user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'),
    'local0',
    'facility in the system log',
    { immutable: true },
  ),
  logging('crash-log-enabled', bool(), 'yes', 'report a crash in the log'),
  logging('crash-memcheck-enabled', bool(), 'yes', 'test memory after a crash'),
];

export const MONITORING_OPTIONS: readonly Option[] = [
  monitoring(
    'slowlog-log-slower-than',
    integer(-1n, INT64_MAX),
    '10000',
    'microseconds that make a command slow, -1 for none',
  ),
  monitoring('slowlog-max-len', count(), '128', 'slow commands remembered'),
  monitoring('latency-monitor-threshold', count(), '0', 'milliseconds that make an event slow, 0 for none'),
  monitoring('latency-tracking', bool(), 'yes', 'keep a latency histogram of each command'),
  monitoring(
    'latency-tracking-info-percentiles',
    percentiles(),
    '50 99 99.9',
    'percentiles that INFO latencystats shows',
  ),
  monitoring('notify-keyspace-events', eventClasses(), '', 'events of keys that are published'),
];

export const DEBUGGING_OPTIONS: readonly Option[] = [
  debugging('sanitize-dump-payload', oneOf('no', 'yes', 'clients'), 'no', 'check values of RESTORE thoroughly'),
  debugging(
    'propagation-error-behavior',
    oneOf('ignore', 'panic', 'panic-on-replicas'),
    'ignore',
    'when replaying fails',
  ),
  debugging('use-exit-on-panic', bool(), 'no', 'exit instead of abort after a panic', { hidden: true }),
  debugging('watchdog-period', integer(0n, INT32_MAX), '0', 'milliseconds after which a stall is reported', {
    hidden: true,
  }),
  debugging('key-load-delay', integer(INT32_MIN, INT32_MAX), '0', 'microseconds of delay per key loaded', {
    hidden: true,
  }),
  debugging('rdb-key-save-delay', integer(INT32_MIN, INT32_MAX), '0', 'microseconds of delay per key saved', {
    hidden: true,
  }),
  debugging('lua-enable-deprecated-api', bool(), 'no', 'old functions for scripts', { hidden: true, immutable: true }),
];
