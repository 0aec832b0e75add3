// From declarations to the command table: ids, look-up, categories, keys.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { ALL_COMMANDS } from '../../../src/commands/index.js';
import { keyAt, keysFrom, type CommandSpec, type KeySpec } from '../../../src/contract/spec.js';
import { buildCommandTable, unknownCommand } from '../../../src/engine/command-table.js';
import { NameIndex } from '../../../src/engine/name-index.js';
import { argsOf, fullTable } from '../../support/fake-client.js';

import { wordsOf } from '../../support/requests.js';

const nothing = (): void => undefined;

/** A declaration that says nothing of how the command runs. */
function bare(name: string, changes: Partial<CommandSpec> = {}): CommandSpec {
  return {
    name,
    since: '1.0.0',
    arity: -1,
    flags: [],
    group: 'server',
    summary: '',
    complexity: '',
    usage: '',
    examples: [['X', '+OK']],
    ...changes,
  };
}

function spec(name: string, changes: Partial<CommandSpec> = {}): CommandSpec {
  return { ...bare(name), onClient: nothing, ...changes };
}

/** A command with keys that runs on a shard. */
function keyed(name: string, keys: readonly KeySpec[], changes: Partial<CommandSpec> = {}): CommandSpec {
  return { ...bare(name, { keys, across: { split: 'ok' }, ...changes }), onShard: nothing };
}

function keysOf(command: CommandSpec, request: string, offset = 0): number[] | 'malformed' {
  const table = buildCommandTable([[command]]);
  const into: number[] = [];
  const args = argsOf(wordsOf(request));
  return table.keyIndices(table.all[0], args, into, offset) ? into : 'malformed';
}

describe('NameIndex', () => {
  it('finds each of many random names in any case and nothing else', () => {
    const seed = 20260101;
    const random = new SeededRandom(seed);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789';
    const word = (): string => Array.from({ length: 1 + random.below(12) }, () => letters[random.below(38)]).join('');
    const names = [...new Set(Array.from({ length: 400 }, word))];
    const index = new NameIndex(names);
    names.forEach((name, i) => {
      const mixed = Array.from(name, (c) => (random.below(2) === 0 ? c.toLowerCase() : c)).join('');
      const bytes = Buffer.from(`x${mixed}y`);
      expect(index.find(bytes, 1, bytes.length - 1), `seed ${seed}, ${mixed}`).toBe(i);
    });
    for (let i = 0; i < 2000; i++) {
      const other = word();
      expect(index.find(Buffer.from(other), 0, other.length), `seed ${seed}`).toBe(names.indexOf(other));
    }
  });

  it('takes no byte for another that shares its bits', () => {
    const index = new NameIndex(['GET', 'NO-EVICT']);
    for (const wrong of ['\x47\x05T', 'g%T', 'GE\xd4', 'NO\x0dEVICT', 'no\x4devict', '', 'GETX', 'GE']) {
      const bytes = Buffer.from(wrong, 'latin1');
      expect(index.find(bytes, 0, bytes.length), wrong).toBe(-1);
    }
  });

  it('refuses names twice and names that are no capitals', () => {
    expect(() => new NameIndex(['GET', 'GET'])).toThrow('differ');
    expect(() => new NameIndex(['get'])).toThrow('capitals');
    expect(() => new NameIndex([''])).toThrow('capitals');
  });
});

describe('the table', () => {
  it('numbers containers before their subcommands and resolves by bytes', () => {
    const table = fullTable();
    table.all.forEach((command, id) => {
      expect(command.id).toBe(id);
      if (command.parent !== undefined) expect(command.parent.id).toBeLessThan(id);
      expect(table.forPlan(command.fullName.toUpperCase())).toBe(command);
      if (command.spec.internal === true) return;
      expect(table.byFullName(command.fullName.toUpperCase())).toBe(command);
      expect(table.byName(command.fullName)).toBe(command.parent === undefined ? command : undefined);
      const words = command.fullName.split('|').map((word) => Buffer.from(word));
      expect(table.resolve(argsOf(words))).toBe(command);
      expect(table.resolve(argsOf([Buffer.from('GETKEYS'), ...words]), 1)).toBe(command);
    });
    for (const { spec } of table.all.filter((command) => command.spec.internal === true)) {
      expect(table.byFullName(spec.name)).toBeUndefined();
      expect(table.resolve(argsOf([Buffer.from(spec.name)]))).toBeUndefined();
      expect(table.visible.some((command) => command.spec === spec)).toBe(false);
    }
    expect(table.resolve(argsOf([Buffer.from('NOSUCH')]))).toBeUndefined();
    expect(table.resolve(argsOf([Buffer.from('CLIENT'), Buffer.from('NOSUCH')]))).toBeUndefined();
    expect(table.resolve(argsOf([Buffer.from('client')]))).toBe(table.byName('CLIENT'));
  });

  it('is the same for the same families', () => {
    const families = ALL_COMMANDS;
    const names = (): string[] => buildCommandTable(families).all.map((command) => command.fullName);
    expect(names()).toEqual(names());
  });

  it('says what is unknown in the words of Redis', () => {
    const table = fullTable();
    const text = (request: string): string => unknownCommand(table, argsOf(wordsOf(request)));
    expect(text('FOO a b')).toBe("ERR unknown command 'FOO', with args beginning with: 'a' 'b' ");
    expect(text('foo')).toBe("ERR unknown command 'foo', with args beginning with: ");
    expect(text('client foo')).toBe("ERR unknown subcommand 'foo'. Try CLIENT HELP.");
    const long = 'x'.repeat(200);
    expect(text(`${long} ${long} b`)).toBe(
      `ERR unknown command '${'x'.repeat(128)}', with args beginning with: '${'x'.repeat(128)}' `,
    );
  });
});

describe('keys', () => {
  const get = keyed('GET', [keyAt(1, 'RO', 'access')], { arity: 2, usage: 'key' });
  const mset = keyed('MSET', [keysFrom(1, -1, 2, 'OW', 'update')], { arity: -3, usage: 'key value [key value ...]' });
  const numkeys = keyed(
    'SINTERCARD',
    [{ flags: ['RO'], begin: { index: 1 }, find: { countAt: 0, firstAt: 1, step: 1 } }],
    { arity: -3, usage: 'numkeys key [key ...]', flags: ['readonly', 'movablekeys'] },
  );
  const streams = keyed(
    'XREAD',
    [{ flags: ['RO'], begin: { keyword: 'STREAMS', startFrom: 1 }, find: { last: -1, step: 1, limit: 2 } }],
    { arity: -4, usage: 'STREAMS key [key ...] id [id ...]', flags: ['readonly', 'movablekeys'] },
  );
  const migrate = keyed(
    'MIGRATE',
    [{ flags: ['RW'], begin: { keyword: 'KEYS', startFrom: -2 }, find: { last: -1, step: 1, limit: 0 } }],
    { flags: ['write', 'movablekeys'] },
  );

  it.each([
    [get, 'GET k', 0, [1]],
    [get, 'COMMAND GETKEYS GET k', 2, [1]],
    [mset, 'MSET a 1 b 2', 0, [1, 3]],
    [mset, 'MSET a 1 b', 0, [1, 3]],
    [numkeys, 'SINTERCARD 2 a b LIMIT 1', 0, [2, 3]],
    [numkeys, 'SINTERCARD 3 a b', 0, 'malformed'],
    [numkeys, 'SINTERCARD 0 a', 0, 'malformed'],
    [numkeys, 'SINTERCARD -1 a', 0, 'malformed'],
    [numkeys, 'SINTERCARD many a', 0, 'malformed'],
    [numkeys, 'SINTERCARD', 0, 'malformed'],
    [numkeys, 'SINTERCARD 9007199254740991 a', 0, 'malformed'],
    [streams, 'XREAD COUNT 2 streams a b 0 0', 0, [4, 5]],
    [streams, 'XREAD COUNT 2 a', 0, []],
    [migrate, 'MIGRATE KEYS 1 "" 0 5000 KEYS a b', 0, [7, 8]],
    [migrate, 'MIGRATE h 1 k 0 5000', 0, []],
  ] as const)('%# of $1', (command, request, offset, expected) => {
    expect(keysOf(command, request, offset), request).toEqual(expected);
  });

  it('tells how keys are used, by request where that varies', () => {
    const varying = keyed('SET', [keyAt(1, 'RW', 'access', 'update', 'variable_flags')], {
      arity: -3,
      usage: 'key value [GET]',
      keyFlags: (args, offset) => (args.count - offset > 3 ? ['RW', 'access', 'update'] : ['OW', 'update']),
    });
    const table = buildCommandTable([[varying, numkeys]]);
    const uses = (name: string, request: string): unknown =>
      table.keyUses(table.byName(name) ?? table.all[0], argsOf(wordsOf(request)));
    expect(uses('SET', 'SET k v')).toEqual([{ index: 1, flags: ['OW', 'update'], isWritten: true }]);
    expect(uses('SET', 'SET k v GET')).toEqual([{ index: 1, flags: ['RW', 'access', 'update'], isWritten: true }]);
    expect(uses('SINTERCARD', 'SINTERCARD 9 k')).toBeUndefined();
    expect(uses('SINTERCARD', 'SINTERCARD 1 k')).toEqual([{ index: 2, flags: ['RO'], isWritten: false }]);
  });
});

describe('declarations that contradict themselves', () => {
  const key = [keyAt(1, 'RO')];
  const without = bare('A');
  it.each([
    ['a name twice', [spec('A'), spec('A')], 'its name is taken'],
    ['a name in lower case', [spec('a')], 'capitals'],
    ['no way to run', [without], 'exactly one of'],
    ['two ways to run', [{ ...spec('A', { keys: key }), onShard: nothing }], 'exactly one of'],
    ['no examples', [spec('A', { examples: [] })], 'no examples'],
    ['a shard without keys or choice', [{ ...without, onShard: nothing }], 'either keys or pickShard'],
    ['keys and choice', [{ ...keyed('A', key), pickShard: () => 0 }], 'either keys or pickShard'],
    ['a choice without a shard op', [spec('A', { pickShard: () => 0 })], 'pickShard goes with onShard'],
    ['an arity below the usage', [spec('A', { arity: -2, usage: 'key value' })], 'needs 2 arguments'],
    ['a fixed arity with an option', [spec('A', { arity: 2, usage: 'key [NX]' })], 'takes 1 to 2'],
    ['a fixed arity that repeats', [spec('A', { arity: 2, usage: 'key [key ...]' })], 'exactly 1'],
    ['an unknown category', [spec('A', { categories: ['mine'] })], 'no ACL category mine'],
    [
      'moving keys without the flag',
      [keyed('A', [{ flags: ['RO'], begin: { keyword: 'K', startFrom: 1 }, find: { last: 0, step: 1, limit: 0 } }])],
      'movablekeys',
    ],
    ['a key without a way', [keyed('A', [keyAt(1, 'access')])], 'one of RO, RW, OW, RM'],
    ['variable flags without keyFlags', [keyed('A', [keyAt(1, 'RW', 'variable_flags')])], 'needs keyFlags'],
  ] as const)('%s', (_name, specs, message) => {
    expect(() => buildCommandTable([specs])).toThrow(message);
  });

  it('lets a bare container have no examples', () => {
    const container = { ...without, name: 'C', examples: [], subcommands: [spec('S', { arity: 2 })] };
    expect(buildCommandTable([[container]]).all.map((command) => command.fullName)).toEqual(['c', 'c|s']);
  });
});

describe('categories', () => {
  it('follow from flags, group and exceptions, in order', () => {
    const table = buildCommandTable([
      [
        spec('A', { flags: ['admin', 'write', 'fast'], group: 'sorted-set' }),
        spec('B', { flags: ['readonly'], group: 'scripting' }),
        spec('C', { flags: ['blocking'], group: 'generic', categories: ['-keyspace', 'dangerous', 'connection'] }),
        spec('D', { subcommands: [spec('S', { arity: 2 })], group: 'connection' }),
      ],
    ]);
    expect(table.all.map((command) => command.categories.join(' '))).toEqual([
      'write sortedset admin fast dangerous',
      'slow scripting',
      'slow blocking dangerous connection',
      'slow',
      'slow',
    ]);
  });
});
