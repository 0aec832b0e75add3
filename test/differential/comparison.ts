// When two replies to one request count as alike.

import { parseReply, sortedText, type RespNode } from '../support/resp-tree.js';

const ARRAY_BYTE = 0x2a;

/** Redis promises no order of the elements. */
const UNORDERED: ReadonlySet<string> = new Set([
  'keys',
  'smembers',
  'sunion',
  'sinter',
  'sdiff',
  'hkeys',
  'hvals',
  'sscan',
  'hscan',
  'zscan',
  'scan',
  'geosearch',
  'georadius',
  'georadiusbymember',
  'georadius_ro',
  'georadiusbymember_ro',
]);
/** The same, of pairs. */
const UNORDERED_PAIRS: ReadonlySet<string> = new Set(['hgetall']);

/** Replies that tell the time left: the servers are asked one after the other. */
const TIMES: ReadonlyMap<string, number> = new Map([
  ['ttl', 2],
  ['pttl', 2000],
  ['expiretime', 2],
  ['pexpiretime', 2000],
]);

/** Replies with scores and distances: older versions print all 17 digits of a double, newer ones as many as it takes. */
const WITH_DOUBLES = /^(b?z|geo|hincrbyfloat|incrbyfloat)/;

export function isAlike(name: string, ours: Buffer, theirs: Buffer): boolean {
  if (ours.equals(theirs)) return true;
  const slack = TIMES.get(name);
  if (slack !== undefined) return Math.abs(integerOf(ours) - integerOf(theirs)) <= slack;
  if (UNORDERED.has(name)) return sortedText(parseReply(ours)) === sortedText(parseReply(theirs));
  if (UNORDERED_PAIRS.has(name)) return pairs(parseReply(ours)) === pairs(parseReply(theirs));
  return WITH_DOUBLES.test(name) && sameNumbers(parseReply(ours), parseReply(theirs));
}

function sameNumbers(a: RespNode, b: RespNode): boolean {
  if (a.items.length !== b.items.length) return false;
  if (a.content !== undefined && b.content !== undefined) {
    return a.content === b.content || (a.content !== '' && Number(a.content) === Number(b.content));
  }
  return a.head === b.head && a.items.every((item, i) => sameNumbers(item, b.items[i]));
}

/** Both are arrays of so many elements. */
export function haveOneLength(ours: Buffer, theirs: Buffer): boolean {
  return ours[0] === ARRAY_BYTE && parseReply(ours).head === parseReply(theirs).head;
}

function integerOf(reply: Buffer): number {
  return Number(reply.subarray(1, -2).toString('latin1'));
}

function pairs(node: RespNode): string {
  const { items } = node;
  const texts: string[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) texts.push(sortedText(items[i]) + sortedText(items[i + 1]));
  return texts.sort().join();
}
