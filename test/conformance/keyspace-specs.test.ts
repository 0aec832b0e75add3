// What the declarations say beside what a live redis-server says in COMMAND INFO and COMMAND DOCS.

import { describe, expect, test } from 'vitest';
import type { CommandSpec, KeySpec } from '../../src/contract/spec.js';
import { parseUsage, type UsageArgument } from '../../src/contract/usage.js';
import { buildCommandTable } from '../../src/engine/command-table.js';
import { KEYSPACE_COMMANDS } from '../support/keyspace-commands.js';
import { RedisOracle } from '../support/redis-oracle.js';

type Value = string | number | null | Value[];

/** Reads one RESP2 value; statuses and bulks alike become strings. */
function parse(bytes: Buffer): Value {
  const text = bytes.toString('latin1');
  let at = 0;
  const line = (): string => {
    const end = text.indexOf('\r\n', at);
    const found = text.slice(at, end);
    at = end + 2;
    return found;
  };
  const value = (): Value => {
    const head = line();
    const rest = head.slice(1);
    if (head.startsWith(':')) return Number(rest);
    if (head.startsWith('$')) {
      if (rest === '-1') return null;
      const found = text.slice(at, at + Number(rest));
      at += Number(rest) + 2;
      return found;
    }
    if (head.startsWith('*')) return Array.from({ length: Number(rest) }, value);
    return rest;
  };
  return value();
}

/** Names and values of a flat map. */
function fields(list: Value | undefined): Map<string, Value> {
  const found = new Map<string, Value>();
  if (Array.isArray(list)) for (let i = 0; i < list.length; i += 2) found.set(String(list[i]), list[i + 1]);
  return found;
}

function keySpecAsRedis(spec: KeySpec): Value {
  if (!('index' in spec.begin) || !('last' in spec.find)) throw new Error('no such key specification in the family');
  const { last, step, limit } = spec.find;
  return [
    'flags',
    [...spec.flags],
    'begin_search',
    ['type', 'index', 'spec', ['index', spec.begin.index]],
    'find_keys',
    ['type', 'range', 'spec', ['lastkey', last, 'keystep', step, 'limit', limit]],
  ];
}

function argumentAsRedis(argument: UsageArgument): Value {
  const out: Value[] = ['name', argument.name, 'type', argument.type];
  if (argument.keySpecIndex !== undefined) out.push('key_spec_index', argument.keySpecIndex);
  if (argument.token !== undefined) out.push('token', argument.token);
  if (argument.since !== undefined) out.push('since', argument.since);
  if (argument.flags.length > 0) out.push('flags', [...argument.flags]);
  if (argument.arguments.length > 0) out.push('arguments', argument.arguments.map(argumentAsRedis));
  return out;
}

/** Later versions add a display_text, which repeats the name. */
function withoutDisplayText(list: Value): Value {
  if (!Array.isArray(list)) return list;
  const out: Value[] = [];
  for (let i = 0; i < list.length; i++) {
    if (list[i] === 'display_text') i++;
    else out.push(withoutDisplayText(list[i]));
  }
  return out;
}

/** Tips that Redis 7.4 has and 7.0 has not. */
const NEWER_TIPS: Readonly<Record<string, string>> = {
  scan: 'response_policy:special',
  randomkey: 'response_policy:special',
};

describe.runIf(RedisOracle.available)('declarations beside redis-server', () => {
  const table = buildCommandTable([KEYSPACE_COMMANDS]);

  test('COMMAND INFO and COMMAND DOCS', async () => {
    const oracle = await RedisOracle.start();
    try {
      for (const command of table.all) {
        const { spec, fullName } = command;
        const info = (parse(await oracle.run(['COMMAND', 'INFO', fullName])) as Value[])[0] as Value[];
        expect(info[1], `${fullName}: arity`).toBe(spec.arity);
        expect([...(info[2] as string[])].sort(), `${fullName}: flags`).toEqual([...spec.flags].sort());
        expect(info.slice(3, 6), `${fullName}: key range`).toEqual([
          command.firstKey,
          command.lastKey,
          command.keyStep,
        ]);
        const categories = command.categories.map((category) => `@${category}`);
        expect([...(info[6] as string[])].sort(), `${fullName}: categories`).toEqual(categories.sort());
        const tips = (spec.tips ?? []).filter((tip) => tip !== NEWER_TIPS[fullName]);
        expect(info[7], `${fullName}: tips`).toEqual(tips);
        expect(info[8], `${fullName}: key specifications`).toEqual((spec.keys ?? []).map(keySpecAsRedis));

        const docs = fields((parse(await oracle.run(['COMMAND', 'DOCS', fullName])) as Value[])[1]);
        expect(docs.get('since'), fullName).toBe(spec.since);
        expect(docs.get('group'), fullName).toBe(spec.group);
        expect(docs.get('history') ?? [], fullName).toEqual(spec.history ?? []);
        const usage = parseUsage(spec.usage).map(argumentAsRedis);
        expect(withoutDisplayText(docs.get('arguments') ?? []), `${fullName}: arguments`).toEqual(usage);
      }
      const names = (specs: readonly CommandSpec[] | undefined): string[] => (specs ?? []).map((each) => each.name);
      for (const spec of KEYSPACE_COMMANDS) {
        const info = (parse(await oracle.run(['COMMAND', 'INFO', spec.name])) as Value[])[0] as Value[];
        const theirs = (info[9] as Value[][]).map((sub) => String(sub[0]).split('|')[1].toUpperCase());
        expect(theirs.sort()).toEqual(names(spec.subcommands).sort());
      }
    } finally {
      await oracle.close();
    }
  });
});
