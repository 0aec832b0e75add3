// SORT over several shards: the elements come from the shard of their key, then what they are sorted by, then what is to be
// shown, each from where it stands; at last STORE puts the result where it belongs. Nobody knows beforehand which keys that
// will be, so the transaction is over the whole keyspace.
//
// What the parts give stands in a bulk of its own form: | length:u32 | bytes | for each value, ABSENT for one that is not there.

import type { ByteView } from '../base/bytes.js';
import { NO_BYTES, readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import { shardOf, taggedKeyHash } from '../base/hash.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanPort, PlanRun, PlanStep } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { LIST_LENGTH_MAX } from '../values/list.js';
import { newView } from './arguments.js';
import { LIST_TOO_LONG } from './list-values.js';
import { NOT_NUMBERS, SortJob } from './sort-job.js';
import { readSort, type SortPattern } from './sort-request.js';
import { readPatternValue, storeList, takeElements } from './sort-values.js';

const WORD_BYTES = 4;
const ABSENT = -1;
const INITIAL_BYTES = 1024;

/** Appends a value to what a part gives. */
function addValue(into: GrowingBytes, bytes: Uint8Array, start: number, end: number): void {
  into.appendWord(end - start);
  into.append(bytes, start, end);
}

/** Reads what parts gave, value by value. */
class Values {
  readonly #step: PlanStep;
  #at = -1;

  constructor(step: PlanStep) {
    this.#step = step;
  }

  get isOver(): boolean {
    const { bulkStart, bulkEnd } = this.#step.reply;
    return (this.#at < 0 ? bulkStart : this.#at) === bulkEnd;
  }

  word(): number {
    const { bytes, bulkStart } = this.#step.reply;
    if (this.#at < 0) this.#at = bulkStart;
    const word = readWord(bytes, this.#at);
    this.#at += WORD_BYTES;
    return word;
  }

  /** Points `view` at the next value; false: it is not there. */
  next(view: ByteView): boolean {
    const length = this.word();
    if (length === ABSENT) return false;
    view.bytes = this.#step.reply.bytes;
    view.start = this.#at;
    view.end = this.#at + length;
    this.#at = view.end;
    return true;
  }
}

/** Looks a pattern up for elements one after the other; after the hop `next` gives the values in the same order. */
class LookUps {
  readonly #port: PlanPort;
  readonly #steps: (PlanStep | undefined)[] = [];
  readonly #values: Values[] = [];
  readonly #owners: number[] = [];
  readonly #key = new GrowingBytes(INITIAL_BYTES);
  #next = 0;

  constructor(port: PlanPort) {
    this.#port = port;
  }

  add(pattern: SortPattern, { bytes, start, end }: ByteView): void {
    const key = this.#key;
    key.clear();
    pattern.writeKey(bytes, start, end, key);
    const hash = taggedKeyHash(key.bytes, 0, key.length, this.#port.args.hashSeed);
    const shard = shardOf(hash, this.#port.shardCount);
    const step = (this.#steps[shard] ??= this.#port.onShard(shard, 'SORTLOOK'));
    step.bytes(key.bytes, 0, key.length).bytes(pattern.field, 0, pattern.field.length);
    this.#owners.push(shard);
  }

  next(view: ByteView): boolean {
    const shard = this.#owners[this.#next++];
    const step = this.#steps[shard];
    if (step === undefined) return false;
    const values = (this.#values[shard] ??= new Values(step));
    return values.next(view);
  }
}

export function planSort(port: PlanPort): PlanRun {
  return plan(port, true);
}

export function planSortReadOnly(port: PlanPort): PlanRun {
  return plan(port, false);
}

function* plan(port: PlanPort, mayStore: boolean): PlanRun {
  const { args, reply } = port;
  const request = readSort(args, mayStore);
  if (typeof request === 'string') {
    reply.error(request);
    return;
  }
  const elements = port.on(1, 'SORTTAKE').arg(1);
  yield;
  if (elements.reply.isError) {
    port.forward(elements.reply);
    return;
  }
  const job = new SortJob(request);
  const element = newView();
  const value = newView();
  const taken = new Values(elements);
  job.type = taken.word();
  while (!taken.isOver) if (taken.next(element)) job.bulk(element.bytes, element.start, element.end);
  job.loaded();

  const { by } = request;
  if (by !== undefined && job.wantsBy && job.count > 0) {
    const lookUps = new LookUps(port);
    for (let i = 0; i < job.count; i++) {
      job.element(i, element);
      lookUps.add(by, element);
    }
    yield;
    for (let i = 0; i < job.count; i++) {
      if (lookUps.next(value)) job.sortBy(i, value.bytes, value.start, value.end);
    }
  }
  if (!job.allNumbers) {
    reply.error(NOT_NUMBERS);
    return;
  }
  job.sort();
  yield* planResult(port, job);
}

/** Answers with the result, or stores it. */
function* planResult(port: PlanPort, job: SortJob): PlanRun {
  const { gets, store } = job.request;
  const element = newView();
  const value = newView();
  const shown = gets.filter((get) => get.isKey && !get.isElement);
  const lookUps = new LookUps(port);
  for (let i = job.first; i < job.end; i++) {
    job.element(job.order[i], element);
    for (const get of shown) lookUps.add(get, element);
  }
  if (shown.length > 0 && job.first < job.end) yield;
  const length = (job.end - job.first) * Math.max(gets.length, 1);
  if (store > 0 && length > LIST_LENGTH_MAX) {
    port.reply.error(LIST_TOO_LONG);
    return;
  }
  const result = new GrowingBytes(INITIAL_BYTES);
  const { reply } = port;
  if (store === 0) reply.array(length);
  const give = (isThere: boolean, view: ByteView): void => {
    if (store > 0) addValue(result, view.bytes, view.start, isThere ? view.end : view.start);
    else if (isThere) reply.bulk(view.bytes, view.start, view.end);
    else reply.nil();
  };
  for (let i = job.first; i < job.end; i++) {
    job.element(job.order[i], element);
    if (gets.length === 0) give(true, element);
    for (const get of gets) {
      if (get.isElement) give(true, element);
      else give(get.isKey && lookUps.next(value), value);
    }
  }
  if (store === 0) return;
  port.on(store, 'SORTSTORE').arg(store).bytes(result.bytes, 0, result.length);
  yield;
  reply.integer(length);
}

// ---------------------------------------------------------------------- parts

const given = new GrowingBytes(INITIAL_BYTES);
const view = newView();

/** The type and the elements of a collection; only a type when there is none. */
function opTake(db: Db, args: Args, reply: Reply): void {
  given.clear();
  const entry = db.lookupRead(args, 1);
  given.appendWord(entry === 0 ? ABSENT : db.typeOf(entry));
  const taker = {
    bulk: (bytes: Uint8Array, start: number, end: number): void => {
      addValue(given, bytes, start, end);
    },
  };
  if (entry !== 0 && !takeElements(db, entry, taker)) {
    reply.error(ERRORS.wrongType);
    return;
  }
  reply.bulk(given.bytes, 0, given.length);
}

/** The values at keys, or in fields of hashes: keys and fields by turns, an empty field for a string. */
function opLook(db: Db, args: Args, reply: Reply): void {
  given.clear();
  const { bytes, starts, ends } = args;
  for (let i = 1; i < args.count; i += 2) {
    const field = starts[i + 1] === ends[i + 1] ? NO_BYTES : bytes.subarray(starts[i + 1], ends[i + 1]);
    if (readPatternValue(db, bytes, starts[i], ends[i], field, view)) addValue(given, view.bytes, view.start, view.end);
    else given.appendWord(ABSENT);
  }
  reply.bulk(given.bytes, 0, given.length);
}

/** Puts a list of values in the place of what a key holds. */
function opStore(db: Db, args: Args, reply: Reply): void {
  const result = new GrowingBytes(INITIAL_BYTES);
  const lengths: number[] = [];
  for (let at = args.starts[2]; at < args.ends[2];) {
    const end = at + WORD_BYTES + readWord(args.bytes, at);
    result.append(args.bytes, at + WORD_BYTES, end);
    lengths.push(result.length);
    at = end;
  }
  storeList(db, args, 1, result, lengths);
  reply.ok();
}

const PART = {
  since: '7.0.0',
  group: 'generic',
  complexity: 'O(n), n = elements',
  examples: [],
  internal: true,
} as const;

export const SORT_PARTS: readonly CommandSpec[] = [
  {
    ...PART,
    name: 'SORTTAKE',
    arity: 2,
    flags: ['readonly'],
    summary: 'Gives all elements of what is sorted.',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    onShard: opTake,
  },
  {
    ...PART,
    name: 'SORTLOOK',
    arity: -3,
    flags: ['readonly'],
    summary: 'Gives the values that patterns stand for.',
    usage: '(key field:string)...',
    keys: [keysFrom(1, -1, 2, 'RO', 'access')],
    onShard: opLook,
    across: { split: 'array' },
  },
  {
    ...PART,
    name: 'SORTSTORE',
    arity: 3,
    flags: ['write'],
    summary: 'Stores the result of a sort.',
    usage: 'key value',
    keys: [keyAt(1, 'OW', 'update')],
    onShard: opStore,
  },
];
