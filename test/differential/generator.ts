// Random requests from the command table: each command's usage line is its grammar. Most are valid, some nearly, a few not at
// all; keys and members come from small pools, so that commands meet what others have left.

import type { Random } from '../../src/base/prng.js';
import type { Command, CommandTable } from '../../src/contract/command-table.js';
import type { CommandGroup } from '../../src/contract/spec.js';
import { parseUsage, type UsageArgument } from '../../src/contract/usage.js';
import type { Family } from './families.js';

const KEYS_PER_GROUP = 5;
/** Chances in a hundred. */
const STRANGE_VALUE = 3;
const STRANGE_COUNT = 3;
const OTHER_GROUPS_KEY = 6;
const OPTION = 35;
const ANOTHER = 45;
const EXTRA_WORD = 1;
const LOST_WORD = 1;
const REPEATS_MAX = 12;

const STRANGE = [
  '',
  'abc',
  '1.5',
  '-0',
  ' 1',
  '1 ',
  '0x10',
  '+1',
  '9223372036854775807',
  '9223372036854775808',
  '-1e400',
  'nan',
  'inf',
  '\0',
];
const INTEGERS = ['0', '1', '2', '3', '4', '7', '10', '25', '-1', '-2', '-3', '-10', '100'];
const DOUBLES = ['0', '1', '1.5', '-2.25', '3', '3', '1e3', '0.1', 'inf', '-inf', '12345678.9', '-0', '7'];
const PATTERNS = ['*', 'm*', '?1', '[mn]*', 'm[0-9]', 'none'];
const LEX = ['-', '+', '[m1', '(m1', '[m5', '(m9', '[a', '[z'];
const SCORE_BOUNDS = ['-inf', '+inf', '0', '(1', '3', '(3', '10', '(inf', '1e3'];
const MEMBERS = Array.from({ length: 24 }, (_, i) => `m${i}`);
const VALUES = [
  ...MEMBERS,
  '1',
  '2',
  '-7',
  '42',
  '1000000',
  '3.25',
  'x'.repeat(70),
  'y'.repeat(300),
  '\x00\xff\r\n',
  '',
];
const STREAM_IDS = ['0', '0-0', '1', '1-1', '2-0', '3-5', '5-*', '7-2', '9-9', '(2-0', '-', '+', '100-1', 'x-1'];
const FAR = 4_102_444_800; // 2100-01-01

/** Groups whose commands make values. */
export const VALUE_GROUPS = [
  'string',
  'list',
  'hash',
  'set',
  'sorted-set',
  'stream',
  'geo',
  'hyperloglog',
  'bitmap',
] as const;

/** What an argument's name says of its values. */
const BY_NAME: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    db: ['0', '1', '2'],
    'destination-db': ['0', '1', '2'],
    bit: ['0', '1'],
    seconds: ['1000', '5000', '100000', '0', '-1'],
    milliseconds: ['1000000', '5000000', '0', '-5'],
    'unix-time-seconds': [String(FAR), String(FAR + 7), '1'],
    'unix-time-milliseconds': [`${FAR}000`, `${FAR}123`, '1'],
    encoding: ['u8', 'i8', 'u4', 'i16', 'u1', 'i64', 'u63', 'u64', 'i0', '8'],
    operation: ['AND', 'OR', 'XOR', 'NOT', 'NAND'],
    longitude: ['13.361389', '15.087269', '0', '-122.4', '179.9', '181'],
    latitude: ['38.115556', '37.502669', '0', '51.5', '85', '86'],
    radius: ['0', '10', '200', '1000', '20000'],
    width: ['10', '400', '2000'],
    height: ['10', '400', '2000'],
    id: STREAM_IDS,
    'last-id': STREAM_IDS,
    lastid: STREAM_IDS,
    threshold: ['0', '1', '3', '10', '5-0'],
    consumer: ['alice', 'bob', 'carol'],
    group: ['g1', 'g2', 'none'],
    'min-idle-time': ['0', '0', '100000'],
    entriesread: ['0', '1', '5', '-1'],
    'entries-read': ['0', '1', '5', '-1'],
    'entries-added': ['20', '100', '0'],
    timeout: ['0.001'],
    cursor: ['0'],
    len: ['0', '3', '20', '-1'],
    offset: ['0', '1', '5', '7', '16', '63', '64', '100', '#0', '#1', '#3', '-1', '9999'],
    element: VALUES,
    pivot: MEMBERS,
  }),
);

export class RequestGenerator {
  readonly #random: Random;
  readonly #commands: readonly Command[];
  readonly #fillers: readonly Command[];
  readonly #group: CommandGroup;
  readonly #doubles: readonly string[];
  readonly #isOlder: (since: string) => boolean;
  readonly #usages = new Map<Command, UsageArgument[]>();
  #words: string[] = [];
  #command: Command | undefined;

  /**
   * @param commands what is tried; @param fillers commands that make values, for the keys to hold something
   * @param isOlder the other server knows what came with a version
   */
  constructor(
    random: Random,
    { group, doubles }: Family,
    commands: readonly Command[],
    fillers: readonly Command[],
    isOlder: (since: string) => boolean,
  ) {
    this.#random = random;
    this.#group = group;
    this.#doubles = doubles ?? DOUBLES;
    this.#commands = commands;
    this.#fillers = fillers;
    this.#isOlder = isOlder;
  }

  /** The next request: its words, one character per byte. */
  next(): readonly string[] {
    const from = this.#fillers.length > 0 && this.#chance(25) ? this.#fillers : this.#commands;
    const command = this.#one(from);
    this.#command = command;
    this.#countAt = -1;
    this.#counted = 1;
    this.#words = command.fullName.split('|');
    let usage = this.#usages.get(command);
    if (usage === undefined) {
      usage = parseUsage(command.spec.usage);
      this.#usages.set(command, usage);
    }
    for (const argument of usage) this.#argument(argument);
    // Another last word might be the time that a command waits.
    if (command.spec.blocking !== undefined) return this.#words;
    if (this.#chance(EXTRA_WORD)) this.#words.push(this.#one(VALUES));
    if (this.#chance(LOST_WORD)) this.#words.pop();
    return this.#words;
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #one<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)];
  }

  #argument(argument: UsageArgument): void {
    const { flags, name } = argument;
    const countAt = this.#countAt;
    this.#countAt = -1;
    if (argument.since !== undefined && !this.#isOlder(argument.since)) return;
    if (flags.includes('optional') && !this.#chance(OPTION)) return;
    const repeats = flags.includes('multiple');
    let times = 1;
    while (repeats && times < REPEATS_MAX && this.#chance(ANOTHER)) times++;
    if (name === 'weight' && !this.#chance(STRANGE_COUNT)) times = this.#counted;
    for (let i = 0; i < times; i++) this.#once(argument, i === 0 || flags.includes('multiple_token'));
    // `numkeys key [key ...]`, `FIELDS n field ...`: the number before says how many.
    if (!repeats || countAt < 0) return;
    this.#counted = times;
    if (!this.#chance(STRANGE_COUNT)) this.#words[countAt] = String(times);
  }

  /** Where the number stands of what follows; -1: there is none. */
  #countAt = -1;
  /** How many keys there were. */
  #counted = 1;

  #once(argument: UsageArgument, withToken: boolean): void {
    const { type, token, name } = argument;
    if (token !== undefined && (withToken || type === 'pure-token'))
      this.#words.push(this.#chance(30) ? token.toLowerCase() : token);
    switch (type) {
      case 'pure-token':
        return;
      case 'oneof': {
        const known = argument.arguments.filter(({ since }) => since === undefined || this.#isOlder(since));
        if (known.length > 0) this.#argument(this.#one(known));
        return;
      }
      case 'block':
        for (const part of argument.arguments) this.#argument(part);
        return;
      default:
        this.#words.push(this.#value(name, type));
        if (name === 'numkeys' || name === 'numfields') this.#countAt = this.#words.length - 1;
    }
  }

  #value(name: string, type: UsageArgument['type']): string {
    if (type === 'key') return this.#key();
    if (name === 'milliseconds' && this.#command?.spec.blocking !== undefined) return '1';
    // A strange time might be for ever.
    const isPlain = name === 'timeout' || (type === 'double' && this.#doubles !== DOUBLES);
    if (!isPlain && this.#chance(STRANGE_VALUE)) return this.#one(STRANGE);
    const known = BY_NAME.get(name);
    if (known !== undefined) return this.#one(known);
    switch (type) {
      case 'integer':
        return this.#one(INTEGERS);
      case 'double':
        return this.#one(this.#doubles);
      case 'unix-time':
        return this.#one([String(FAR), '1']);
      case 'pattern':
        return this.#one(PATTERNS);
      default:
        return this.#text(name);
    }
  }

  /** A string; bounds of ranges are spelt as the running command wants them. */
  #text(name: string): string {
    const command = this.#command?.spec.name ?? '';
    if (name === 'min' || name === 'max' || name === 'start' || name === 'stop' || name === 'end') {
      if (command.includes('LEX')) return this.#one(LEX);
      if (command.startsWith('X')) return this.#one(STREAM_IDS);
      if (command === 'ZRANGE' || command === 'ZRANGESTORE') return this.#one(this.#one([LEX, SCORE_BOUNDS, INTEGERS]));
      return this.#one(SCORE_BOUNDS);
    }
    if (name === 'member' || name === 'field' || name === 'member1' || name === 'member2') return this.#one(MEMBERS);
    return this.#one(VALUES);
  }

  /** Mostly a key that holds values of the group; several share a hash tag, so that some requests stay on one shard. */
  #key(): string {
    const anywhere = this.#group === 'generic' || this.#chance(OTHER_GROUPS_KEY);
    const group = anywhere ? this.#one(VALUE_GROUPS) : this.#group;
    const number = this.#random.below(KEYS_PER_GROUP * 2);
    return number < KEYS_PER_GROUP ? `${group}:${number}` : `{tag}${group}:${number}`;
  }
}

/** The commands of a group that both servers know and that always answer alike. */
export function comparableCommands(
  table: CommandTable,
  group: CommandGroup,
  leftOut: ReadonlySet<string>,
  isKnown: (name: string) => boolean,
): Command[] {
  return table.visible.filter(
    ({ spec, fullName }) =>
      spec.group === group && spec.subcommands === undefined && !leftOut.has(fullName) && isKnown(fullName),
  );
}
