// CLIENT: what connections are there, what this one is called, and closing or holding them.
//
// CLIENT LIST, KILL, PAUSE and UNPAUSE concern every core's connections: they ask all cores and put the answers
// together. The asking connection is never closed by CLIENT KILL's round, but by the command itself after its reply.

import { bytesOf } from '../base/bytes.js';
import { INT64_MAX } from '../base/integers.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import { matchesFilter, type ClientFilter, type ClientType } from '../contract/control.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec } from '../contract/spec.js';
import { BAD_CLIENT_NAME, DEFAULT_USER, isPlainWord } from './connection.js';
import { withHelp } from './help.js';

const ON = bytesOf('ON');
const OFF = bytesOf('OFF');
const SKIP = bytesOf('SKIP');
const YES = bytesOf('YES');
const NO = bytesOf('NO');
const ALL = bytesOf('ALL');
const WRITE = bytesOf('WRITE');
const ID = bytesOf('ID');
const TYPE = bytesOf('TYPE');
const USER = bytesOf('USER');
const ADDR = bytesOf('ADDR');
const LADDR = bytesOf('LADDR');
const SKIPME = bytesOf('SKIPME');
const TIMEOUT = bytesOf('TIMEOUT');
const ERROR = bytesOf('ERROR');
const MAXAGE = bytesOf('MAXAGE');
const LIB_NAME = bytesOf('LIB-NAME');
const LIB_VER = bytesOf('LIB-VER');

/** The longest answer of CLIENT LIST: a request can name one client as often as it likes. */
const LIST_CHARS_MAX = 256 * 1024 * 1024;

const BAD_CLIENT_ID = 'ERR client-id should be greater than 0';

/** The client types as requests name them. */
const CLIENT_TYPES: ReadonlyMap<string, ClientType> = new Map([
  ['normal', 'normal'],
  ['master', 'master'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
]);

function cmdId(client: Client, _args: Args, reply: Reply): void {
  reply.integer(client.id);
}

function cmdInfo(client: Client, _args: Args, reply: Reply): void {
  reply.verbatim(client.describe() + '\n');
}

function cmdGetName(client: Client, _args: Args, reply: Reply): void {
  if (client.name === '') reply.nil();
  else reply.bulkText(client.name);
}

function cmdSetName(client: Client, args: Args, reply: Reply): void {
  if (!isPlainWord(args, 2)) {
    reply.error(BAD_CLIENT_NAME);
    return;
  }
  client.name = args.latin1(2);
  reply.ok();
}

function cmdSetInfo(client: Client, args: Args, reply: Reply): void {
  const isName = args.is(2, LIB_NAME);
  if (!isName && !args.is(2, LIB_VER)) {
    reply.error(`ERR Unrecognized option '${args.latin1(2)}'`);
  } else if (!isPlainWord(args, 3)) {
    reply.error(`ERR ${args.latin1(2)} cannot contain spaces, newlines or special characters.`);
  } else {
    if (isName) client.libName = args.latin1(3);
    else client.libVersion = args.latin1(3);
    reply.ok();
  }
}

async function cmdList(client: Client, args: Args, reply: Reply): Promise<void> {
  let filter: ClientFilter = {};
  let wanted: number[] | undefined;
  if (args.count === 4 && args.is(2, TYPE)) {
    const type = clientType(args, 3, reply);
    if (type === undefined) return;
    filter = { type };
  } else if (args.count > 3 && args.is(2, ID)) {
    wanted = [];
    for (let i = 3; i < args.count; i++) {
      const id = args.integer(i);
      // An int64 beyond the safe integers is a number that no client has.
      if (Number.isNaN(id) && args.bigint(i) === undefined) {
        reply.error('ERR Invalid client ID');
        return;
      }
      wanted.push(id);
    }
    filter = { ids: wanted };
  } else if (args.count !== 2) {
    reply.error(ERRORS.syntax);
    return;
  }
  const answers = await client.server.everyCore({ topic: 'client-list', filter });
  const lines = new Map<number, string>();
  for (const { id, line } of answers.flat()) lines.set(id, line);
  // By id is by age; CLIENT LIST ID answers in the order of the request.
  const order = wanted ?? [...lines.keys()].sort((a, b) => a - b);
  let text = '';
  for (const id of order) {
    const line = lines.get(id);
    if (line !== undefined) text += line + '\n';
    if (text.length > LIST_CHARS_MAX) {
      reply.error(ERRORS.replyTooLong);
      return;
    }
  }
  reply.verbatim(text);
}

/** The client type that argument `i` names; undefined after an error reply. */
function clientType(args: Args, i: number, reply: Reply): ClientType | undefined {
  const name = args.latin1(i);
  const type = CLIENT_TYPES.get(name.toLowerCase());
  if (type === undefined) reply.error(`ERR Unknown client type '${name}'`);
  return type;
}

async function cmdKill(client: Client, args: Args, reply: Reply): Promise<void> {
  const oldForm = args.count === 3;
  const plan = oldForm ? { filter: { address: args.latin1(2) }, skipMe: false } : killPlan(args, reply);
  if (plan === undefined) return;
  const filter: ClientFilter = { ...plan.filter, skipId: client.id };
  const answers = await client.server.everyCore({ topic: 'client-kill', filter });
  let killed = answers.reduce((sum, count) => sum + count, 0);
  if (!plan.skipMe && matchesFilter(plan.filter, client, client.server.clock.nowMs())) {
    killed++;
    client.closeAfterReply();
  }
  if (!oldForm) reply.integer(killed);
  else if (killed === 0) reply.error('ERR No such client');
  else reply.ok();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The options of CLIENT KILL's new form; undefined after an error reply. A repeated option counts once, the last. */
function killPlan(args: Args, reply: Reply): { filter: ClientFilter; skipMe: boolean } | undefined {
  const filter: Mutable<ClientFilter> = {};
  let skipMe = true;
  for (let i = 2; i < args.count; i += 2) {
    const value = i + 1;
    if (value === args.count) {
      reply.error(ERRORS.syntax);
      return undefined;
    }
    if (args.is(i, ID)) {
      const id = args.bigint(value);
      if (id === undefined || id <= 0n) {
        reply.error(BAD_CLIENT_ID);
        return undefined;
      }
      filter.ids = [Number(id)];
    } else if (args.is(i, MAXAGE)) {
      const age = args.bigint(value);
      if (age === undefined || age <= 0n) {
        reply.error(
          `ERR maxage ${age === undefined ? 'is not an integer or out of range' : 'should be greater than 0'}`,
        );
        return undefined;
      }
      filter.maxAgeS = Number(age);
    } else if (args.is(i, TYPE)) {
      const type = clientType(args, value, reply);
      if (type === undefined) return undefined;
      filter.type = type;
    } else if (args.is(i, ADDR)) {
      filter.address = args.latin1(value);
    } else if (args.is(i, LADDR)) {
      filter.localAddress = args.latin1(value);
    } else if (args.is(i, USER)) {
      filter.user = args.latin1(value);
      if (filter.user !== DEFAULT_USER) {
        reply.error(`ERR No such user '${filter.user}'`);
        return undefined;
      }
    } else if (args.is(i, SKIPME) && (args.is(value, YES) || args.is(value, NO))) {
      skipMe = args.is(value, YES);
    } else {
      reply.error(ERRORS.syntax);
      return undefined;
    }
  }
  return { filter, skipMe };
}

/** What Redis says where it counts arguments itself. */
function tooManyArguments(args: Args): string {
  return `ERR unknown subcommand or wrong number of arguments for '${args.latin1(1)}'. Try CLIENT HELP.`;
}

async function cmdPause(client: Client, args: Args, reply: Reply): Promise<void> {
  const writesOnly = args.count > 3 && args.is(3, WRITE);
  if (args.count > 4) {
    reply.error(tooManyArguments(args));
    return;
  }
  if (args.count === 4 && !writesOnly && !args.is(3, ALL)) {
    reply.error('ERR CLIENT PAUSE mode must be WRITE or ALL');
    return;
  }
  const timeout = args.bigint(2);
  if (timeout === undefined || timeout < 0n) {
    reply.error(`ERR timeout is ${timeout === undefined ? 'not an integer or out of range' : 'negative'}`);
    return;
  }
  const nowMs = client.server.clock.nowMs();
  if (timeout > INT64_MAX - BigInt(nowMs)) {
    reply.error('ERR timeout is out of range');
    return;
  }
  const untilMs = nowMs + Number(timeout);
  await client.server.everyCore({ topic: 'client-pause', mode: writesOnly ? 'write' : 'all', untilMs });
  reply.ok();
}

async function cmdUnpause(client: Client, _args: Args, reply: Reply): Promise<void> {
  await client.server.everyCore({ topic: 'client-unpause' });
  reply.ok();
}

async function cmdUnblock(client: Client, args: Args, reply: Reply): Promise<void> {
  if (args.count > 4) {
    reply.error(tooManyArguments(args));
    return;
  }
  const withError = args.count === 4 && args.is(3, ERROR);
  if (args.count > 3 && !withError && !args.is(3, TIMEOUT)) {
    reply.error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
    return;
  }
  const id = args.integer(2);
  if (Number.isNaN(id) && args.bigint(2) === undefined) {
    reply.error(ERRORS.notInteger);
    return;
  }
  const answers = await client.server.everyCore({ topic: 'client-unblock', id, withError });
  reply.integer(answers.includes(true) ? 1 : 0);
}

function cmdReply(client: Client, args: Args, reply: Reply): void {
  if (args.is(2, ON)) {
    client.replyMode = 'on';
    reply.ok();
  } else if (args.is(2, OFF)) {
    client.replyMode = 'off';
  } else if (args.is(2, SKIP)) {
    if (client.replyMode !== 'off') client.replyMode = 'skip';
  } else {
    reply.error(ERRORS.syntax);
  }
}

function cmdNoEvict(client: Client, args: Args, reply: Reply): void {
  const on = onOrOff(args, 2, reply);
  if (on !== undefined) client.noEvict = on;
}

function cmdNoTouch(client: Client, args: Args, reply: Reply): void {
  const on = onOrOff(args, 2, reply);
  if (on !== undefined) client.noTouch = on;
}

/** Reads a switch and answers OK; undefined after an error reply. */
function onOrOff(args: Args, i: number, reply: Reply): boolean | undefined {
  const on = args.is(i, ON);
  if (on || args.is(i, OFF)) {
    reply.ok();
    return on;
  }
  reply.error(ERRORS.syntax);
  return undefined;
}

const subcommands: readonly CommandSpec[] = [
  {
    name: 'ID',
    since: '5.0.0',
    arity: 2,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Returns the number of this connection.',
    complexity: 'O(1)',
    usage: '',
    examples: [['CLIENT ID x', "-ERR wrong number of arguments for 'client|id' command"]],
    onClient: cmdId,
  },
  {
    name: 'INFO',
    since: '6.2.0',
    arity: 2,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Describes this connection in one line.',
    complexity: 'O(1)',
    usage: '',
    tips: ['nondeterministic_output'],
    examples: [['CLIENT INFO x', "-ERR wrong number of arguments for 'client|info' command"]],
    onClient: cmdInfo,
  },
  {
    name: 'LIST',
    since: '2.4.0',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Describes the open connections, one line each.',
    complexity: 'O(N) where N is the number of client connections',
    usage: '[TYPE client-type=(NORMAL | MASTER | REPLICA | PUBSUB)]@5.0.0 [ID client-id [client-id ...]]@6.2.0',
    history: [
      ['2.8.12', 'Lines carry the `id` of the connection.'],
      ['5.0.0', 'Filter `TYPE`.'],
      ['6.0.0', 'Lines carry the `user`.'],
      ['6.2.0', 'Fields `argv-mem`, `tot-mem`, `laddr` and `redir`; filter `ID`.'],
      ['7.0.0', 'Fields `resp`, `multi-mem`, `rbs` and `rbp`.'],
      ['7.0.3', 'Field `ssub`.'],
    ],
    tips: ['nondeterministic_output'],
    examples: [
      ['CLIENT LIST TYPE robot', "-ERR Unknown client type 'robot'"],
      ['CLIENT LIST ID one', '-ERR Invalid client ID'],
      ['CLIENT LIST ID', '-ERR syntax error'],
      ['CLIENT LIST TYPE replica', '$0\r\n'],
    ],
    onClient: cmdList,
  },
  {
    name: 'GETNAME',
    since: '2.6.9',
    arity: 2,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Returns the name of this connection, nil without one.',
    complexity: 'O(1)',
    usage: '',
    examples: [['CLIENT GETNAME', '$-1']],
    onClient: cmdGetName,
  },
  {
    name: 'SETNAME',
    since: '2.6.9',
    arity: 3,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Names this connection; an empty name takes the name away.',
    complexity: 'O(1)',
    usage: 'connection-name',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    examples: [
      ['CLIENT SETNAME worker-1', '+OK'],
      ['CLIENT GETNAME', '$8\r\nworker-1'],
      ['CLIENT SETNAME "a b"', `-${BAD_CLIENT_NAME}`],
      ['CLIENT SETNAME ""', '+OK'],
      ['CLIENT GETNAME', '$-1'],
    ],
    onClient: cmdSetName,
  },
  {
    name: 'SETINFO',
    since: '7.2.0',
    arity: 4,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Tells the name or version of the client library, which CLIENT LIST then shows.',
    complexity: 'O(1)',
    usage: 'attr=(libname=LIB-NAME libname | libver=LIB-VER libver)',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    examples: [
      ['CLIENT SETINFO lib-name ioredis', '+OK'],
      ['CLIENT SETINFO lib-ver "1 2"', '-ERR lib-ver cannot contain spaces, newlines or special characters.'],
      ['CLIENT SETINFO lib-color red', "-ERR Unrecognized option 'lib-color'"],
    ],
    onClient: cmdSetInfo,
  },
  {
    name: 'KILL',
    since: '2.4.0',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Closes connections: the one with the given address, or all that pass every given filter.',
    complexity: 'O(N) where N is the number of client connections',
    usage:
      'filter=(ip:port!2.8.12 | new-format=([ID client-id]@2.8.12 | ' +
      '[TYPE client-type=(NORMAL | MASTER@3.2.0 | SLAVE | REPLICA@5.0.0 | PUBSUB)]@2.8.12 | [USER username] | ' +
      '[ADDR ip:port] | [LADDR ip:port]@6.2.0 | [SKIPME skipme=(YES | NO)] | [MAXAGE maxage]@7.4.0) ...)',
    history: [
      ['2.8.12', 'Form with filters.'],
      ['2.8.12', 'Filter `ID`.'],
      ['3.2.0', 'Filter `TYPE` knows `master`.'],
      ['5.0.0', 'Filter `TYPE` says `replica`; `slave` still works.'],
      ['6.2.0', 'Filter `LADDR`.'],
      ['7.4.0', 'Filter `MAXAGE`.'],
    ],
    examples: [
      ['CLIENT KILL 127.0.0.1:1', '-ERR No such client'],
      ['CLIENT KILL ID 0', `-${BAD_CLIENT_ID}`],
      ['CLIENT KILL TYPE master', ':0'],
      ['CLIENT KILL MAXAGE 0', '-ERR maxage should be greater than 0'],
      ['CLIENT KILL SKIPME perhaps', '-ERR syntax error'],
      ['CLIENT KILL USER nobody', "-ERR No such user 'nobody'"],
    ],
    onClient: cmdKill,
  },
  {
    name: 'PAUSE',
    since: '3.0.0',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Holds back the commands of all clients, or only those that write, for some milliseconds.',
    complexity: 'O(1)',
    usage: 'timeout [WRITE | ALL]@6.2.0',
    history: [['6.2.0', 'Mode `WRITE` beside `ALL`.']],
    examples: [
      ['CLIENT PAUSE soon', '-ERR timeout is not an integer or out of range'],
      ['CLIENT PAUSE -1', '-ERR timeout is negative'],
      ['CLIENT PAUSE 1 READ', '-ERR CLIENT PAUSE mode must be WRITE or ALL'],
    ],
    onClient: cmdPause,
  },
  {
    name: 'UNPAUSE',
    since: '6.2.0',
    arity: 2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Ends a CLIENT PAUSE early.',
    complexity: 'O(N) where N is the number of paused clients',
    usage: '',
    examples: [['CLIENT UNPAUSE', '+OK']],
    onClient: cmdUnpause,
  },
  {
    name: 'UNBLOCK',
    since: '5.0.0',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Ends the waiting of a blocked client, as if its time were over or with an error.',
    complexity: 'O(1) on each core',
    usage: 'client-id:integer [TIMEOUT | ERROR]',
    examples: [
      ['CLIENT UNBLOCK 999999', ':0'],
      ['CLIENT UNBLOCK one', `-${ERRORS.notInteger}`],
      ['CLIENT UNBLOCK 1 NOW', '-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR'],
    ],
    onClient: cmdUnblock,
  },
  {
    name: 'REPLY',
    since: '3.2.0',
    arity: 3,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Turns the replies to this connection on or off, or leaves out the next one.',
    complexity: 'O(1)',
    usage: 'action=(ON | OFF | SKIP)',
    examples: [
      ['CLIENT REPLY ON', '+OK'],
      ['CLIENT REPLY sometimes', '-ERR syntax error'],
    ],
    onClient: cmdReply,
  },
  {
    name: 'NO-EVICT',
    since: '7.0.0',
    arity: 3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Spares this connection when clients are closed to save memory.',
    complexity: 'O(1)',
    usage: 'enabled=(ON | OFF)',
    examples: [
      ['CLIENT NO-EVICT ON', '+OK'],
      ['CLIENT NO-EVICT maybe', '-ERR syntax error'],
    ],
    onClient: cmdNoEvict,
  },
  {
    name: 'NO-TOUCH',
    since: '7.2.0',
    arity: 3,
    flags: ['noscript', 'loading', 'stale'],
    group: 'connection',
    summary: 'Lets the commands of this connection leave the last access times of keys alone.',
    complexity: 'O(1)',
    usage: 'enabled=(ON | OFF)',
    examples: [
      ['CLIENT NO-TOUCH ON', '+OK'],
      ['CLIENT NO-TOUCH OFF', '+OK'],
    ],
    onClient: cmdNoTouch,
  },
];

export const CLIENT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'CLIENT',
    since: '2.4.0',
    arity: -2,
    flags: [],
    group: 'connection',
    summary: 'Commands about client connections.',
    complexity: 'Depends on subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('CLIENT', '5.0.0', subcommands),
  },
];
