// The command table: the declarations of all families made into dense ids, names, ACL categories and key positions.
//
//   id   0     1      2           3            4 ...
//        GET   CLIENT client|id   client|list  CONFIG ...     containers stand before their subcommands
//
// The same families in the same order give the same ids on every thread; a ring message names a command by its id.
// Declarations that contradict themselves stop the start: see `validate`.

import { AssertionError } from '../base/assert.js';
import type { Args } from '../contract/args.js';
import type { Command, CommandTable, KeyUse } from '../contract/command-table.js';
import type { CommandFlag, CommandSpec, KeySpec } from '../contract/spec.js';
import { parseUsage, type UsageArgument } from '../contract/usage.js';
import { NameIndex } from './name-index.js';

/** ACL categories in the order in which Redis lists them. */
export const CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const;

/** The category of each group; groups that are not here have none. (`pubsub` is a flag's.) */
const GROUP_CATEGORY: Partial<Record<CommandSpec['group'], string>> = {
  bitmap: 'bitmap',
  connection: 'connection',
  generic: 'keyspace',
  geo: 'geo',
  hash: 'hash',
  hyperloglog: 'hyperloglog',
  list: 'list',
  scripting: 'scripting',
  set: 'set',
  'sorted-set': 'sortedset',
  stream: 'stream',
  string: 'string',
  transactions: 'transaction',
};

/** Bytes of a command or of all arguments that an error text repeats. */
const ECHOED_CHARS_MAX = 128;

/**
 * The table of `families`, whose commands get ids in the order in which they stand.
 * Throws an AssertionError that names the command and what is wrong with its declaration.
 */
export function buildCommandTable(families: readonly (readonly CommandSpec[])[]): CommandTable {
  return new Table(families.flat());
}

/**
 * The error for a request whose command `resolve` does not know: names the subcommand where the container exists.
 * Line breaks that the client sent are the reply's business.
 */
export function unknownCommand(table: CommandTable, args: Args, offset = 0): string {
  const name = args.latin1(offset);
  const container = table.byName(name);
  if (container?.spec.subcommands !== undefined && args.count > offset + 1) {
    const sub = args.latin1(offset + 1).slice(0, ECHOED_CHARS_MAX);
    return `ERR unknown subcommand '${sub}'. Try ${name.toUpperCase()} HELP.`;
  }
  let echoed = '';
  for (let i = offset + 1; i < args.count && echoed.length < ECHOED_CHARS_MAX; i++) {
    echoed += `'${args.latin1(i).slice(0, ECHOED_CHARS_MAX - echoed.length)}' `;
  }
  return `ERR unknown command '${name.slice(0, ECHOED_CHARS_MAX)}', with args beginning with: ${echoed}`;
}

class TableEntry implements Command {
  readonly spec: CommandSpec;
  readonly id: number;
  readonly fullName: string;
  readonly parent: Command | undefined;
  readonly categories: readonly string[];
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  readonly hashedArgument: number;
  readonly hasOneShard: boolean;
  readonly isPlanned: boolean;
  /** Subcommands by name; undefined for a command without. */
  subcommands: NameIndex | undefined = undefined;
  /** The id of the first subcommand; the others follow. */
  firstSubcommandId = 0;

  constructor(spec: CommandSpec, id: number, parent: Command | undefined) {
    this.spec = spec;
    this.id = id;
    this.parent = parent;
    this.fullName = (parent === undefined ? spec.name : `${parent.fullName}|${spec.name}`).toLowerCase();
    this.categories = categoriesOf(spec);
    const [firstKey, lastKey, keyStep] = legacyRange(spec.keys ?? []);
    this.firstKey = firstKey;
    this.lastKey = lastKey;
    this.keyStep = keyStep;
    const { at } = spec.channels ?? {};
    this.hashedArgument = at?.first ?? firstKey;
    const several = (spec.keys?.length ?? 0) > 1;
    this.hasOneShard = !several && this.hashedArgument > 0 && this.hashedArgument === (at?.last ?? lastKey);
    this.isPlanned = spec.across !== undefined && 'plan' in spec.across && spec.across.alone === true;
  }
}

class Table implements CommandTable {
  readonly all: readonly TableEntry[];
  readonly visible: readonly TableEntry[];
  readonly #names: NameIndex;
  /** Table entries by position in #names. */
  readonly #topLevel: readonly TableEntry[];
  readonly #byFullName = new Map<string, TableEntry>();

  constructor(specs: readonly CommandSpec[]) {
    const all: TableEntry[] = [];
    const topLevel: TableEntry[] = [];
    for (const spec of specs) {
      const entry = new TableEntry(spec, all.length, undefined);
      all.push(entry);
      topLevel.push(entry);
      if (spec.subcommands === undefined) continue;
      entry.firstSubcommandId = all.length;
      for (const sub of spec.subcommands) all.push(new TableEntry(sub, all.length, entry));
    }
    for (const entry of all) {
      validate(entry);
      if (this.#byFullName.has(entry.fullName)) wrong(entry, 'its name is taken');
      this.#byFullName.set(entry.fullName, entry);
    }
    for (const entry of topLevel) {
      const { subcommands } = entry.spec;
      if (subcommands !== undefined) entry.subcommands = new NameIndex(subcommands.map((sub) => sub.name));
    }
    this.all = all;
    this.visible = all.filter((entry) => entry.spec.internal !== true);
    // What no client can ask for has an id, but no name in the index.
    this.#topLevel = topLevel.filter((entry) => entry.spec.internal !== true);
    this.#names = new NameIndex(this.#topLevel.map((entry) => entry.spec.name));
  }

  byName(name: string): Command | undefined {
    const entry = this.byFullName(name);
    return entry?.parent === undefined ? entry : undefined;
  }

  byFullName(name: string): Command | undefined {
    const entry = this.forPlan(name);
    return entry?.spec.internal === true ? undefined : entry;
  }

  forPlan(name: string): Command | undefined {
    return this.#byFullName.get(name.toLowerCase());
  }

  resolve(args: Args, offset = 0): Command | undefined {
    const { bytes, starts, ends } = args;
    const at = this.#names.find(bytes, starts[offset], ends[offset]);
    if (at < 0) return undefined;
    const entry = this.#topLevel[at];
    if (entry.subcommands === undefined || args.count <= offset + 1) return entry;
    const sub = entry.subcommands.find(bytes, starts[offset + 1], ends[offset + 1]);
    return sub < 0 ? undefined : this.all[entry.firstSubcommandId + sub];
  }

  keyIndices(command: Command, args: Args, into: number[], offset = 0): boolean {
    const { keys } = command.spec;
    if (keys === undefined) return true;
    for (const spec of keys) {
      if (spec.flags.includes('not_key')) continue;
      const range = keyRange(spec, args, offset);
      if (range === undefined || range === 'none') continue;
      if (range === 'malformed') return false;
      for (let i = range.first; i <= range.last; i += range.step) into.push(i);
    }
    for (const { index } of command.spec.movableKeys?.(args, offset) ?? []) into.push(index);
    return true;
  }

  keyUses(command: Command, args: Args, offset = 0, isStrict = false): KeyUse[] | undefined {
    const uses: KeyUse[] = [];
    const { keyFlags } = command.spec;
    for (const spec of command.spec.keys ?? []) {
      if (spec.flags.includes('not_key')) continue;
      const range = keyRange(spec, args, offset);
      if (range === undefined || (range === 'none' && !isStrict)) continue;
      if (range === 'none' || range === 'malformed') return undefined;
      const varies = keyFlags !== undefined && spec.flags.includes('variable_flags');
      const flags = varies ? keyFlags(args, offset) : spec.flags;
      const isWritten = spec.isWritten ?? !flags.includes('RO');
      for (let index = range.first; index <= range.last; index += range.step) uses.push({ index, flags, isWritten });
    }
    uses.push(...(command.spec.movableKeys?.(args, offset) ?? []));
    return uses;
  }
}

// ---------------------------------------------------------------------- keys

interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/**
 * The argument indices that one key specification covers in the request at `offset`; undefined when its keyword is not
 * there, `none` when the request ends where its keys would begin. Follows the rules of Redis 7's key specifications
 * (https://redis.io/docs/latest/develop/reference/key-specs/).
 */
function keyRange(spec: KeySpec, args: Args, offset: number): KeyRange | 'none' | 'malformed' | undefined {
  if ('unknown' in spec.begin || 'unknown' in spec.find) return undefined;
  const count = args.count - offset;
  const begin = 'index' in spec.begin ? spec.begin.index : afterKeyword(spec.begin, args, offset, count);
  if (begin === 0) return undefined;
  let first = begin;
  let last: number;
  if ('countAt' in spec.find) {
    const at = begin + spec.find.countAt;
    if (at >= count) return 'malformed';
    const keys = args.integer(offset + at);
    // NaN, what is no number, fails here too.
    if (!(keys >= 0)) return 'malformed';
    first = begin + spec.find.firstAt;
    last = first + (keys - 1) * spec.find.step;
  } else if (spec.find.last >= 0) {
    last = begin + spec.find.last;
  } else if (spec.find.limit > 1) {
    last = begin + Math.floor((count - begin) / spec.find.limit) + spec.find.last;
  } else {
    last = count + spec.find.last;
  }
  if (first === count && last === count - 1) return 'none';
  if (last >= count || last < first || first >= count) return 'malformed';
  return { first, last, step: spec.find.step };
}

/** The index after `keyword`, searched from `startFrom` (negative: from the end, backwards); 0 when it is missing. */
function afterKeyword(
  begin: { readonly keyword: string; readonly startFrom: number },
  args: Args,
  offset: number,
  count: number,
): number {
  const forward = begin.startFrom > 0;
  const step = forward ? 1 : -1;
  for (let i = forward ? begin.startFrom : count + begin.startFrom; i >= 1 && i < count - 1; i += step) {
    if (args.latin1(offset + i).toUpperCase() === begin.keyword) return i + 1;
  }
  return 0;
}

/** COMMAND INFO's old triple: the one range that adjoining fixed ranges make together; zeros when they make none. */
function legacyRange(keys: readonly KeySpec[]): [first: number, last: number, step: number] {
  const [only] = keys;
  if (keys.length === 1 && 'index' in only.begin && 'last' in only.find) {
    return [only.begin.index, absoluteLast(only.begin.index, only.find.last), only.find.step];
  }
  let first = 0;
  let last = 0;
  for (const { begin, find } of keys) {
    if (!('index' in begin) || !('last' in find)) continue;
    if (find.step !== 1 || (last !== 0 && last !== begin.index - 1)) return [0, 0, 0];
    if (first === 0) first = begin.index;
    last = absoluteLast(begin.index, find.last);
  }
  return first === 0 ? [0, 0, 0] : [first, last, 1];
}

function absoluteLast(begin: number, last: number): number {
  return last >= 0 ? begin + last : last;
}

// ---------------------------------------------------------------------- categories

function categoriesOf(spec: CommandSpec): string[] {
  const has = (flag: CommandFlag): boolean => spec.flags.includes(flag);
  const found = new Set<string>();
  if (has('write')) found.add('write');
  if (has('readonly') && spec.group !== 'scripting') found.add('read');
  if (has('admin')) found.add('admin').add('dangerous');
  if (has('pubsub')) found.add('pubsub');
  if (has('blocking')) found.add('blocking');
  found.add(has('fast') ? 'fast' : 'slow');
  const ofGroup = GROUP_CATEGORY[spec.group];
  if (ofGroup !== undefined && spec.subcommands === undefined) found.add(ofGroup);
  for (const category of spec.categories ?? []) {
    if (category.startsWith('-')) found.delete(category.slice(1));
    else found.add(category);
  }
  return CATEGORIES.filter((category) => found.has(category));
}

// ---------------------------------------------------------------------- validation

function wrong(command: Command, what: string): never {
  throw new AssertionError(`declaration of ${command.fullName}: ${what}`);
}

function validate(command: Command): void {
  const { spec, parent } = command;
  const isContainer = spec.subcommands !== undefined;
  if (spec.name !== spec.name.toUpperCase() || spec.name === '') wrong(command, 'its name is not in capitals');
  if (isContainer && parent !== undefined) wrong(command, 'a subcommand has no subcommands');
  const unknown = (spec.categories ?? []).find((c) => !CATEGORIES.some((known) => known === c.replace('-', '')));
  if (unknown !== undefined) wrong(command, `there is no ACL category ${unknown}`);
  validateRunners(command);
  validateKeys(command);
  if (!isContainer) validateArity(command);
}

function validateRunners(command: Command): void {
  const { spec } = command;
  const queue = spec.across !== undefined && 'queue' in spec.across ? spec.across : undefined;
  const plan = command.isPlanned ? spec.across : undefined;
  const runners = [spec.onShard, spec.onEveryShard, spec.onClient, spec.blocking, queue, plan].filter(
    (runner) => runner !== undefined,
  );
  const isBareContainer = spec.subcommands !== undefined && runners.length === 0;
  if (runners.length !== 1 && !isBareContainer)
    wrong(command, 'exactly one of onShard, onEveryShard, onClient, blocking, the queue and a plan of its own runs it');
  if (!isBareContainer && spec.internal !== true && spec.examples.length === 0) wrong(command, 'it has no examples');
  const hasKeys = (spec.keys !== undefined && spec.keys.length > 0) || spec.channels !== undefined;
  if (spec.onShard !== undefined && hasKeys === (spec.pickShard !== undefined)) {
    wrong(command, 'onShard needs either keys or pickShard (channels count as keys)');
  }
  if (spec.onShard === undefined && spec.pickShard !== undefined) wrong(command, 'pickShard goes with onShard');
}

function validateKeys(command: Command): void {
  const { spec } = command;
  const keys = spec.keys ?? [];
  for (const key of keys) {
    const ways = key.flags.filter((flag) => flag === 'RO' || flag === 'RW' || flag === 'OW' || flag === 'RM');
    if (ways.length !== 1 && !key.flags.includes('not_key')) wrong(command, 'a key is one of RO, RW, OW, RM');
    if ('step' in key.find && key.find.step < 1) wrong(command, 'a key step is at least 1');
    if (key.flags.includes('variable_flags') && spec.keyFlags === undefined) {
      wrong(command, 'variable_flags needs keyFlags');
    }
  }
  const several =
    keys.length > 1 || keys.some((key) => 'countAt' in key.find || 'unknown' in key.find || key.find.last !== 0);
  if (several && spec.across === undefined && spec.onClient === undefined) {
    wrong(command, 'its keys may stand on several shards, and it does not say how it runs then');
  }
  const fixed = keys.every((key) => 'index' in key.begin && 'last' in key.find);
  if (!fixed && !spec.flags.includes('movablekeys')) wrong(command, 'keys that move need the flag movablekeys');
}

/** The usage line must not ask for more arguments than the arity, nor, for a fixed arity, allow more. */
function validateArity(command: Command): void {
  const { spec, parent } = command;
  const nameWords = parent === undefined ? 1 : 2;
  const required = Math.abs(spec.arity) - nameWords;
  if (required < 0) wrong(command, 'its arity does not count its name');
  const { min, max } = argumentCount(parseUsage(spec.usage));
  if (min > required) wrong(command, `its usage needs ${min} arguments, its arity ${required}`);
  if (spec.arity > 0 && (min !== required || max !== required)) {
    wrong(command, `its usage takes ${min} to ${max} arguments, its arity exactly ${required}`);
  }
}

interface Count {
  readonly min: number;
  readonly max: number;
}

function argumentCount(parts: readonly UsageArgument[]): Count {
  let min = 0;
  let max = 0;
  for (const part of parts) {
    const one = countOf(part);
    min += one.min;
    max += one.max;
  }
  return { min, max };
}

function countOf(argument: UsageArgument): Count {
  let inner: Count = { min: 1, max: 1 };
  if (argument.type === 'block') inner = argumentCount(argument.arguments);
  if (argument.type === 'oneof') {
    const counts = argument.arguments.map(countOf);
    inner = { min: Math.min(...counts.map((c) => c.min)), max: Math.max(...counts.map((c) => c.max)) };
  }
  const token = argument.token !== undefined && argument.type !== 'pure-token' ? 1 : 0;
  const min = argument.flags.includes('optional') ? 0 : inner.min + token;
  const max = argument.flags.includes('multiple') ? Infinity : inner.max + token;
  return { min, max };
}
