// What a command declares beside what a live redis-server says of it in COMMAND INFO and COMMAND DOCS: arity, flags, key
// specifications and range, categories, tips, subcommands, version, group, versions of the history, deprecation and the
// tree of arguments. Words of our own (summary, complexity, what changed) are not compared.

import { expect } from 'vitest';
import type { Command } from '../../src/contract/command-table.js';
import type { KeySpec } from '../../src/contract/spec.js';
import { parseUsage, type UsageArgument } from '../../src/contract/usage.js';
import type { RedisOracle } from './redis-oracle.js';

type Value = string | number | null | Value[];

/** Reads one RESP2 value; statuses and bulks alike become strings. */
function parseReply(bytes: Buffer): Value {
  let at = 0;
  const value = (): Value => {
    const lineEnd = bytes.indexOf('\r\n', at);
    const head = bytes.toString('latin1', at, lineEnd);
    at = lineEnd + 2;
    const rest = head.slice(1);
    switch (head[0]) {
      case ':':
        return Number(rest);
      case '$': {
        if (rest === '-1') return null;
        const found = bytes.toString('latin1', at, at + Number(rest));
        at += Number(rest) + 2;
        return found;
      }
      case '*':
        return Array.from({ length: Number(rest) }, value);
      default:
        return rest;
    }
  };
  return value();
}

/** Names and values of a flat map. */
function fieldsOf(value: Value | undefined): Map<string, Value> {
  const found = new Map<string, Value>();
  if (Array.isArray(value)) for (let i = 0; i + 1 < value.length; i += 2) found.set(String(value[i]), value[i + 1]);
  return found;
}

/** A key specification as COMMAND INFO prints it. */
function keySpecAsRedis(spec: KeySpec): Value {
  const { begin } = spec;
  return [
    ...(spec.notes === undefined ? [] : ['notes', spec.notes]),
    'flags',
    [...spec.flags],
    'begin_search',
    'index' in begin
      ? ['type', 'index', 'spec', ['index', begin.index]]
      : ['type', 'keyword', 'spec', ['keyword', begin.keyword, 'startfrom', begin.startFrom]],
    'find_keys',
    findKeysAsRedis(spec.find),
  ];
}

function findKeysAsRedis(find: KeySpec['find']): Value {
  if ('countAt' in find) {
    const { countAt, firstAt, step } = find;
    return ['type', 'keynum', 'spec', ['keynumidx', countAt, 'firstkey', firstAt, 'keystep', step]];
  }
  return ['type', 'range', 'spec', ['lastkey', find.last, 'keystep', find.step, 'limit', find.limit]];
}

/** An argument as COMMAND DOCS prints it, without the display_text of later versions. */
function argumentAsRedis(argument: UsageArgument): Value {
  return [
    'name',
    argument.name,
    'type',
    argument.type,
    ...(argument.keySpecIndex === undefined ? [] : ['key_spec_index', argument.keySpecIndex]),
    ...(argument.token === undefined ? [] : ['token', argument.token]),
    ...(argument.since === undefined ? [] : ['since', argument.since]),
    ...(argument.flags.length === 0 ? [] : ['flags', [...argument.flags]]),
    ...(argument.arguments.length === 0 ? [] : ['arguments', argument.arguments.map(argumentAsRedis)]),
  ];
}

function withoutDisplayText(value: Value): Value {
  if (!Array.isArray(value)) return value;
  const kept: Value[] = [];
  for (let i = 0; i < value.length; i++) {
    if (value[i] === 'display_text') i++;
    else kept.push(withoutDisplayText(value[i]));
  }
  return kept;
}

/** Tips that Redis 7.4 has and 7.0 has not. */
const NEWER_TIPS: Readonly<Record<string, string>> = {
  scan: 'response_policy:special',
  randomkey: 'response_policy:special',
};

/** Compares a command or subcommand of the table; of a container also which subcommands it has. */
export async function compareDeclaration(command: Command, oracle: RedisOracle): Promise<void> {
  const { spec, fullName } = command;
  const [infoReply, docsReply] = await oracle.runAll([
    ['COMMAND', 'INFO', fullName],
    ['COMMAND', 'DOCS', fullName],
  ]);
  const info = (parseReply(infoReply) as Value[])[0] as Value[];
  const docs = fieldsOf((parseReply(docsReply) as Value[])[1]);
  const ours = {
    arity: spec.arity,
    flags: [...spec.flags].sort(),
    keyRange: [command.firstKey, command.lastKey, command.keyStep],
    categories: command.categories.map((category) => `@${category}`).sort(),
    tips: (spec.tips ?? []).filter((tip) => tip !== NEWER_TIPS[fullName]),
    keys: (spec.keys ?? []).map(keySpecAsRedis),
    subcommands: (spec.subcommands ?? []).map((each) => `${fullName}|${each.name.toLowerCase()}`).sort(),
    since: spec.since,
    group: spec.group,
    history: (spec.history ?? []).map(([version]) => version),
    deprecated: spec.deprecated?.since,
    replacedBy: spec.deprecated?.replacedBy,
    arguments: parseUsage(spec.usage).map(argumentAsRedis),
  };
  const theirs = {
    arity: info[1],
    flags: [...(info[2] as string[])].sort(),
    keyRange: info.slice(3, 6),
    categories: [...(info[6] as string[])].sort(),
    tips: info[7],
    keys: info[8],
    subcommands: (info[9] as Value[][]).map((each) => String(each[0])).sort(),
    since: docs.get('since'),
    group: docs.get('group'),
    history: ((docs.get('history') ?? []) as Value[][]).map(([version]) => version),
    deprecated: docs.get('deprecated_since'),
    replacedBy: docs.get('replaced_by'),
    arguments: withoutDisplayText(docs.get('arguments') ?? []),
  };
  expect(ours, fullName).toEqual(theirs);
}
