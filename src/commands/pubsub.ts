// Publish and subscribe. A channel belongs to the shard that owns its name, as a key does: PUBLISH is a command on that shard
// (shard/channels.ts), which sends each interested core one record; SUBSCRIBE and its like are plans (pubsub-plans.ts).

import { assert } from '../base/assert.js';
import { isMatchAll, matchGlob } from '../base/glob.js';
import type { Args } from '../contract/args.js';
import { TOPIC, type TopicKind } from '../contract/pubsub.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec, type ShardOp } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { withHelp } from './help.js';
import { planNumSub, planSubscribe, planUnsubscribe } from './pubsub-plans.js';

function opPublish(kind: TopicKind): ShardOp {
  return (db, args, reply) => {
    reply.integer(db.shard.channels.publish(kind, args));
  };
}

/** Names that somebody listens to, on one shard; those that fit the pattern at argument 2. */
function opNames(kind: TopicKind): ShardOp {
  return (db, args, reply) => {
    if (args.count > 3) {
      const word = args.latin1(1);
      reply.error(`ERR unknown subcommand or wrong number of arguments for '${word}'. Try PUBSUB HELP.`);
      return;
    }
    const mark = reply.mark();
    let found = 0;
    for (const name of db.shard.channels.names(kind)) {
      if (args.count === 3 && !fits(args, 2, name)) continue;
      reply.bulk(name, 0, name.length);
      found++;
    }
    reply.wrapArray(mark, found);
  };
}

function fits({ bytes, starts, ends }: Args, i: number, name: Uint8Array): boolean {
  return isMatchAll(bytes, starts[i], ends[i]) || matchGlob(bytes, starts[i], ends[i], name, 0, name.length);
}

function opNumPat(db: Db, _args: Args, reply: Reply): void {
  reply.integer(db.shard.channels.size(TOPIC.pattern));
}

const LISTEN_FLAGS = ['pubsub', 'noscript', 'loading', 'stale'] as const;
const ASK_FLAGS = ['pubsub', 'loading', 'stale'] as const;
const PUBLISH_FLAGS = ['pubsub', 'loading', 'stale', 'fast'] as const;

/** What the six have in common: a plan over the names that they are about. */
function listening(
  kind: TopicKind,
  word: string,
  ends: boolean,
): Pick<CommandSpec, 'flags' | 'group' | 'channels' | 'across'> {
  const at = { first: 1, last: -1 };
  const names = kind === TOPIC.pattern ? ({ patterns: 'write' } as const) : { at };
  return {
    flags: LISTEN_FLAGS,
    group: 'pubsub',
    channels: { ...names, writes: true, ...(ends ? { own: [kind] } : {}) },
    across: { plan: (ends ? planUnsubscribe : planSubscribe)(kind, word), alone: true, pushes: true },
  };
}

const subcommands: readonly CommandSpec[] = [
  {
    name: 'CHANNELS',
    since: '2.8.0',
    arity: -2,
    flags: ASK_FLAGS,
    group: 'pubsub',
    summary: 'Lists the channels that somebody listens to, or those of them whose names fit the pattern.',
    complexity: 'O(n), n = channels with listeners',
    usage: '[pattern]',
    examples: [
      ['PUBSUB CHANNELS', '*0'],
      ['PUBSUB CHANNELS a b', "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP."],
    ],
    onEveryShard: { op: opNames(TOPIC.channel), merge: 'concat' },
  },
  {
    name: 'NUMPAT',
    since: '2.8.0',
    arity: 2,
    flags: ASK_FLAGS,
    group: 'pubsub',
    summary: 'Returns how many patterns somebody listens to, each counted once.',
    complexity: 'O(1)',
    usage: '',
    examples: [['PUBSUB NUMPAT', ':0']],
    pickShard: () => 0,
    onShard: opNumPat,
  },
  {
    name: 'NUMSUB',
    since: '2.8.0',
    arity: -2,
    flags: ASK_FLAGS,
    group: 'pubsub',
    summary: 'Returns for each channel how many clients listen to it; patterns do not count.',
    complexity: 'O(n), n = channels given',
    usage: '[channel ...]',
    channels: { at: { first: 2, last: -1 }, writes: false },
    examples: [
      ['PUBSUB NUMSUB', '*0'],
      ['PUBSUB NUMSUB news', '*2\r\n$4\r\nnews\r\n:0'],
    ],
    across: { plan: planNumSub('LISTENERS'), alone: true },
  },
  {
    name: 'SHARDCHANNELS',
    since: '7.0.0',
    arity: -2,
    flags: ASK_FLAGS,
    group: 'pubsub',
    summary: 'Lists the shard channels that somebody listens to, or those of them whose names fit the pattern.',
    complexity: 'O(n), n = shard channels with listeners',
    usage: '[pattern]',
    examples: [['PUBSUB SHARDCHANNELS', '*0']],
    onEveryShard: { op: opNames(TOPIC.shardChannel), merge: 'concat' },
  },
  {
    name: 'SHARDNUMSUB',
    since: '7.0.0',
    arity: -2,
    flags: ASK_FLAGS,
    group: 'pubsub',
    summary: 'Returns for each shard channel how many clients listen to it.',
    complexity: 'O(n), n = shard channels given',
    usage: '[shardchannel ...]',
    channels: { at: { first: 2, last: -1 }, writes: false },
    examples: [['PUBSUB SHARDNUMSUB news', '*2\r\n$4\r\nnews\r\n:0']],
    across: { plan: planNumSub('SLISTENERS'), alone: true },
  },
];

export const PUBSUB_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'PUBLISH',
    since: '2.0.0',
    arity: 3,
    flags: PUBLISH_FLAGS,
    group: 'pubsub',
    summary: 'Sends a message to everybody who listens to the channel; returns how often it was received.',
    complexity: 'O(n + m), n = listeners to the channel, m = patterns',
    usage: 'channel message',
    channels: { at: { first: 1, last: 1 }, writes: true, patterns: 'read' },
    examples: [['PUBLISH news hello', ':0']],
    onShard: opPublish(TOPIC.channel),
  },
  {
    name: 'SPUBLISH',
    since: '7.0.0',
    arity: 3,
    flags: PUBLISH_FLAGS,
    group: 'pubsub',
    summary: 'Sends a message to everybody who listens to the shard channel; returns how often it was received.',
    complexity: 'O(n), n = listeners to the shard channel',
    usage: 'shardchannel message',
    keys: [keyAt(1, 'not_key')],
    channels: { at: { first: 1, last: 1 }, writes: true },
    examples: [['SPUBLISH news hello', ':0']],
    onShard: opPublish(TOPIC.shardChannel),
  },
  {
    name: 'SUBSCRIBE',
    since: '2.0.0',
    arity: -2,
    ...listening(TOPIC.channel, 'subscribe', false),
    summary: 'Listens to channels.',
    complexity: 'O(n), n = channels given',
    usage: 'channel [channel ...]',
    examples: [
      ['SUBSCRIBE news', '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1'],
      ['PING', '*2\r\n$4\r\npong\r\n$0\r\n'],
      [
        'GET k',
        "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
      ],
    ],
  },
  {
    name: 'UNSUBSCRIBE',
    since: '2.0.0',
    arity: -1,
    ...listening(TOPIC.channel, 'unsubscribe', true),
    summary: 'Listens no longer to channels: to the ones given, or to none at all.',
    complexity: 'O(n), n = channels given, or listened to',
    usage: '[channel ...]',
    examples: [
      ['SUBSCRIBE news', '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1'],
      ['UNSUBSCRIBE', '*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0'],
      ['UNSUBSCRIBE', '*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0'],
    ],
  },
  {
    name: 'PSUBSCRIBE',
    since: '2.0.0',
    arity: -2,
    ...listening(TOPIC.pattern, 'psubscribe', false),
    summary: 'Listens to all channels whose names fit the patterns.',
    complexity: 'O(n), n = patterns given',
    usage: 'pattern [pattern ...]',
    examples: [['PSUBSCRIBE news.*', '*3\r\n$10\r\npsubscribe\r\n$6\r\nnews.*\r\n:1']],
  },
  {
    name: 'PUNSUBSCRIBE',
    since: '2.0.0',
    arity: -1,
    ...listening(TOPIC.pattern, 'punsubscribe', true),
    summary: 'Listens no longer by patterns: by the ones given, or by none at all.',
    complexity: 'O(n), n = patterns given, or listened to',
    usage: '[pattern ...]',
    examples: [
      ['PSUBSCRIBE news.*', '*3\r\n$10\r\npsubscribe\r\n$6\r\nnews.*\r\n:1'],
      ['PUNSUBSCRIBE news.*', '*3\r\n$12\r\npunsubscribe\r\n$6\r\nnews.*\r\n:0'],
    ],
  },
  {
    name: 'SSUBSCRIBE',
    since: '7.0.0',
    arity: -2,
    ...listening(TOPIC.shardChannel, 'ssubscribe', false),
    summary: 'Listens to shard channels.',
    complexity: 'O(n), n = shard channels given',
    usage: 'shardchannel [shardchannel ...]',
    keys: [keysFrom(1, -1, 1, 'not_key')],
    examples: [['SSUBSCRIBE news', '*3\r\n$10\r\nssubscribe\r\n$4\r\nnews\r\n:1']],
  },
  {
    name: 'SUNSUBSCRIBE',
    since: '7.0.0',
    arity: -1,
    ...listening(TOPIC.shardChannel, 'sunsubscribe', true),
    summary: 'Listens no longer to shard channels: to the ones given, or to none at all.',
    complexity: 'O(n), n = shard channels given, or listened to',
    usage: '[shardchannel ...]',
    keys: [keysFrom(1, -1, 1, 'not_key')],
    examples: [
      ['SSUBSCRIBE news', '*3\r\n$10\r\nssubscribe\r\n$4\r\nnews\r\n:1'],
      ['SUNSUBSCRIBE news other', '*3\r\n$12\r\nsunsubscribe\r\n$4\r\nnews\r\n:0'],
    ],
  },
  {
    name: 'PUBSUB',
    since: '2.8.0',
    arity: -2,
    flags: [],
    group: 'pubsub',
    summary: 'Commands about channels and their listeners.',
    complexity: 'Depends on subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('PUBSUB', '6.2.0', subcommands),
  },
  ...internalCommands(),
];

/** What the plans do on one shard. The kind of topic is argument 1 of LISTEN and UNLISTEN. */
function internalCommands(): CommandSpec[] {
  const hidden = {
    since: '7.0.0',
    flags: [],
    group: 'pubsub',
    complexity: 'O(n), n = names',
    examples: [],
    internal: true,
  } as const;
  const at = { first: 2, last: -1 };
  const names = { at: { first: 1, last: -1 }, writes: false };
  const listen = { ...hidden, arity: -3, usage: 'kind name [name ...]', onShard: opListen };
  const unlisten = { ...listen, onShard: opUnlisten };
  const onChannels = { at, writes: true };
  const onPatterns = { patterns: 'write', writes: true } as const;
  const ask = { ...hidden, arity: -2, usage: 'name [name ...]', channels: names };
  return [
    { ...listen, name: 'LISTEN', summary: 'A client more listens to channels.', channels: onChannels },
    { ...unlisten, name: 'UNLISTEN', summary: 'A client less does.', channels: onChannels },
    { ...listen, name: 'PLISTEN', summary: 'A client more listens by patterns.', channels: onPatterns },
    { ...unlisten, name: 'PUNLISTEN', summary: 'A client less does.', channels: onPatterns },
    {
      ...ask,
      name: 'LISTENERS',
      summary: 'How many listen to channels.',
      onShard: opListeners(TOPIC.channel),
      across: { split: 'array' },
    },
    {
      ...ask,
      name: 'SLISTENERS',
      summary: 'How many listen to shard channels.',
      onShard: opListeners(TOPIC.shardChannel),
      across: { split: 'array' },
    },
  ];
}

function opListen(db: Db, args: Args, reply: Reply): void {
  changeListeners(db, args, true);
  reply.ok();
}

function opUnlisten(db: Db, args: Args, reply: Reply): void {
  changeListeners(db, args, false);
  reply.ok();
}

/** A client of the caller's core begins, or ends, to listen to the names from argument 2 on. */
function changeListeners(db: Db, args: Args, begins: boolean): void {
  const { caller, channels } = db.shard;
  assert(caller !== undefined, 'a shard is told who listens');
  const kind = args.integer(1) as TopicKind;
  for (let i = 2; i < args.count; i++) {
    if (begins) channels.listen(kind, caller.core, args, i);
    else channels.unlisten(kind, caller.core, args, i);
  }
}

function opListeners(kind: TopicKind): ShardOp {
  return (db, args, reply) => {
    reply.array(args.count - 1);
    for (let i = 1; i < args.count; i++) reply.integer(db.shard.channels.clients(kind, args, i));
  };
}
