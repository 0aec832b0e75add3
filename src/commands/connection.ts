// The connection family: greeting, authentication, database choice, and goodbye.
//
// One user exists, `default`; its password is the option requirepass, and without one every password fits. Passwords are
// compared by their SHA-256 in constant time, so that neither their length nor a common prefix shows in the timing.

import { createHash, timingSafeEqual } from 'node:crypto';
import { bytesOf } from '../base/bytes.js';
import { REDIS_VERSION } from '../base/version.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import { TOPIC } from '../contract/pubsub.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec } from '../contract/spec.js';
import { planReset } from './pubsub-plans.js';

/** The one user. */
export const DEFAULT_USER = 'default';

export const BAD_CLIENT_NAME = 'ERR Client names cannot contain spaces, newlines or special characters.';

const AUTH = bytesOf('AUTH');
const SETNAME = bytesOf('SETNAME');
const INT_MAX = 2147483647;

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD_SET =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?';
const HELLO_NEEDS_AUTH =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> ' +
  'option can be used to authenticate the client and select the RESP protocol version at the same time';

/** True when argument `i` is a legal client name or attribute: visible ASCII without spaces; empty clears it. */
export function isPlainWord(args: Args, i: number): boolean {
  for (let at = args.starts[i]; at < args.ends[i]; at++) {
    if (args.bytes[at] < 0x21 || args.bytes[at] > 0x7e) return false;
  }
  return true;
}

function cmdPing(client: Client, args: Args, reply: Reply): void {
  if (args.count > 2) {
    reply.error(wrongArity('ping'));
  } else if (client.subscribed && client.protocol === 2) {
    // Where messages look like replies, the answer looks like a message.
    reply.array(2);
    reply.bulkText('pong');
    if (args.count === 1) reply.bulkText('');
    else reply.bulk(args.bytes, args.starts[1], args.ends[1]);
  } else if (args.count === 1) reply.simple('PONG');
  else reply.bulk(args.bytes, args.starts[1], args.ends[1]);
}

function cmdEcho(_client: Client, args: Args, reply: Reply): void {
  reply.bulk(args.bytes, args.starts[1], args.ends[1]);
}

function cmdQuit(client: Client, _args: Args, reply: Reply): void {
  reply.ok();
  client.closeAfterReply();
}

function cmdSelect(client: Client, args: Args, reply: Reply): void {
  const index = args.integer(1);
  if (Number.isNaN(index) && args.bigint(1) === undefined) {
    reply.error(ERRORS.notInteger);
  } else if (!(index <= INT_MAX && index >= -INT_MAX - 1)) {
    reply.error(`ERR value is out of range, value must between ${-INT_MAX - 1} and ${INT_MAX}`);
  } else if (index < 0 || index >= Number(client.server.config.value('databases'))) {
    reply.error(ERRORS.dbOutOfRange);
  } else {
    client.db = index;
    reply.ok();
  }
}

function cmdAuth(client: Client, args: Args, reply: Reply): void {
  if (args.count > 3) {
    reply.error(ERRORS.syntax);
  } else if (args.count === 2 && client.server.config.value('requirepass') === '') {
    reply.error(NO_PASSWORD_SET);
  } else if (authenticate(client, args, args.count === 3 ? 1 : 0, args.count - 1)) {
    reply.ok();
  } else {
    reply.error(WRONG_PASSWORD);
  }
}

/** Logs the client in when user (argument `userAt`; 0: the default one) and password (argument `passwordAt`) fit. */
function authenticate(client: Client, args: Args, userAt: number, passwordAt: number): boolean {
  const required = client.server.config.value('requirepass');
  const given = args.bytes.subarray(args.starts[passwordAt], args.ends[passwordAt]);
  const fits = timingSafeEqual(sha256(given), sha256(bytesOf(required)));
  const knowsUser = userAt === 0 || args.latin1(userAt) === DEFAULT_USER;
  if (!knowsUser || (required !== '' && !fits)) return false;
  client.user = DEFAULT_USER;
  client.authenticated = true;
  return true;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function cmdHello(client: Client, args: Args, reply: Reply): void {
  const version = args.count > 1 ? args.integer(1) : client.protocol;
  if (Number.isNaN(version) && args.bigint(1) === undefined) {
    reply.error('ERR Protocol version is not an integer or out of range');
    return;
  }
  if (version !== 2 && version !== 3) {
    reply.error('NOPROTO unsupported protocol version');
    return;
  }
  let userAt = 0;
  let nameAt = 0;
  for (let i = 2; i < args.count; i++) {
    const rest = args.count - 1 - i;
    if (args.is(i, AUTH) && rest >= 2) {
      userAt = i + 1;
      i += 2;
    } else if (args.is(i, SETNAME) && rest >= 1) {
      nameAt = i + 1;
      if (!isPlainWord(args, nameAt)) {
        reply.error(BAD_CLIENT_NAME);
        return;
      }
      i++;
    } else {
      reply.error(`ERR Syntax error in HELLO option '${args.latin1(i)}'`);
      return;
    }
  }
  if (userAt !== 0 && !authenticate(client, args, userAt, userAt + 1)) {
    reply.error(WRONG_PASSWORD);
    return;
  }
  if (!client.authenticated) {
    reply.error(HELLO_NEEDS_AUTH);
    return;
  }
  if (nameAt !== 0) client.name = args.latin1(nameAt);
  client.protocol = version;
  reply.protocol = version;
  greet(client, reply);
}

function greet(client: Client, reply: Reply): void {
  reply.map(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(REDIS_VERSION);
  reply.bulkText('proto');
  reply.integer(client.protocol);
  reply.bulkText('id');
  reply.integer(client.id);
  reply.bulkText('mode');
  reply.bulkText('standalone');
  reply.bulkText('role');
  reply.bulkText('master');
  reply.bulkText('modules');
  reply.array(0);
}

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'PING',
    since: '1.0.0',
    arity: -1,
    flags: ['fast'],
    group: 'connection',
    summary: 'Answers PONG, or the message that came with it.',
    complexity: 'O(1)',
    usage: '[message]',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    examples: [
      ['PING', '+PONG'],
      ['PING hello', '$5\r\nhello'],
      ['PING a b', "-ERR wrong number of arguments for 'ping' command"],
    ],
    onClient: cmdPing,
  },
  {
    name: 'ECHO',
    since: '1.0.0',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    group: 'connection',
    summary: 'Gives the message back.',
    complexity: 'O(1)',
    usage: 'message',
    examples: [['ECHO hello', '$5\r\nhello']],
    onClient: cmdEcho,
  },
  {
    name: 'QUIT',
    since: '1.0.0',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    group: 'connection',
    summary: 'Closes the connection once its replies have left.',
    complexity: 'O(1)',
    usage: '',
    deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
    examples: [['QUIT', '+OK']],
    onClient: cmdQuit,
  },
  {
    name: 'RESET',
    since: '6.2.0',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    group: 'connection',
    summary: 'Puts the connection back into the state of a new one.',
    complexity: 'O(1)',
    usage: '',
    examples: [['RESET', '+RESET']],
    channels: { writes: true, own: Object.values(TOPIC) },
    across: { plan: planReset, alone: true, pushes: true },
  },
  {
    name: 'HELLO',
    since: '6.0.0',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    group: 'connection',
    summary: 'Greets the server: chooses the protocol version, and may log in and name the connection.',
    complexity: 'O(1)',
    usage: 'arguments=[protover auth=[AUTH username password] clientname=[SETNAME clientname]]',
    history: [['6.2.0', '`protover` may be left out; the reply then describes the connection as it is.']],
    examples: [
      ['HELLO 4', '-NOPROTO unsupported protocol version'],
      ['HELLO three', '-ERR Protocol version is not an integer or out of range'],
      ['HELLO 2 NAME x', "-ERR Syntax error in HELLO option 'NAME'"],
    ],
    onClient: cmdHello,
  },
  {
    name: 'AUTH',
    since: '1.0.0',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    group: 'connection',
    summary: 'Logs the connection in.',
    complexity: 'O(N) where N is the number of passwords defined for the user',
    usage: '[username]@6.0.0 password',
    history: [['6.0.0', 'Takes a user name before the password.']],
    examples: [
      ['AUTH secret', `-${NO_PASSWORD_SET}`],
      ['AUTH nobody secret', `-${WRONG_PASSWORD}`],
      ['AUTH a b c', '-ERR syntax error'],
    ],
    onClient: cmdAuth,
  },
  {
    name: 'SELECT',
    since: '1.0.0',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    group: 'connection',
    summary: 'Chooses the database that later commands of the connection work on.',
    complexity: 'O(1)',
    usage: 'index',
    examples: [
      ['SELECT 1', '+OK'],
      ['SELECT -1', '-ERR DB index is out of range'],
      ['SELECT one', '-ERR value is not an integer or out of range'],
    ],
    onClient: cmdSelect,
  },
];
