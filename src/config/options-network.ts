// Options of threads, sockets, access, clients and limits.

import { inGroup, type Option } from './option.js';
import { addresses, outputLimits, threadCount } from './special-values.js';
import {
  bool,
  INT32_MAX,
  integer,
  INT64_MAX,
  memory,
  octal,
  oneOf,
  percentOrMemory,
  text,
  UINT32_MAX,
} from './values.js';

const threads = inGroup('Threads');
const network = inGroup('Network');
const security = inGroup('Security');
const limits = inGroup('Clients and limits');
const tls = inGroup('TLS');

const MEBIBYTE = 1048576n;

const TLS_REFUSED = 'Anax has no TLS yet: nothing would listen on that port';

/** Why `aclfile` and `user` lines are refused. */
export const ACL_REFUSED = 'Anax has no ACL users yet: nobody would enforce these rules';

export const NETWORK_OPTIONS: readonly Option[] = [
  threads('threads', threadCount(), 'auto', 'cores that each own a part of the keys; auto takes one per processor', {
    effect: 'used',
    immutable: true,
    since: 'anax',
  }),
  threads(
    'io',
    oneOf('auto', 'main', 'cores'),
    'auto',
    'where sockets are served: by the cores, or by the main thread',
    { effect: 'used', immutable: true, since: 'anax' },
  ),
  threads('io-threads', integer(1n, 128n), '1', 'I/O threads of Redis', {
    immutable: true,
    warning: 'has no effect: "threads" and "io" decide how Anax uses processors',
  }),
  threads('io-threads-do-reads', bool(), 'no', 'I/O threads of Redis also read', { immutable: true }),
  ...(
    [
      ['server-cpulist', 'server_cpulist', 'processors of the serving threads'],
      ['bio-cpulist', 'bio_cpulist', 'processors of the background threads'],
      ['aof-rewrite-cpulist', 'aof_rewrite_cpulist', 'processors of an append-only file rewrite'],
      ['bgsave-cpulist', 'bgsave_cpulist', 'processors of a background save'],
    ] as const
  ).map(([name, alias, help]): Option => ({
    name,
    aliases: [alias],
    kind: text(),
    default: '',
    group: 'Threads',
    effect: 'accepted',
    immutable: true,
    help,
  })),
  network('bind', addresses(), '* -::*', 'addresses to listen on; one with a leading - may be missing', {
    effect: 'used',
    atStartOnly: true,
  }),
  network('port', integer(0n, 65535n), '6379', 'TCP port to listen on, 0 for none', {
    effect: 'used',
    atStartOnly: true,
  }),
  network('unixsocket', text(), '', 'path of a Unix socket to listen on, empty for none', {
    effect: 'used',
    immutable: true,
  }),
  network('unixsocketperm', octal(0o777), '0', 'permissions of the Unix socket, 0 leaves them to the umask', {
    effect: 'used',
    immutable: true,
  }),
  network('tcp-backlog', integer(0n, INT32_MAX), '511', 'connections that may wait to be accepted', {
    effect: 'used',
    immutable: true,
  }),
  network(
    'tcp-keepalive',
    integer(0n, INT32_MAX),
    '300',
    'seconds of silence before TCP probes a client, 0 for never',
    { effect: 'used' },
  ),
  network('timeout', integer(0n, INT32_MAX), '0', 'seconds after which an idle client is closed, 0 for never', {
    effect: 'used',
  }),
  network('bind-source-addr', text(), '', 'address that outgoing connections leave from'),
  network('socket-mark-id', integer(0n, UINT32_MAX), '0', 'mark of all packets for the routing of the system', {
    immutable: true,
  }),
  network(
    'max-new-connections-per-cycle',
    integer(1n, 1000n),
    '10',
    'connections accepted before other work gets its turn',
    { since: '7.4' },
  ),
  tls(
    'max-new-tls-connections-per-cycle',
    integer(1n, 1000n),
    '1',
    'TLS connections accepted before other work gets its turn',
    { since: '7.4' },
  ),
  security('protected-mode', bool(), 'yes', 'without a password, talk to clients of this host only', {
    effect: 'used',
  }),
  security('requirepass', text(), '', 'password that AUTH and HELLO must give, empty for none', {
    effect: 'used',
    secret: true,
  }),
  security(
    'enable-debug-command',
    oneOf('no', 'yes', 'local'),
    'no',
    'who may use DEBUG: nobody, everybody, or clients of this host',
    { effect: 'used', immutable: true },
  ),
  security('enable-protected-configs', oneOf('no', 'yes', 'local'), 'no', 'who may CONFIG SET dir and dbfilename', {
    effect: 'used',
    immutable: true,
  }),
  security('enable-module-command', oneOf('no', 'yes', 'local'), 'no', 'who may use MODULE', { immutable: true }),
  security('aclfile', text(), '', 'file with ACL users', {
    immutable: true,
    refuse: (value) => (value === '' ? undefined : ACL_REFUSED),
  }),
  security('acllog-max-len', integer(0n, INT64_MAX), '128', 'entries of ACL LOG'),
  security(
    'acl-pubsub-default',
    oneOf('allchannels', 'resetchannels'),
    'resetchannels',
    'channels that a new user may use',
  ),
  limits('maxclients', integer(1n, UINT32_MAX), '10000', 'connections at a time', { effect: 'used' }),
  limits(
    'client-query-buffer-limit',
    memory(MEBIBYTE, INT64_MAX),
    '1073741824',
    'bytes of one request and what is read behind it',
    { effect: 'used' },
  ),
  limits(
    'client-output-buffer-limit',
    outputLimits(),
    'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    'unread reply bytes at which a client is closed',
    { effect: 'used' },
  ),
  limits(
    'proto-max-bulk-len',
    memory(MEBIBYTE, INT64_MAX),
    '536870912',
    'bytes of the longest argument and string value',
    { effect: 'used' },
  ),
  limits('maxmemory-clients', percentOrMemory(), '0', 'bytes that all clients together may take'),
  limits('tracking-table-max-keys', integer(0n, INT64_MAX), '1000000', 'keys remembered for client-side caching'),
  limits(
    'busy-reply-threshold',
    integer(0n, INT64_MAX),
    '5000',
    'milliseconds of a script before others are answered BUSY',
    { aliases: ['lua-time-limit'] },
  ),
];

export const TLS_OPTIONS: readonly Option[] = [
  tls('tls-port', integer(0n, 65535n), '0', 'TCP port for encrypted connections, 0 for none', {
    refuse: (value) => (value === '0' ? undefined : TLS_REFUSED),
  }),
  ...(
    [
      ['tls-cert-file', 'certificate of the server'],
      ['tls-key-file', 'private key of that certificate'],
      ['tls-key-file-pass', 'pass phrase of that key'],
      ['tls-client-cert-file', 'certificate for outgoing connections'],
      ['tls-client-key-file', 'private key for outgoing connections'],
      ['tls-client-key-file-pass', 'pass phrase of that key'],
      ['tls-dh-params-file', 'Diffie-Hellman parameters'],
      ['tls-ca-cert-file', 'certificates that are trusted'],
      ['tls-ca-cert-dir', 'directory of certificates that are trusted'],
      ['tls-protocols', 'protocol versions'],
      ['tls-ciphers', 'ciphers up to TLS 1.2'],
      ['tls-ciphersuites', 'ciphers of TLS 1.3'],
    ] as const
  ).map(([name, help]): Option => ({
    name,
    kind: text(),
    default: '',
    group: 'TLS',
    effect: 'accepted',
    ...(name.endsWith('-pass') ? { secret: true } : {}),
    help,
  })),
  tls('tls-auth-clients', oneOf('no', 'yes', 'optional'), 'yes', 'whether clients must show a certificate'),
  tls('tls-replication', bool(), 'no', 'encrypt replication'),
  tls('tls-cluster', bool(), 'no', 'encrypt the Cluster bus'),
  tls('tls-prefer-server-ciphers', bool(), 'no', 'choose ciphers by the order of the server'),
  tls('tls-session-caching', bool(), 'yes', 'resume sessions'),
  tls('tls-session-cache-size', integer(0n, INT32_MAX), '20480', 'sessions kept for resuming, 0 for any number'),
  tls('tls-session-cache-timeout', integer(0n, INT32_MAX), '300', 'seconds that a session is kept'),
];
