// CONFIG: the option table as clients see it. Names, values, checks and error texts are the configuration's own
// (client.server.config); here stand the forms of the requests only.
//
// Option values are text: they are read as UTF-8 and written as UTF-8.

import { ERRORS } from '../contract/errors.js';
import { type Args, TEXT_BYTES_MAX } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec } from '../contract/spec.js';
import { withHelp } from './help.js';
import { isLocalAddress } from '../base/addresses.js';

const utf8 = new TextDecoder();

function textOf(args: Args, i: number): string {
  const start = args.starts[i];
  return utf8.decode(args.bytes.subarray(start, Math.min(args.ends[i], start + TEXT_BYTES_MAX)));
}

function cmdGet(client: Client, args: Args, reply: Reply): void {
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(textOf(args, i));
  const pairs = client.server.config.get(patterns);
  reply.map(pairs.length);
  for (const [name, value] of pairs) {
    reply.bulkText(name);
    reply.bulkText(value);
  }
}

async function cmdSet(client: Client, args: Args, reply: Reply): Promise<void> {
  if (args.count % 2 !== 0) {
    reply.error(ERRORS.syntax);
    return;
  }
  const pairs: (readonly [string, string])[] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([textOf(args, i), textOf(args, i + 1)]);
  okOr(reply, await client.server.config.set(pairs, isLocalAddress(client.address)));
}

async function cmdRewrite(client: Client, _args: Args, reply: Reply): Promise<void> {
  okOr(reply, await client.server.config.rewrite());
}

async function cmdResetStat(client: Client, _args: Args, reply: Reply): Promise<void> {
  await client.server.everyCore({ topic: 'reset-stats' });
  reply.ok();
}

function okOr(reply: Reply, error: string | undefined): void {
  if (error === undefined) reply.ok();
  else reply.error(error);
}

const subcommands: readonly CommandSpec[] = [
  {
    name: 'GET',
    since: '2.0.0',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'server',
    summary: 'Returns the options whose names match, with their values.',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    usage: 'parameter [parameter ...]',
    history: [['7.0.0', 'Takes several patterns.']],
    examples: [
      ['CONFIG GET databases', '*2\r\n$9\r\ndatabases\r\n$2\r\n16'],
      ['CONFIG GET nosuchoption', '*0'],
    ],
    onClient: cmdGet,
  },
  {
    name: 'SET',
    since: '2.0.0',
    arity: -4,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'server',
    summary: 'Sets options; either all of them or, when one cannot be set, none.',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    usage: 'parameter value [parameter value ...]',
    history: [['7.0.0', 'Takes several options.']],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    examples: [
      ['CONFIG SET timeout 0', '+OK'],
      ['CONFIG SET timeout', "-ERR wrong number of arguments for 'config|set' command"],
      ['CONFIG SET timeout 0 hz', '-ERR syntax error'],
      ['CONFIG SET nosuchoption 1', "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuchoption'"],
    ],
    onClient: cmdSet,
  },
  {
    name: 'RESETSTAT',
    since: '2.0.0',
    arity: 2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'server',
    summary: 'Sets the statistics that INFO reports back to zero.',
    complexity: 'O(1)',
    usage: '',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    examples: [['CONFIG RESETSTAT', '+OK']],
    onClient: cmdResetStat,
  },
  {
    name: 'REWRITE',
    since: '2.8.0',
    arity: 2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'server',
    summary: 'Writes the options in force into the configuration file.',
    complexity: 'O(1)',
    usage: '',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    examples: [['CONFIG REWRITE', '-ERR The server is running without a config file']],
    onClient: cmdRewrite,
  },
];

export const CONFIG_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'CONFIG',
    since: '2.0.0',
    arity: -2,
    flags: [],
    group: 'server',
    summary: 'Commands about the options of the server.',
    complexity: 'Depends on subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('CONFIG', '5.0.0', subcommands),
  },
];
