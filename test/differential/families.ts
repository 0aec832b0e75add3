// What is compared: the families of commands, and what is left out of them, with the reason.

import type { CommandGroup } from '../../src/contract/spec.js';

const ERROR_BYTE = 0x2d;

export interface Family {
  readonly group: CommandGroup;
  /** What it is called; its group where nothing is said. */
  readonly name?: string;
  /** Commands that make values. */
  readonly fillers: readonly string[];
  /** The only numbers that are used for doubles. */
  readonly doubles?: readonly string[];
  /** Requests with this word, or a part of their name, are left out. */
  readonly without?: string;
}

export function nameOf({ name, group }: Family): string {
  return name ?? group;
}

export const FAMILIES: readonly Family[] = [
  { group: 'string', fillers: ['set', 'append'] },
  { group: 'bitmap', fillers: ['set', 'setbit'] },
  { group: 'list', fillers: ['rpush', 'lpush'] },
  { group: 'hash', fillers: ['hset', 'hset'] },
  { group: 'set', fillers: ['sadd', 'sadd'] },
  // Ranges of members mean something only where all scores are the same.
  { group: 'sorted-set', fillers: ['zadd', 'zadd'], without: 'LEX' },
  { group: 'sorted-set', name: 'sorted-set-lex', fillers: ['zadd', 'zadd'], doubles: ['0'], without: 'INCR' },
  { group: 'stream', fillers: ['xadd', 'xadd', 'xgroup|create'] },
  // Sine and cosine of the C library and of JavaScript differ in the last bit, which a stored distance shows.
  { group: 'geo', fillers: ['geoadd', 'geoadd'], without: 'STOREDIST' },
  { group: 'hyperloglog', fillers: ['pfadd'] },
  { group: 'generic', fillers: ['set', 'rpush', 'hset', 'sadd', 'zadd', 'xadd', 'geoadd', 'pfadd', 'setbit'] },
];

/** Commands that two servers need not answer alike. */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  // they choose at random
  'spop', 'srandmember', 'hrandfield', 'zrandmember', 'randomkey',
  // cursors are the server's own
  'scan', 'sscan', 'hscan', 'zscan',
  // the versions of the format differ, and a payload is not made up by chance
  'dump', 'restore', 'migrate',
  // there is nothing to wait for
  'wait', 'waitaof',
  // the words of its answer are our own
  'object|help',
  'xgroup|help',
  'xinfo|help',
  // they tell times, the nodes inside, and more than the compared version
  'xinfo|stream',
  'xinfo|consumers',
  // it tells how long ago something was, and the servers are asked one after the other
  'object|idletime',
  // since 7.2 they make the consumer even where there is nothing to claim
  'xclaim',
  'xautoclaim',
  // they show the inside
  'pfdebug', 'pfselftest',
]); // prettier-ignore

/** Commands whose arity was fixed in the compared version: they have had options since. */
const FIXED_ARITY: ReadonlyMap<string, number> = new Map([
  ['zrank', 3],
  ['zrevrank', 3],
]);

/** False for requests whose effect depends on the clock or on the order inside a set, or that are too new. */
export function isFixed(words: readonly string[], { without }: Family): boolean {
  const name = words[0].toLowerCase();
  const options = words.map((word) => word.toUpperCase());
  if (without !== undefined && options.some((word) => word.includes(without))) return false;
  if (words.length > (FIXED_ARITY.get(name) ?? Infinity)) return false;
  // Valkey's
  if (name === 'set' && options.includes('IFEQ')) return false;
  // the last entry, since 7.4
  if (name.startsWith('xread') && words.includes('+')) return false;
  // which of several at one distance come first is left to chance
  if (name.startsWith('geo') && options.includes('COUNT') && STORES.test(options.join(' '))) return false;
  if (name === 'xadd') return !words.some((word) => word === '*' || word.endsWith('-*'));
  if (name === 'sort' || name === 'sort_ro') return !options.includes('BY');
  return true;
}

const STORES = /STORE/;

/** Replies of which only the length is promised: those at one distance compete for the places that COUNT leaves. */
export function isJustCounted(words: readonly string[]): boolean {
  return words[0].toLowerCase().startsWith('geo') && words.some((word) => word.toUpperCase() === 'COUNT');
}

/**
 * Differences that are meant: what the compared version does otherwise than the ones after it.
 *   bitcount, bitpos   tell what is wrong with the arguments whether there is a key or not (since 7.4)
 *   object encoding    lists and sets have a packed form (since 7.2); SORT of a sorted set leaves its form as it was
 */
export function isKnownDifference(name: string, ours: Buffer, theirs: Buffer): boolean {
  if (name === 'bitcount' || name === 'bitpos') return ours[0] === ERROR_BYTE;
  if (name !== 'object') return false;
  return ours.includes('listpack') && ['quicklist', 'hashtable', 'skiplist'].some((form) => theirs.includes(form));
}
