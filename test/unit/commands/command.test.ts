// COMMAND: what it derives from the declarations.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bitfieldKeyFlags, setKeyFlags } from '../../../src/commands/key-flags.js';
import type { Command, CommandTable } from '../../../src/contract/command-table.js';
import { argsOf, FakeServer, type FakeClient, fullTable } from '../../support/fake-client.js';
import { RedisOracle } from '../../support/redis-oracle.js';
import { wordsOf } from '../../support/requests.js';
import { respMap, respValue, type RespValue } from '../../support/resp-value.js';

let table: CommandTable;
let client: FakeClient;
beforeAll(() => {
  table = fullTable();
  client = new FakeServer(table).connect();
});

/**
 * Where Anax follows Redis 7.4 and the installed redis-server is older: the fields of COMMAND INFO that may differ, from
 * the 7.4 release's command declarations.
 */
const SINCE_7_4: Readonly<Record<string, readonly string[]>> = {
  // Policies of what has to reach every node, and of what takes every shard's answer.
  'acl|deluser': ['tips'],
  'acl|save': ['tips'],
  'acl|setuser': ['tips'],
  'client|setname': ['tips'],
  'config|resetstat': ['tips'],
  'config|rewrite': ['tips'],
  'latency|reset': ['tips'],
  msetnx: ['tips'],
  randomkey: ['tips'],
  scan: ['tips'],
  // GETKEYS takes a command without arguments, ZRANK the option WITHSCORE.
  'command|getkeys': ['arity'],
  'command|getkeysandflags': ['arity'],
  zrank: ['arity'],
  zrevrank: ['arity'],
  // Blocking commands may stand in scripts, where they do not block.
  blmove: ['flags'],
  blpop: ['flags'],
  brpop: ['flags'],
  brpoplpush: ['flags'],
  bzpopmax: ['flags'],
  bzpopmin: ['flags'],
  wait: ['flags', 'categories'],
  sinterstore: ['keys'],
};

const FIELDS = ['name', 'arity', 'flags', 'firstKey', 'lastKey', 'keyStep', 'categories', 'tips', 'keys'] as const;

/** The map under `name` in a map. */
function innerMap(value: RespValue, name: string): Partial<Record<string, RespValue>> {
  return respMap(respMap(value)[name] ?? null);
}

/** Sets have no order; everything else in the reply of COMMAND INFO does. */
function comparable(info: RespValue): Record<string, RespValue> {
  if (!Array.isArray(info)) throw new Error('COMMAND INFO gives a list');
  const fields: Record<string, RespValue> = {};
  FIELDS.forEach((name, i) => (fields[name] = info[i]));
  for (const name of ['flags', 'categories', 'tips']) fields[name] = [...(fields[name] as string[])].sort();
  fields['keys'] = (fields['keys'] as RespValue[]).map((key) => JSON.stringify(respMap(key)));
  return fields;
}

describe('COMMAND and COMMAND INFO', () => {
  it('tell of every command, subcommands inside their containers', async () => {
    const top = table.visible.filter((command) => command.parent === undefined);
    const list = respValue(await client.run('COMMAND')) as RespValue[][];
    expect(list.map((info) => info[0])).toEqual(top.map((command) => command.fullName));
    expect(await client.text('COMMAND COUNT')).toBe(`:${top.length}`);
    expect(await client.text('COMMAND INFO')).toBe(await client.text('COMMAND'));
    const [info] = respValue(await client.run('COMMAND INFO Client')) as RespValue[][];
    const subs = table.visible.filter((command) => command.parent?.fullName === 'client');
    expect((info[9] as RespValue[][]).map((sub) => sub[0])).toEqual(subs.map((command) => command.fullName));
    expect(await client.text('COMMAND INFO client|KILL nosuch')).toMatch(/^\*2\r\n\*10\r\n\$11\r\nclient\|kill\r\n:-3/);
  });

  it('use sets and maps in RESP3', async () => {
    client.protocol = 3;
    const text = await client.text('COMMAND INFO memory|usage nosuch');
    client.protocol = 2;
    expect(text.startsWith('*2\r\n*10\r\n$12\r\nmemory|usage\r\n:-3\r\n~1\r\n+readonly\r\n:2\r\n:2\r\n:1\r\n~')).toBe(
      true,
    );
    expect(text).toContain('%3\r\n$5\r\nflags\r\n~1\r\n+RO\r\n$12\r\nbegin_search\r\n%2\r\n');
    expect(text.endsWith('_')).toBe(true);
  });
});

describe('COMMAND LIST', () => {
  it('names commands, and with a filter subcommands too', async () => {
    const list = async (request: string): Promise<RespValue> => respValue(await client.run(request));
    const top = table.visible.filter((command) => command.parent === undefined);
    expect(await list('COMMAND LIST')).toEqual(top.map((command) => command.fullName));
    expect(await list('COMMAND LIST filterby PATTERN CLIENT|s*')).toEqual(['client|setname', 'client|setinfo']);
    expect(await list('COMMAND LIST FILTERBY aclcat CONNECTION')).toContain('client|id');
    expect(await list('COMMAND LIST FILTERBY aclcat connection')).not.toContain('client');
    expect(await list('COMMAND LIST FILTERBY MODULE x')).toEqual([]);
    expect(await client.text('COMMAND LIST FILTERBY COLOUR red')).toBe('-ERR syntax error');
    expect(await client.text('COMMAND LIST PATTERN a b')).toBe('-ERR syntax error');
  });
});

describe('COMMAND DOCS', () => {
  const docs = async (name: string): Promise<Partial<Record<string, RespValue>>> =>
    innerMap(respValue(await client.run(`COMMAND DOCS ${name}`)), name);

  it('documents every command with what it has', async () => {
    const all = respValue(await client.run('COMMAND DOCS'));
    for (const command of table.visible.filter((one) => one.parent === undefined)) {
      const doc = innerMap(all, command.fullName);
      expect(doc['summary']).toBe(command.spec.summary);
      expect(doc['group']).toBe(command.spec.group);
      expect(doc['subcommands'] !== undefined).toBe(command.spec.subcommands !== undefined);
      expect(doc['arguments'] !== undefined).toBe(command.spec.usage !== '');
    }
    expect(await client.text('COMMAND DOCS nosuch')).toBe('*0');
  });

  it('tells deprecation and history', async () => {
    const quit = await docs('quit');
    expect(quit['doc_flags']).toEqual(['deprecated']);
    expect([quit['deprecated_since'], quit['replaced_by']]).toEqual(['7.2.0', 'just closing the connection']);
    expect((await docs('client|pause'))['history']).toEqual([['6.2.0', 'Mode `WRITE` beside `ALL`.']]);
    expect((await docs('lolwut'))['complexity']).toBeUndefined();
  });

  it('has the argument tree of the usage line', async () => {
    expect(respMap(((await docs('auth'))['arguments'] as RespValue[])[0])).toEqual({
      name: 'username',
      type: 'string',
      display_text: 'username',
      since: '6.0.0',
      flags: ['optional'],
    });
    const [pair, ...others] = (await docs('config|set'))['arguments'] as RespValue[];
    expect([respMap(pair)['name'], respMap(pair)['flags'], others]).toEqual(['parameter_value', ['multiple'], []]);
    const [block] = (await docs('hello'))['arguments'] as RespValue[];
    const { name, type, flags, arguments: parts } = respMap(block);
    expect([name, type, flags]).toEqual(['arguments', 'block', ['optional']]);
    expect((parts as RespValue[]).map((part) => respMap(part)['name'])).toEqual(['protover', 'auth', 'clientname']);
  });
});

describe('COMMAND GETKEYSANDFLAGS', () => {
  it('asks the request where flags vary', () => {
    const flags = (of: typeof setKeyFlags, request: string): string => of(argsOf(wordsOf(request)), 0).join(' ');
    expect(flags(setKeyFlags, 'SET k v')).toBe('OW update');
    expect(flags(setKeyFlags, 'SET k GET')).toBe('OW update');
    expect(flags(setKeyFlags, 'SET k v EX 1 get')).toBe('RW access update');
    expect(flags(bitfieldKeyFlags, 'BITFIELD k')).toBe('RO access');
    expect(flags(bitfieldKeyFlags, 'BITFIELD k GET u8 0 OVERFLOW wrap get u8 8')).toBe('RO access');
    expect(flags(bitfieldKeyFlags, 'BITFIELD k GET u8 0 SET u8 0 1')).toBe('RW access update');
    expect(flags(bitfieldKeyFlags, 'BITFIELD k GET u8')).toBe('RW access update');
  });
});

describe('HELP', () => {
  it('lists the subcommands and itself', async () => {
    const lines = respValue(await client.run('CLIENT HELP')) as string[];
    expect(lines[0]).toBe('CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
    expect(lines.slice(-2)).toEqual(['HELP', '    Print this help.']);
    expect(lines).toContain('PAUSE <timeout> [WRITE|ALL]');
    expect(lines).toContain('SETINFO (LIB-NAME <libname>|LIB-VER <libver>)');
    expect(lines).toContain('REPLY (ON|OFF|SKIP)');
    for (const line of lines) if (line.startsWith(' ')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await client.text('COMMAND HELP')).startsWith('*')).toBe(true);
    expect(await client.text('COMMAND HELP x')).toBe("-ERR wrong number of arguments for 'command|help' command");
  });
});

describe.runIf(RedisOracle.available)('against redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });
  afterAll(async () => {
    await oracle.close();
  });

  it('COMMAND INFO is the same for every command that both know', async () => {
    const newer: Command[] = [];
    for (const command of table.visible) {
      const request = `COMMAND INFO ${command.fullName}`;
      const [theirs] = respValue(await oracle.run(request)) as RespValue[];
      if (theirs === null) {
        newer.push(command);
        continue;
      }
      const [ours] = respValue(await client.run(request)) as RespValue[];
      const expected = comparable(theirs);
      const found = comparable(ours);
      for (const name of SINCE_7_4[command.fullName] ?? []) expected[name] = found[name];
      expect(found, command.fullName).toEqual(expected);
    }
    // What the installed server does not know came later than it, or is ours.
    for (const { fullName, spec } of newer) {
      expect(Number(spec.since.split('.').slice(0, 2).join('.')), fullName).toBeGreaterThan(7.0);
    }
  });

  it('COMMAND DOCS agrees on versions, groups and shapes', async () => {
    for (const command of table.visible) {
      const request = `COMMAND DOCS ${command.fullName}`;
      const theirs = respValue(await oracle.run(request));
      if (!(command.fullName in respMap(theirs))) continue;
      const expected = innerMap(theirs, command.fullName);
      const found = innerMap(respValue(await client.run(request)), command.fullName);
      // 7.2 dated CLIENT PAUSE anew: 2.9.50 was a development version.
      if (command.fullName !== 'client|pause') expect(found['since'], command.fullName).toBe(expected['since']);
      expect(found['group'], command.fullName).toBe(expected['group']);
      expect(found['arguments'] === undefined, `arguments of ${command.fullName}`).toBe(
        expected['arguments'] === undefined && !command.fullName.startsWith('command|getkeys'),
      );
    }
  });

  it('finds the same keys', async () => {
    const requests = [
      'COMMAND GETKEYS',
      'COMMAND GETKEYS nosuch a',
      'COMMAND GETKEYS client nosuch',
      'COMMAND GETKEYS client id',
      'COMMAND GETKEYS echo a',
      'COMMAND GETKEYS del a b c',
      'COMMAND GETKEYS expire a 10 NX',
      'COMMAND GETKEYS expire a',
      'COMMAND GETKEYS object encoding a',
      'COMMAND GETKEYS object help',
      'COMMAND GETKEYS memory usage a',
      'COMMAND GETKEYS memory usage a SAMPLES 5',
      'COMMAND GETKEYS ttl a b',
      'COMMAND GETKEYSANDFLAGS del a b',
      'COMMAND GETKEYSANDFLAGS expire a 10',
      'COMMAND GETKEYSANDFLAGS object freq a',
      'COMMAND GETKEYSANDFLAGS ttl a',
      'COMMAND GETKEYSANDFLAGS nosuch a',
      'COMMAND GETKEYSANDFLAGS echo a',
      'COMMAND GETKEYS get a',
      'COMMAND GETKEYS mget a b',
      'COMMAND GETKEYS mset a 1 b 2',
      'COMMAND GETKEYS mset a 1 b',
      'COMMAND GETKEYS set a 1 GET',
      'COMMAND GETKEYS bitop and d a b',
      'COMMAND GETKEYS lcs a b',
      'COMMAND GETKEYSANDFLAGS set a 1',
      'COMMAND GETKEYSANDFLAGS set a 1 GET',
      'COMMAND GETKEYSANDFLAGS bitfield a GET u8 0',
      'COMMAND GETKEYSANDFLAGS bitfield a SET u8 0 1',
      'COMMAND GETKEYSANDFLAGS bitop and d a b',
      'COMMAND GETKEYSANDFLAGS getdel a',
      'COMMAND GETKEYSANDFLAGS copy a b',
    ];
    for (const request of requests) {
      // Families join the table one by one: only what it knows can be compared.
      const name = wordsOf(request)[2]?.toString('latin1') ?? 'echo';
      if (name !== 'nosuch' && table.byName(name) === undefined) continue;
      const expected = (await oracle.run(request)).toString('latin1');
      expect(await client.text(request), request).toBe(expected.slice(0, -2));
    }
  });

  it('HELP has the same frame', async () => {
    for (const container of ['CLIENT', 'CONFIG', 'COMMAND']) {
      const theirs = respValue(await oracle.run(`${container} HELP`)) as string[];
      const ours = respValue(await client.run(`${container} HELP`)) as string[];
      expect(ours[0]).toBe(theirs[0]);
      expect(ours.at(-2)).toBe(theirs.at(-2));
    }
  });
});
