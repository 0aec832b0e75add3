// Unions, intersections and differences of sorted sets; sets take part as sorted sets whose scores are 1.
//
// The result is made as a large set in the arena, without order until it is complete, and told or stored then.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Db } from '../shard/db.js';
import { SetValue } from '../values/set.js';
import { TYPE } from '../values/types.js';
import { ZSetValue } from '../values/zset.js';
import { int64Near, newView } from './arguments.js';
import { readDouble } from './zset-arguments.js';
import { memberHashOf, replyMembersOf, storeZSet } from './zset-values.js';

const WEIGHTS = bytesOf('WEIGHTS');
const AGGREGATE = bytesOf('AGGREGATE');
const WITHSCORES = bytesOf('WITHSCORES');
const LIMIT = bytesOf('LIMIT');
const SUM = bytesOf('SUM');
const MIN = bytesOf('MIN');
const MAX = bytesOf('MAX');

const BAD_WEIGHT = 'ERR weight value is not a float';
export const BAD_LIMIT = "ERR LIMIT can't be negative";

export function keysMissing(name: string): string {
  return `ERR at least 1 input key is needed for '${name}' command`;
}

type Operation = 'union' | 'inter' | 'diff';

/** What becomes of a command's result. */
type Outcome = 'reply' | 'store' | 'count';

// ---------------------------------------------------------------------- inputs

const view = newView();

/** One of the sets that take part: sorted, plain, or missing. */
class Source {
  readonly #zset = new ZSetValue();
  readonly #set = new SetValue();
  #type = -1;
  #isStarted = false;
  length = 0;
  weight = 1;

  /** Points at the value of the key at argument `i`; false: it is no set of either kind. */
  open(db: Db, args: Args, i: number): boolean {
    const entry = db.lookupRead(args, i);
    this.#type = entry === 0 ? -1 : db.typeOf(entry);
    this.#isStarted = false;
    this.length = 0;
    this.weight = 1;
    if (this.#type === TYPE.zset) {
      this.#zset.open(db.arena, entry);
      this.length = this.#zset.length;
    } else if (this.#type === TYPE.set) {
      this.#set.open(db.arena, entry);
      this.#set.rewind();
      this.length = this.#set.count;
    }
    return this.#type === -1 || this.length > 0;
  }

  /** Goes to the first member, then to the next; `view` and `score` are its own. False: there are no more. */
  next(): boolean {
    if (this.#type === TYPE.set) return this.#set.next(view);
    if (this.#type !== TYPE.zset) return false;
    const more = this.#isStarted ? this.#zset.next() : this.#zset.seek(0);
    this.#isStarted = true;
    if (more) this.#zset.read(view);
    return more;
  }

  /** The score of the member that `next` or `has` came to. */
  get score(): number {
    return this.#type === TYPE.zset ? this.#zset.score : 1;
  }

  /** Looks for the member in `view`; not for a set that `next` walks. */
  has(hash: number): boolean {
    if (this.#type === TYPE.zset) return this.#zset.find(hash, view.bytes, view.start, view.end);
    return this.#type === TYPE.set && this.#set.hasHashed(hash, view.bytes, view.start, view.end);
  }
}

/** Flyweights for as many keys as a request has had. */
const pool: Source[] = [];
const POOL_KEPT_MAX = 256;
/** Those of the running command, in the order in which they are worked on. */
let sources: Source[] = [];

const options = { aggregate: SUM, withScores: false, limit: 0 };

/** Reads keys and options, `numkeys` at that argument; false: the error has been replied. */
function readRequest(
  db: Db,
  args: Args,
  numkeysAt: number,
  operation: Operation,
  outcome: Outcome,
  name: string,
  reply: Reply,
): boolean {
  const keys = int64Near(args, numkeysAt);
  if (Number.isNaN(keys)) {
    reply.error(ERRORS.notInteger);
    return false;
  }
  if (keys < 1) {
    reply.error(keysMissing(name));
    return false;
  }
  if (keys > args.count - numkeysAt - 1) {
    reply.error(ERRORS.syntax);
    return false;
  }
  if (pool.length > POOL_KEPT_MAX) pool.length = POOL_KEPT_MAX;
  sources = [];
  for (let k = 0; k < keys; k++) {
    if (k === pool.length) pool.push(new Source());
    if (!pool[k].open(db, args, numkeysAt + 1 + k)) {
      reply.error(ERRORS.wrongType);
      return false;
    }
    sources.push(pool[k]);
  }
  return readOptions(args, numkeysAt + 1 + keys, operation, outcome, reply);
}

function readOptions(args: Args, from: number, operation: Operation, outcome: Outcome, reply: Reply): boolean {
  options.aggregate = SUM;
  options.withScores = false;
  options.limit = 0;
  const weighs = operation !== 'diff' && outcome !== 'count';
  for (let i = from; i < args.count; i++) {
    const behind = args.count - i - 1;
    if (weighs && behind >= sources.length && args.is(i, WEIGHTS)) {
      for (const source of sources) {
        source.weight = readDouble(args, ++i, reply, BAD_WEIGHT);
        if (Number.isNaN(source.weight)) return false;
      }
    } else if (weighs && behind >= 1 && args.is(i, AGGREGATE)) {
      const way = [SUM, MIN, MAX].find((word) => args.is(i + 1, word));
      if (way === undefined) {
        reply.error(ERRORS.syntax);
        return false;
      }
      options.aggregate = way;
      i++;
    } else if (outcome === 'reply' && args.is(i, WITHSCORES)) {
      options.withScores = true;
    } else if (outcome === 'count' && behind >= 1 && args.is(i, LIMIT)) {
      options.limit = int64Near(args, i + 1);
      if (!(options.limit >= 0)) {
        reply.error(BAD_LIMIT);
        return false;
      }
      i++;
    } else {
      reply.error(ERRORS.syntax);
      return false;
    }
  }
  return true;
}

// ---------------------------------------------------------------------- the work

const made = new ZSetValue();

/** inf - inf and inf * 0 are 0 here. */
function numberOr0(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

function aggregate(score: number, other: number): number {
  if (options.aggregate === SUM) return numberOr0(score + other);
  if (options.aggregate === MIN) return other < score ? other : score;
  return other > score ? other : score;
}

/** From the smallest to the largest, equal ones as they were given. */
function sortSources(): void {
  sources.sort((a, b) => a.length - b.length);
}

function unite(db: Db): void {
  sortSources();
  for (const source of sources) {
    while (source.next()) {
      const { bytes, start, end } = view;
      const hash = memberHashOf(db, bytes, start, end);
      const score = numberOr0(source.weight * source.score);
      if (made.find(hash, bytes, start, end)) made.rescoreUnordered(aggregate(made.score, score));
      else made.addUnordered(hash, bytes, start, end, score);
    }
  }
}

/** Fills `made`, or counts to `options.limit` only (0: all); returns how many there are. */
function intersect(db: Db, counts: boolean): number {
  sortSources();
  const [first, ...others] = sources;
  let found = 0;
  while (first.next()) {
    const hash = memberHashOf(db, view.bytes, view.start, view.end);
    let score = numberOr0(first.weight * first.score);
    let everywhere = true;
    for (const other of others) {
      everywhere = other.has(hash);
      if (!everywhere) break;
      score = aggregate(score, other.score * other.weight);
    }
    if (!everywhere) continue;
    found++;
    if (!counts) made.addUnordered(hash, view.bytes, view.start, view.end, score);
    else if (found === options.limit) break;
  }
  return found;
}

function subtract(db: Db): void {
  const [first, ...others] = sources;
  while (first.next()) {
    const hash = memberHashOf(db, view.bytes, view.start, view.end);
    if (others.some((other) => other.has(hash))) continue;
    made.addUnordered(hash, view.bytes, view.start, view.end, first.score);
  }
}

function make(db: Db, operation: Operation): void {
  made.begin(db.arena, true);
  if (operation === 'union') unite(db);
  else if (operation === 'inter') intersect(db, false);
  else subtract(db);
  made.arrange();
}

/** Replies with the result of the keys from `numkeys`, argument 1, on. */
export function combineReply(db: Db, args: Args, operation: Operation, name: string, reply: Reply): void {
  if (!readRequest(db, args, 1, operation, 'reply', name, reply)) return;
  make(db, operation);
  const { length } = made;
  const { withScores } = options;
  const inPairs = withScores && reply.protocol === 3;
  reply.array(withScores && !inPairs ? length * 2 : length);
  if (length > 0) replyMembersOf(made, 0, length, true, withScores, inPairs, reply);
  const rest = made.discard();
  if (rest !== undefined && length > FREED_AT_ONCE_MAX) db.shard.lazyFree.addValue(rest);
  else rest?.step(Infinity);
}

const FREED_AT_ONCE_MAX = 1000;

/** Puts the result of the keys from `numkeys`, argument 2, on in the place of what is at argument 1. */
export function combineStore(db: Db, args: Args, operation: Operation, name: string, reply: Reply): void {
  if (!readRequest(db, args, 2, operation, 'store', name, reply)) return;
  make(db, operation);
  made.pack(db.shard.limits);
  storeZSet(db, args, 1, made, reply);
}

export function opZInterCard(db: Db, args: Args, reply: Reply): void {
  if (readRequest(db, args, 1, 'inter', 'count', 'zintercard', reply)) reply.integer(intersect(db, true));
}
