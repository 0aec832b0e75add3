// SORT and SORT_RO of lists, sets and sorted sets: by their elements or by what stands at other keys, which the elements name
// (sort-request.ts). With several shards a request that reads such keys is a plan (sort-plan.ts).

import { GrowingBytes } from '../base/growing-bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec, type KeySpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { LIST_LENGTH_MAX } from '../values/list.js';
import { newView } from './arguments.js';
import { LIST_TOO_LONG } from './list-values.js';
import { NOT_NUMBERS, SortJob } from './sort-job.js';
import { planSort, planSortReadOnly } from './sort-plan.js';
import { readSort, readsPatterns, storeKeys, type SortPattern } from './sort-request.js';
import { readPatternValue, storeList, takeElements } from './sort-values.js';

const INITIAL_BYTES = 1024;

const element = newView();
const found = newView();
const key = new GrowingBytes(INITIAL_BYTES);

/** Points `found` at what a pattern stands for with `element`; false: nothing. */
function lookUp(db: Db, pattern: SortPattern): boolean {
  if (!pattern.isKey) return false;
  key.clear();
  pattern.writeKey(element.bytes, element.start, element.end, key);
  return readPatternValue(db, key.bytes, 0, key.length, pattern.field, found);
}

function sort(db: Db, args: Args, mayStore: boolean, reply: Reply): void {
  const request = readSort(args, mayStore);
  if (typeof request === 'string') {
    reply.error(request);
    return;
  }
  const job = new SortJob(request);
  const entry = db.lookupRead(args, 1);
  if (entry !== 0) {
    job.type = db.typeOf(entry);
    if (!takeElements(db, entry, job)) {
      reply.error(ERRORS.wrongType);
      return;
    }
  }
  job.loaded();
  const { by } = request;
  if (by !== undefined && job.wantsBy) {
    for (let i = 0; i < job.count; i++) {
      job.element(i, element);
      if (lookUp(db, by)) job.sortBy(i, found.bytes, found.start, found.end);
    }
  }
  if (!job.allNumbers) {
    reply.error(NOT_NUMBERS);
    return;
  }
  job.sort();
  if (request.store === 0) replySorted(db, job, reply);
  else storeSorted(db, args, job, reply);
}

function replySorted(db: Db, job: SortJob, reply: Reply): void {
  const { gets } = job.request;
  reply.array((job.end - job.first) * Math.max(gets.length, 1));
  for (let i = job.first; i < job.end; i++) {
    job.element(job.order[i], element);
    if (gets.length === 0) reply.bulk(element.bytes, element.start, element.end);
    for (const get of gets) {
      if (get.isElement) reply.bulk(element.bytes, element.start, element.end);
      else if (lookUp(db, get)) reply.bulk(found.bytes, found.start, found.end);
      else reply.nil();
    }
  }
}

/** Stores the result as a list, in which a value that is not there is an empty string. */
function storeSorted(db: Db, args: Args, job: SortJob, reply: Reply): void {
  const { gets, store } = job.request;
  const length = (job.end - job.first) * Math.max(gets.length, 1);
  if (length > LIST_LENGTH_MAX) {
    reply.error(LIST_TOO_LONG);
    return;
  }
  const result = new GrowingBytes(INITIAL_BYTES);
  const ends: number[] = [];
  const add = (bytes: Uint8Array, start: number, end: number): void => {
    result.append(bytes, start, end);
    ends.push(result.length);
  };
  for (let i = job.first; i < job.end; i++) {
    job.element(job.order[i], element);
    if (gets.length === 0) add(element.bytes, element.start, element.end);
    for (const get of gets) {
      if (get.isElement) add(element.bytes, element.start, element.end);
      else if (lookUp(db, get)) add(found.bytes, found.start, found.end);
      else ends.push(result.length);
    }
  }
  storeList(db, args, store, result, ends);
  reply.integer(length);
}

function opSort(db: Db, args: Args, reply: Reply): void {
  sort(db, args, true, reply);
}

function opSortReadOnly(db: Db, args: Args, reply: Reply): void {
  sort(db, args, false, reply);
}

const PATTERN_KEYS: KeySpec = {
  flags: ['RO', 'access'],
  begin: { unknown: true },
  find: { unknown: true },
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
};
const STORE_KEY: KeySpec = {
  flags: ['OW', 'update'],
  begin: { unknown: true },
  find: { unknown: true },
  notes:
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
};

const OPTIONS =
  '[BY pattern#1] [LIMIT offset count] [GET pattern#1 [GET pattern#1 ...]] order=[ASC | DESC] sorting=[ALPHA]';
const COMPLEXITY = 'O(n + m*log(m)), n = elements, m = elements to be sorted; and a look-up for every pattern of each';

export const SORT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'SORT',
    since: '1.0.0',
    arity: -2,
    flags: ['write', 'denyoom', 'movablekeys'],
    group: 'generic',
    summary: 'Sorts the elements of a list, set or sorted set, and may store the result.',
    complexity: COMPLEXITY,
    usage: `key ${OPTIONS} [STORE destination:key#2]`,
    keys: [keyAt(1, 'RO', 'access'), PATTERN_KEYS, STORE_KEY],
    movableKeys: storeKeys,
    readsBeyond: readsPatterns,
    categories: ['set', 'sortedset', 'list', 'dangerous', '-keyspace'],
    examples: [
      ['RPUSH {k} 3 1 2', ':3'],
      ['SORT {k}', '*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3'],
      ['SORT {k} DESC LIMIT 0 2', '*2\r\n$1\r\n3\r\n$1\r\n2'],
      ['MSET w1 30 w2 20 w3 10', '+OK'],
      ['SORT {k} BY w* GET # GET w*', '*6\r\n$1\r\n3\r\n$2\r\n10\r\n$1\r\n2\r\n$2\r\n20\r\n$1\r\n1\r\n$2\r\n30'],
      ['SORT {k} BY nosort GET w* STORE d', ':3'],
      ['LRANGE d 0 -1', '*3\r\n$2\r\n10\r\n$2\r\n30\r\n$2\r\n20'],
      ['RPUSH {k} x', ':4'],
      ['SORT {k}', `-${NOT_NUMBERS}`],
      ['SORT {k} ALPHA', '*4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\nx'],
    ],
    onShard: opSort,
    across: { plan: planSort },
  },
  {
    name: 'SORT_RO',
    since: '7.0.0',
    arity: -2,
    flags: ['readonly', 'movablekeys'],
    group: 'generic',
    summary: 'Sorts the elements of a list, set or sorted set.',
    complexity: COMPLEXITY,
    usage: `key ${OPTIONS}`,
    keys: [keyAt(1, 'RO', 'access'), PATTERN_KEYS],
    readsBeyond: readsPatterns,
    categories: ['set', 'sortedset', 'list', 'dangerous', '-keyspace'],
    examples: [
      ['RPUSH k b a', ':2'],
      ['SORT_RO k ALPHA', '*2\r\n$1\r\na\r\n$1\r\nb'],
      ['SORT_RO k STORE d', `-${ERRORS.syntax}`],
    ],
    onShard: opSortReadOnly,
    across: { plan: planSortReadOnly },
  },
];
