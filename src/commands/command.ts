// COMMAND: the command table as clients see it. Everything here is read off the declarations.
//
// COMMAND INFO, one command:
//   [ name, arity, flags, first key, last key, step, @categories, tips, key specifications, [ subcommands, alike ] ]
// COMMAND DOCS, one command: a map; `arguments` is the tree of the usage line, `subcommands` a map of the same kind.

import { unreachable } from '../base/assert.js';
import { bytesOf } from '../base/bytes.js';
import { matchGlob } from '../base/glob.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { CommandFlag, CommandSpec, KeyFlag, KeySpec } from '../contract/spec.js';
import { parseUsage, type UsageArgument } from '../contract/usage.js';
import { withHelp } from './help.js';

/** Flags in the order in which Redis lists them; what is not here (`may_replicate`) stays inside the server. */
const SHOWN_FLAGS: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
];

const SHOWN_KEY_FLAGS: readonly KeyFlag[] = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
];

const FILTERBY = bytesOf('FILTERBY');
const MODULE = bytesOf('MODULE');
const ACLCAT = bytesOf('ACLCAT');
const PATTERN = bytesOf('PATTERN');

/** Where the asked-about request begins in COMMAND GETKEYS. */
const REQUEST_AT = 2;

function topLevel(table: CommandTable): Command[] {
  return table.visible.filter((command) => command.parent === undefined);
}

function subcommandsOf(table: CommandTable, command: Command): Command[] {
  return table.visible.filter((other) => other.parent === command);
}

// ---------------------------------------------------------------------- COMMAND, COUNT, LIST

function cmdCommand(client: Client, _args: Args, reply: Reply): void {
  const table = client.server.commands;
  const commands = topLevel(table);
  reply.array(commands.length);
  for (const command of commands) writeInfo(reply, table, command);
}

function cmdCount(client: Client, _args: Args, reply: Reply): void {
  reply.integer(topLevel(client.server.commands).length);
}

function cmdList(client: Client, args: Args, reply: Reply): void {
  const all = client.server.commands.visible;
  let names: string[];
  if (args.count === 2) {
    names = topLevel(client.server.commands).map((command) => command.fullName);
  } else if (args.count === 5 && args.is(2, FILTERBY)) {
    const wanted = args.latin1(4).toLowerCase();
    if (args.is(3, MODULE)) names = [];
    else if (args.is(3, ACLCAT)) names = namesOf(all, (command) => command.categories.includes(wanted));
    else if (args.is(3, PATTERN)) {
      const { bytes, starts, ends } = args;
      names = namesOf(all, ({ fullName }) =>
        matchGlob(bytes, starts[4], ends[4], bytesOf(fullName), 0, fullName.length, true),
      );
    } else {
      reply.error(ERRORS.syntax);
      return;
    }
  } else {
    reply.error(ERRORS.syntax);
    return;
  }
  reply.array(names.length);
  for (const name of names) reply.bulkText(name);
}

function namesOf(commands: readonly Command[], wanted: (command: Command) => boolean): string[] {
  return commands.filter(wanted).map((command) => command.fullName);
}

// ---------------------------------------------------------------------- INFO

function cmdInfo(client: Client, args: Args, reply: Reply): void {
  if (args.count === 2) {
    cmdCommand(client, args, reply);
    return;
  }
  const table = client.server.commands;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const command = table.byFullName(args.latin1(i));
    if (command === undefined) reply.nil();
    else writeInfo(reply, table, command);
  }
}

function writeInfo(reply: Reply, table: CommandTable, command: Command): void {
  const { spec } = command;
  const subcommands = subcommandsOf(table, command);
  reply.array(10);
  reply.bulkText(command.fullName);
  reply.integer(spec.arity);
  writeFlags(reply, SHOWN_FLAGS, spec.flags);
  reply.integer(command.firstKey);
  reply.integer(command.lastKey);
  reply.integer(command.keyStep);
  reply.set(command.categories.length);
  for (const category of command.categories) reply.simple(`@${category}`);
  const tips = spec.tips ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.bulkText(tip);
  const keys = spec.keys ?? [];
  reply.set(keys.length);
  for (const key of keys) writeKeySpec(reply, key);
  // Redis says an empty set where there is no table of subcommands.
  if (subcommands.length === 0) reply.set(0);
  else reply.array(subcommands.length);
  for (const sub of subcommands) writeInfo(reply, table, sub);
}

/** The flags that are set, in the order of `shown`. */
function writeFlags<T extends string>(reply: Reply, shown: readonly T[], flags: readonly T[]): void {
  const set = shown.filter((flag) => flags.includes(flag));
  reply.set(set.length);
  for (const flag of set) reply.simple(flag);
}

function writeKeySpec(reply: Reply, key: KeySpec): void {
  reply.map(key.notes === undefined ? 3 : 4);
  if (key.notes !== undefined) writeText(reply, 'notes', key.notes);
  reply.bulkText('flags');
  writeFlags(reply, SHOWN_KEY_FLAGS, key.flags);
  reply.bulkText('begin_search');
  if ('index' in key.begin) {
    writeStep(reply, 'index', 1);
    writeNumber(reply, 'index', key.begin.index);
  } else if ('unknown' in key.begin) {
    writeStep(reply, 'unknown', 0);
  } else {
    writeStep(reply, 'keyword', 2);
    writeText(reply, 'keyword', key.begin.keyword);
    writeNumber(reply, 'startfrom', key.begin.startFrom);
  }
  reply.bulkText('find_keys');
  if ('last' in key.find) {
    writeStep(reply, 'range', 3);
    writeNumber(reply, 'lastkey', key.find.last);
    writeNumber(reply, 'keystep', key.find.step);
    writeNumber(reply, 'limit', key.find.limit);
  } else if ('unknown' in key.find) {
    writeStep(reply, 'unknown', 0);
  } else {
    writeStep(reply, 'keynum', 3);
    writeNumber(reply, 'keynumidx', key.find.countAt);
    writeNumber(reply, 'firstkey', key.find.firstAt);
    writeNumber(reply, 'keystep', key.find.step);
  }
}

/** The head of one step of a key specification, whose `fields` follow. */
function writeStep(reply: Reply, type: string, fields: number): void {
  reply.map(2);
  writeText(reply, 'type', type);
  reply.bulkText('spec');
  reply.map(fields);
}

function writeText(reply: Reply, name: string, value: string): void {
  reply.bulkText(name);
  reply.bulkText(value);
}

function writeNumber(reply: Reply, name: string, value: number): void {
  reply.bulkText(name);
  reply.integer(value);
}

// ---------------------------------------------------------------------- DOCS

function cmdDocs(client: Client, args: Args, reply: Reply): void {
  const table = client.server.commands;
  let commands: (Command | undefined)[] = topLevel(table);
  if (args.count > 2) {
    commands = [];
    for (let i = 2; i < args.count; i++) commands.push(table.byFullName(args.latin1(i)));
  }
  const known = commands.filter((command) => command !== undefined);
  reply.map(known.length);
  for (const command of known) {
    reply.bulkText(command.fullName);
    writeDocs(reply, table, command);
  }
}

function writeDocs(reply: Reply, table: CommandTable, command: Command): void {
  const { spec } = command;
  const subcommands = subcommandsOf(table, command);
  const usage = parseUsage(spec.usage);
  const mark = reply.mark();
  let fields = 3;
  writeText(reply, 'summary', spec.summary);
  writeText(reply, 'since', spec.since);
  writeText(reply, 'group', spec.group);
  if (spec.complexity !== '') {
    writeText(reply, 'complexity', spec.complexity);
    fields++;
  }
  if (spec.deprecated !== undefined) {
    reply.bulkText('doc_flags');
    reply.set(1);
    reply.simple('deprecated');
    writeText(reply, 'deprecated_since', spec.deprecated.since);
    writeText(reply, 'replaced_by', spec.deprecated.replacedBy);
    fields += 3;
  }
  if (spec.history !== undefined) {
    reply.bulkText('history');
    reply.set(spec.history.length);
    for (const [version, change] of spec.history) {
      reply.array(2);
      reply.bulkText(version);
      reply.bulkText(change);
    }
    fields++;
  }
  if (usage.length > 0) {
    reply.bulkText('arguments');
    writeArguments(reply, usage);
    fields++;
  }
  if (subcommands.length > 0) {
    reply.bulkText('subcommands');
    reply.map(subcommands.length);
    for (const sub of subcommands) {
      reply.bulkText(sub.fullName);
      writeDocs(reply, table, sub);
    }
    fields++;
  }
  reply.wrapMap(mark, fields);
}

function writeArguments(reply: Reply, list: readonly UsageArgument[]): void {
  reply.array(list.length);
  for (const argument of list) writeArgument(reply, argument);
}

function writeArgument(reply: Reply, argument: UsageArgument): void {
  const mark = reply.mark();
  let fields = 2;
  writeText(reply, 'name', argument.name);
  writeText(reply, 'type', argument.type);
  if (argument.displayText !== undefined) {
    writeText(reply, 'display_text', argument.displayText);
    fields++;
  }
  if (argument.keySpecIndex !== undefined) {
    writeNumber(reply, 'key_spec_index', argument.keySpecIndex);
    fields++;
  }
  if (argument.token !== undefined) {
    writeText(reply, 'token', argument.token);
    fields++;
  }
  if (argument.since !== undefined) {
    writeText(reply, 'since', argument.since);
    fields++;
  }
  if (argument.deprecatedSince !== undefined) {
    writeText(reply, 'deprecated_since', argument.deprecatedSince);
    fields++;
  }
  if (argument.flags.length > 0) {
    reply.bulkText('flags');
    reply.set(argument.flags.length);
    for (const flag of argument.flags) reply.simple(flag);
    fields++;
  }
  if (argument.arguments.length > 0) {
    reply.bulkText('arguments');
    writeArguments(reply, argument.arguments);
    fields++;
  }
  reply.wrapMap(mark, fields);
}

// ---------------------------------------------------------------------- GETKEYS

function cmdGetKeys(client: Client, args: Args, reply: Reply): void {
  const command = commandWithKeys(client, args, reply);
  if (command === undefined) return;
  const uses = client.server.commands.keyUses(command, args, REQUEST_AT, true) ?? [];
  if (uses.length === 0) {
    noKeys(command, reply);
    return;
  }
  reply.array(uses.length);
  for (const { index } of uses) writeRequestArgument(reply, args, index);
}

function cmdGetKeysAndFlags(client: Client, args: Args, reply: Reply): void {
  const command = commandWithKeys(client, args, reply);
  if (command === undefined) return;
  const uses = client.server.commands.keyUses(command, args, REQUEST_AT, true) ?? [];
  if (uses.length === 0) {
    noKeys(command, reply);
    return;
  }
  reply.array(uses.length);
  for (const use of uses) {
    reply.array(2);
    writeRequestArgument(reply, args, use.index);
    writeFlags(reply, SHOWN_KEY_FLAGS, use.flags);
  }
}

function writeRequestArgument(reply: Reply, args: Args, index: number): void {
  const at = REQUEST_AT + index;
  if (at >= args.count) unreachable('a key index lies within the request');
  reply.bulk(args.bytes, args.starts[at], args.ends[at]);
}

/** The command of the request in question, when it exists, takes keys and fits its arity; undefined after an error. */
function commandWithKeys(client: Client, args: Args, reply: Reply): Command | undefined {
  const command = client.server.commands.resolve(args, REQUEST_AT);
  const given = args.count - REQUEST_AT;
  if (command === undefined) {
    reply.error('ERR Invalid command specified');
    return undefined;
  }
  const { arity, keys = [] } = command.spec;
  if (keys.every((key) => key.flags.includes('not_key'))) {
    reply.error('ERR The command has no key arguments');
    return undefined;
  }
  if (arity > 0 ? given !== arity : given < -arity) {
    reply.error('ERR Invalid number of arguments specified for command');
    return undefined;
  }
  return command;
}

function noKeys(command: Command, reply: Reply): void {
  if (command.spec.flags.includes('no_mandatory_keys')) reply.array(0);
  else reply.error('ERR Invalid arguments specified for command');
}

// ---------------------------------------------------------------------- declarations

const subcommands: readonly CommandSpec[] = [
  {
    name: 'COUNT',
    since: '2.8.13',
    arity: 2,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Counts the commands that this server knows.',
    complexity: 'O(1)',
    usage: '',
    examples: [['COMMAND COUNT all', "-ERR wrong number of arguments for 'command|count' command"]],
    onClient: cmdCount,
  },
  {
    name: 'LIST',
    since: '7.0.0',
    arity: -2,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Names the commands: all, or those of a module, of an ACL category or that match a pattern.',
    complexity: 'O(N) where N is the total number of commands',
    usage: '[FILTERBY filterby=(MODULE module-name | category=ACLCAT category | PATTERN pattern)]',
    tips: ['nondeterministic_output_order'],
    examples: [
      ['COMMAND LIST FILTERBY PATTERN ech*', '*1\r\n$4\r\necho'],
      ['COMMAND LIST FILTERBY MODULE json', '*0'],
      ['COMMAND LIST FILTERBY ACLCAT nosuchcategory', '*0'],
      ['COMMAND LIST FILTERBY', '-ERR syntax error'],
    ],
    onClient: cmdList,
  },
  {
    name: 'INFO',
    since: '2.8.13',
    arity: -2,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Tells the arity, flags, keys and categories of the named commands, of all when none is named.',
    complexity: 'O(N) where N is the number of commands to look up',
    usage: '[command-name ...]',
    history: [['7.0.0', 'Without a name it tells of all commands.']],
    tips: ['nondeterministic_output_order'],
    examples: [
      [
        'COMMAND INFO echo nosuch',
        '*2\r\n*10\r\n$4\r\necho\r\n:2\r\n*3\r\n+loading\r\n+stale\r\n+fast\r\n:0\r\n:0\r\n:0\r\n' +
          '*2\r\n+@fast\r\n+@connection\r\n*0\r\n*0\r\n*0\r\n$-1',
      ],
    ],
    onClient: cmdInfo,
  },
  {
    name: 'DOCS',
    since: '7.0.0',
    arity: -2,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Documents the named commands, all when none is named.',
    complexity: 'O(N) where N is the number of commands to look up',
    usage: '[command-name ...]',
    tips: ['nondeterministic_output_order'],
    examples: [['COMMAND DOCS nosuch', '*0']],
    onClient: cmdDocs,
  },
  {
    name: 'GETKEYS',
    since: '2.8.13',
    arity: -3,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Finds the keys in a request.',
    complexity: 'O(N) where N is the number of arguments to the command',
    usage: 'command [arg ...]',
    examples: [
      ['COMMAND GETKEYS nosuch k', '-ERR Invalid command specified'],
      ['COMMAND GETKEYS echo hello', '-ERR The command has no key arguments'],
    ],
    onClient: cmdGetKeys,
  },
  {
    name: 'GETKEYSANDFLAGS',
    since: '7.0.0',
    arity: -3,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Finds the keys in a request and tells how it uses each.',
    complexity: 'O(N) where N is the number of arguments to the command',
    usage: 'command [arg ...]',
    examples: [
      ['COMMAND GETKEYSANDFLAGS nosuch k', '-ERR Invalid command specified'],
      ['COMMAND GETKEYSANDFLAGS echo hello', '-ERR The command has no key arguments'],
    ],
    onClient: cmdGetKeysAndFlags,
  },
];

export const COMMAND_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'COMMAND',
    since: '2.8.13',
    arity: -1,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['connection'],
    summary: 'Describes all commands, as COMMAND INFO does.',
    complexity: 'O(N) where N is the total number of commands',
    usage: '',
    tips: ['nondeterministic_output_order'],
    examples: [['COMMAND NOSUCH', "-ERR unknown subcommand 'NOSUCH'. Try COMMAND HELP."]],
    onClient: cmdCommand,
    subcommands: withHelp('COMMAND', '5.0.0', subcommands, [
      { name: '(no subcommand)', usage: '', summary: 'Describes all commands.' },
    ]),
  },
];
