// Options of persistence, replication and Cluster.
//
// A line that promises durability is taken with a warning, so that an existing configuration starts; one that would
// make a silent master out of a replica, or a plain server out of a Cluster node, is refused.

import { inGroup, type Option } from './option.js';
import { checkFileName, checkHostname, directory, masterAddress, savePoints } from './special-values.js';
import { bool, INT32_MAX, integer, INT64_MAX, memory, oneOf, text, UINT64_MAX } from './values.js';

const persistence = inGroup('Persistence');
const replication = inGroup('Replication');
const cluster = inGroup('Cluster');

const port = (): Option['kind'] => integer(0n, 65535n);
const natural = (): Option['kind'] => integer(0n, INT32_MAX);

const NOTHING_PERSISTS = 'is accepted but Anax does not write data to disk yet: everything is lost when it stops';

export const PERSISTENCE_OPTIONS: readonly Option[] = [
  persistence('dir', directory(), '', 'working directory; empty stays where Anax was started', {
    effect: 'used',
    protected: true,
  }),
  // Redis saves by default; this default says what Anax does.
  persistence('save', savePoints(), '', 'when to write a snapshot', { warning: NOTHING_PERSISTS }),
  persistence(
    'dbfilename',
    text({ check: checkFileName('dbfilename', 'filename', true), keepEmpty: true }),
    'dump.rdb',
    'name of the snapshot file',
    { protected: true },
  ),
  persistence('rdbcompression', bool(), 'yes', 'compress strings in snapshots'),
  persistence('rdbchecksum', bool(), 'yes', 'end snapshots with a checksum', { immutable: true }),
  persistence('rdb-del-sync-files', bool(), 'no', 'remove snapshots that replication used'),
  persistence('rdb-save-incremental-fsync', bool(), 'yes', 'sync a snapshot while it is written'),
  persistence('stop-writes-on-bgsave-error', bool(), 'yes', 'refuse writes after a failed snapshot'),
  persistence('appendonly', bool(), 'no', 'log every write to a file', { warning: NOTHING_PERSISTS }),
  persistence(
    'appendfilename',
    text({ check: checkFileName('appendfilename', 'filename', false) }),
    'appendonly.aof',
    'name of that file',
    { immutable: true },
  ),
  persistence(
    'appenddirname',
    text({ check: checkFileName('appenddirname', 'dirname', false) }),
    'appendonlydir',
    'directory of that file',
    { immutable: true },
  ),
  persistence('appendfsync', oneOf('everysec', 'always', 'no'), 'everysec', 'when that file is synced'),
  persistence('no-appendfsync-on-rewrite', bool(), 'no', 'do not sync it while it is rewritten'),
  persistence('auto-aof-rewrite-percentage', natural(), '100', 'growth at which it is rewritten, 0 for never'),
  persistence('auto-aof-rewrite-min-size', memory(0n, INT64_MAX), '67108864', 'size below which it is not'),
  persistence('aof-load-truncated', bool(), 'yes', 'start with a file whose end is missing'),
  persistence('aof-use-rdb-preamble', bool(), 'yes', 'begin a rewritten file with a snapshot'),
  persistence('aof-timestamp-enabled', bool(), 'no', 'note times in that file'),
  persistence('aof-rewrite-incremental-fsync', bool(), 'yes', 'sync a rewritten file while it is written'),
  persistence('aof-disable-auto-gc', bool(), 'no', 'keep files that are no longer needed'),
];

export const REPLICATION_OPTIONS: readonly Option[] = [
  replication('replicaof', masterAddress(), '', 'master to copy', {
    aliases: ['slaveof'],
    immutable: true,
    refuse: (value) =>
      value === '' ? undefined : 'Anax cannot replicate yet: it would run as a master with data of its own',
  }),
  replication('masterauth', text(), '', 'password for the master', { secret: true }),
  replication('masteruser', text(), '', 'user name for the master'),
  replication('replica-serve-stale-data', bool(), 'yes', 'answer while the master is away', {
    aliases: ['slave-serve-stale-data'],
  }),
  replication('replica-read-only', bool(), 'yes', 'refuse writes to a replica', { aliases: ['slave-read-only'] }),
  replication('replica-priority', natural(), '100', 'rank for promotion, 0 for never', { aliases: ['slave-priority'] }),
  replication('replica-announced', bool(), 'yes', 'let Sentinel list this replica'),
  replication('replica-announce-ip', text(), '', 'address that a replica tells its master', {
    aliases: ['slave-announce-ip'],
  }),
  replication('replica-announce-port', port(), '0', 'port that a replica tells its master', {
    aliases: ['slave-announce-port'],
  }),
  replication('replica-ignore-maxmemory', bool(), 'yes', 'leave eviction to the master', {
    aliases: ['slave-ignore-maxmemory'],
  }),
  replication('replica-ignore-disk-write-errors', bool(), 'no', 'go on as a replica that cannot write its files'),
  replication('replica-lazy-flush', bool(), 'no', 'flush old data in the background at a full sync', {
    aliases: ['slave-lazy-flush'],
  }),
  replication('repl-diskless-sync', bool(), 'yes', 'send snapshots without a file'),
  replication('repl-diskless-sync-delay', natural(), '5', 'seconds to wait for more replicas'),
  replication('repl-diskless-sync-max-replicas', natural(), '0', 'replicas at which the wait ends, 0 for any number'),
  replication(
    'repl-diskless-load',
    oneOf('disabled', 'on-empty-db', 'swapdb'),
    'disabled',
    'load a snapshot without a file',
  ),
  replication('repl-disable-tcp-nodelay', bool(), 'no', 'fewer, later packets to replicas'),
  replication('repl-backlog-size', memory(1n, INT64_MAX), '1048576', 'bytes kept for replicas that come back'),
  replication(
    'repl-backlog-ttl',
    integer(0n, INT64_MAX),
    '3600',
    'seconds without replicas after which they are freed',
  ),
  replication('repl-timeout', integer(1n, INT32_MAX), '60', 'seconds of silence that end a replication link'),
  replication('repl-ping-replica-period', integer(1n, INT32_MAX), '10', 'seconds between pings to replicas', {
    aliases: ['repl-ping-slave-period'],
  }),
  replication('min-replicas-to-write', natural(), '0', 'replicas without which writes are refused', {
    aliases: ['min-slaves-to-write'],
  }),
  replication('min-replicas-max-lag', natural(), '10', 'seconds of silence that make a replica not count', {
    aliases: ['min-slaves-max-lag'],
  }),
];

export const CLUSTER_OPTIONS: readonly Option[] = [
  cluster('cluster-enabled', bool(), 'no', 'be a node of a Redis Cluster', {
    immutable: true,
    refuse: (value) =>
      value === 'no' ? undefined : 'Anax has no Cluster mode: it would serve all slots as a plain server',
  }),
  cluster('cluster-config-file', text({ keepEmpty: true }), 'nodes.conf', 'file for the state of the Cluster', {
    immutable: true,
  }),
  cluster('cluster-port', port(), '0', 'port of the Cluster bus, 0 for port + 10000', { immutable: true }),
  cluster('cluster-node-timeout', integer(0n, INT64_MAX), '15000', 'milliseconds of silence that make a node fail'),
  cluster('cluster-replica-validity-factor', natural(), '10', 'how old data of a replica may be for a failover', {
    aliases: ['cluster-slave-validity-factor'],
  }),
  cluster('cluster-migration-barrier', natural(), '1', 'replicas that a master keeps when others need one'),
  cluster('cluster-allow-replica-migration', bool(), 'yes', 'let replicas move to masters without any'),
  cluster('cluster-require-full-coverage', bool(), 'yes', 'stop when slots are not served'),
  cluster('cluster-replica-no-failover', bool(), 'no', 'never start a failover', {
    aliases: ['cluster-slave-no-failover'],
  }),
  cluster('cluster-allow-reads-when-down', bool(), 'no', 'serve reads while the Cluster is down'),
  cluster('cluster-allow-pubsubshard-when-down', bool(), 'yes', 'serve shard channels while the Cluster is down'),
  cluster('cluster-link-sendbuf-limit', memory(0n, UINT64_MAX), '0', 'bytes unsent at which a bus link is closed'),
  cluster('cluster-announce-ip', text(), '', 'address told to other nodes'),
  cluster('cluster-announce-hostname', text({ check: checkHostname }), '', 'host name told to other nodes'),
  cluster('cluster-announce-human-nodename', text(), '', 'name of this node in logs', { since: '7.2' }),
  cluster('cluster-announce-port', port(), '0', 'port told to other nodes'),
  cluster('cluster-announce-tls-port', port(), '0', 'TLS port told to other nodes'),
  cluster('cluster-announce-bus-port', port(), '0', 'bus port told to other nodes'),
  cluster(
    'cluster-preferred-endpoint-type',
    oneOf('ip', 'hostname', 'unknown-endpoint'),
    'ip',
    'what redirections name',
  ),
];
