// Getting or setting fields together with their deadlines, and getting them for good: HGETEX, HSETEX, HGETDEL (Redis 8).

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { NO_DEADLINE } from '../values/hash.js';
import { int64Near, newView } from './arguments.js';
import {
  applyDeadline,
  BAD_FIELD_COUNT,
  FIELDS_DO_NOT_MATCH,
  FIELDS_MISSING,
  readDeadline,
  readFields,
} from './hash-deadlines.js';
import { createHash, findField, hash, NO_HASH, openHash, setField, settle, WRONG_TYPE } from './hash-values.js';

const EX = bytesOf('EX');
const PX = bytesOf('PX');
const EXAT = bytesOf('EXAT');
const PXAT = bytesOf('PXAT');
const PERSIST = bytesOf('PERSIST');
const KEEPTTL = bytesOf('KEEPTTL');
const FIELDS = bytesOf('FIELDS');
const NX = bytesOf('NX');
const XX = bytesOf('XX');
const FNX = bytesOf('FNX');
const FXX = bytesOf('FXX');

const BAD_COUNT = 'ERR invalid number of fields';
const TIME_MISSING = 'ERR missing expire time';
const ONE_TIME = 'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified';
const ONE_CONDITION = 'ERR Only one of FXX or FNX arguments can be specified';

const view = newView();

/** True when argument `i` is one of the four words that a time follows. */
function isTimeWord(args: Args, i: number): boolean {
  return args.is(i, EX) || args.is(i, PX) || args.is(i, EXAT) || args.is(i, PXAT);
}

/** The deadline of the word at argument `i` and the time behind it; NaN: the error has been replied. */
function readTime(db: Db, args: Args, i: number, name: string, reply: Reply): number {
  const unitMs = args.is(i, EX) || args.is(i, EXAT) ? 1000 : 1;
  const baseMs = args.is(i, EX) || args.is(i, PX) ? db.shard.nowMs : 0;
  return readDeadline(args, i + 1, unitMs, baseMs, name, reply);
}

/** Replies with the value of the cursor's field. */
function replyCursor(reply: Reply): void {
  hash.readValue(view);
  reply.bulk(view.bytes, view.start, view.end);
}

// ---------------------------------------------------------------------- HGETEX, HGETDEL

function opHGetEx(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  const hasTime = isTimeWord(args, 2);
  const persists = args.is(2, PERSIST);
  const deadline = hasTime ? readTime(db, args, 2, 'hgetex', reply) : NO_DEADLINE;
  if (Number.isNaN(deadline)) return;
  const first = readFields(args, hasTime ? 4 : persists ? 3 : 2, BAD_FIELD_COUNT, reply);
  if (first === 0) return;
  reply.array(args.count - first);
  let changed = false;
  for (let i = first; i < args.count; i++) {
    if (state === NO_HASH || !findField(args, i)) {
      reply.nil();
      continue;
    }
    replyCursor(reply);
    if (hasTime) {
      applyDeadline(db, args, i, deadline);
      changed = true;
    } else if (persists && hash.deadline !== NO_DEADLINE) {
      hash.setDeadline(args.bytes, args.starts[i], args.ends[i], NO_DEADLINE);
      changed = true;
    }
  }
  if (changed) settle(db, args, 1);
}

function opHGetDel(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  const first = readFields(args, 2, BAD_FIELD_COUNT, reply);
  if (first === 0) return;
  reply.array(args.count - first);
  let changed = false;
  for (let i = first; i < args.count; i++) {
    if (state === NO_HASH || !findField(args, i)) {
      reply.nil();
      continue;
    }
    replyCursor(reply);
    hash.remove();
    changed = true;
  }
  if (changed) settle(db, args, 1);
}

// ---------------------------------------------------------------------- HSETEX

/** Conditions of HSETEX as bits: on the key (Valkey's), on the fields. */
const KEY_IS_NEW = 1;
const KEY_EXISTS = 2;
const FIELDS_ARE_NEW = 4;
const FIELDS_EXIST = 8;

/** What HSETEX was asked for. */
const wanted = {
  conditions: 0,
  /** Argument that is the word before the time; 0: none. */
  timeAt: 0,
  deadline: NO_DEADLINE,
  keepsDeadlines: false,
  /** The first field: pairs follow it up to the end. */
  first: 0,
};

/** The condition that argument `i` names; 0: none. */
function conditionOf(args: Args, i: number): number {
  if (args.is(i, FNX)) return FIELDS_ARE_NEW;
  if (args.is(i, FXX)) return FIELDS_EXIST;
  if (args.is(i, NX)) return KEY_IS_NEW;
  return args.is(i, XX) ? KEY_EXISTS : 0;
}

/** Takes a condition into `wanted`; the error, if any. */
function addCondition(condition: number): string | undefined {
  const ofFields = FIELDS_ARE_NEW | FIELDS_EXIST;
  if ((condition & ofFields) !== 0 && (wanted.conditions & ofFields) !== 0) return ONE_CONDITION;
  if ((condition & ofFields) === 0 && (wanted.conditions & ~ofFields) !== 0) return ERRORS.syntax;
  wanted.conditions |= condition;
  return undefined;
}

/** Reads HSETEX's arguments into `wanted`; false: the error has been replied. */
function readSetEx(db: Db, args: Args, reply: Reply): boolean {
  wanted.conditions = 0;
  wanted.timeAt = 0;
  wanted.deadline = NO_DEADLINE;
  wanted.keepsDeadlines = false;
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, FIELDS)) return readPairs(args, i, reply);
    const condition = conditionOf(args, i);
    let mistake: string | undefined;
    if (condition !== 0) {
      mistake = addCondition(condition);
    } else if (isTimeWord(args, i)) {
      if (wanted.timeAt !== 0 || wanted.keepsDeadlines) mistake = ONE_TIME;
      else if (i + 1 === args.count) mistake = TIME_MISSING;
      else {
        wanted.timeAt = i;
        wanted.deadline = readTime(db, args, i, 'hsetex', reply);
        if (Number.isNaN(wanted.deadline)) return false;
        i++;
      }
    } else if (args.is(i, KEEPTTL)) {
      if (wanted.timeAt !== 0 || wanted.keepsDeadlines) mistake = ONE_TIME;
      wanted.keepsDeadlines = true;
    } else {
      mistake = `ERR unknown argument: ${args.latin1(i)}`;
    }
    if (mistake !== undefined) {
      reply.error(mistake);
      return false;
    }
  }
  reply.error(FIELDS_MISSING);
  return false;
}

/** Reads the number of pairs behind FIELDS, which are all that is left. */
function readPairs(args: Args, i: number, reply: Reply): boolean {
  const given = args.count - i - 2;
  if (given < 2) {
    reply.error(wrongArity('hsetex'));
    return false;
  }
  const pairs = int64Near(args, i + 1);
  if (!(pairs >= 1 && pairs <= 0x7fffffff)) {
    reply.error(BAD_COUNT);
    return false;
  }
  if (given !== 2 * pairs) {
    reply.error(wrongArity('hsetex'));
    return false;
  }
  wanted.first = i + 2;
  return true;
}

/** True when the conditions let the fields be set. */
function conditionsHold(args: Args, state: number): boolean {
  const { conditions, first } = wanted;
  if ((conditions & KEY_IS_NEW) !== 0 && state !== NO_HASH) return false;
  if ((conditions & (KEY_EXISTS | FIELDS_EXIST)) !== 0 && state === NO_HASH) return false;
  if (state === NO_HASH || (conditions & (FIELDS_ARE_NEW | FIELDS_EXIST)) === 0) return true;
  const mustExist = (conditions & FIELDS_EXIST) !== 0;
  for (let i = first; i < args.count; i += 2) if (findField(args, i) !== mustExist) return false;
  return true;
}

function opHSetEx(db: Db, args: Args, reply: Reply): void {
  if (!readSetEx(db, args, reply)) return;
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  if (!conditionsHold(args, state)) {
    reply.integer(0);
    return;
  }
  const { first, deadline, keepsDeadlines, timeAt } = wanted;
  if (state === NO_HASH) createHash(db, args, 1);
  for (let i = first; i < args.count; i++) hash.reserve(args.length(i));
  for (let i = first; i < args.count; i += 2) {
    setField(args, i, keepsDeadlines || timeAt !== 0);
    if (timeAt !== 0 && findField(args, i)) applyDeadline(db, args, i, deadline);
  }
  settle(db, args, 1);
  reply.integer(1);
}

// ---------------------------------------------------------------------- declarations

const PER_FIELD = 'O(n), n = fields given';
const TIMES = 'EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds';

export const HASH_EX_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'HGETEX',
    since: '8.0.0',
    arity: -5,
    flags: ['write', 'fast'],
    group: 'hash',
    summary: 'Gives the values of fields and sets their deadlines, or takes them away.',
    complexity: PER_FIELD,
    usage: `key expiration=[${TIMES} | PERSIST] fields=(FIELDS numfields field [field ...])`,
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['HSET k a 1 b 2', ':2'],
      ['HGETEX k EX 100 FIELDS 2 a x', '*2\r\n$1\r\n1\r\n$-1'],
      ['HTTL k FIELDS 2 a b', '*2\r\n:100\r\n:-1'],
      ['HGETEX k PERSIST FIELDS 1 a', '*1\r\n$1\r\n1'],
      ['HTTL k FIELDS 1 a', '*1\r\n:-1'],
      ['HGETEX k FIELDS 1 a', '*1\r\n$1\r\n1'],
      ['HGETEX k PX 0 FIELDS 2 a b', '*2\r\n$1\r\n1\r\n$1\r\n2'],
      ['EXISTS k', ':0'],
      ['HGETEX k FIELDS 1 a', '*1\r\n$-1'],
      ['HGETEX k KEEP FIELDS 1 a', `-${FIELDS_MISSING}`],
    ],
    onShard: opHGetEx,
  },
  {
    name: 'HSETEX',
    since: '8.0.0',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hash',
    summary: 'Sets fields together with a deadline, if none or all of them exist already.',
    complexity: PER_FIELD,
    usage: `key key-condition=[NX | XX] condition=[FNX | FXX] expiration=[${TIMES} | KEEPTTL] fields=(FIELDS numfields field value [field value ...])`,
    keys: [keyAt(1, 'RW', 'update')],
    examples: [
      ['HSETEX k EX 100 FIELDS 2 a 1 b 2', ':1'],
      ['HTTL k FIELDS 2 a b', '*2\r\n:100\r\n:100'],
      ['HSETEX k FNX FIELDS 2 a 3 c 3', ':0'],
      ['HSETEX k FXX KEEPTTL FIELDS 1 a 3', ':1'],
      ['HTTL k FIELDS 1 a', '*1\r\n:100'],
      ['HSETEX k FIELDS 1 a 4', ':1'],
      ['HTTL k FIELDS 1 a', '*1\r\n:-1'],
      ['HSETEX none FXX FIELDS 1 a 1', ':0'],
      ['HSETEX k NX FIELDS 1 z 1', ':0'],
      ['HSETEX k EX 1 KEEPTTL FIELDS 1 a 1', `-${ONE_TIME}`],
      ['HSETEX k FNX FXX FIELDS 1 a 1', `-${ONE_CONDITION}`],
      ['HSETEX k FIELDS 0 a 1', `-${BAD_COUNT}`],
      ['HSETEX k FIELDS 2 a 1', "-ERR wrong number of arguments for 'hsetex' command"],
    ],
    onShard: opHSetEx,
  },
  {
    name: 'HGETDEL',
    since: '8.0.0',
    arity: -5,
    flags: ['write', 'fast'],
    group: 'hash',
    summary: 'Gives the values of fields and deletes them.',
    complexity: PER_FIELD,
    usage: 'key fields=(FIELDS numfields field [field ...])',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    examples: [
      ['HSET k a 1 b 2', ':2'],
      ['HGETDEL k FIELDS 2 a x', '*2\r\n$1\r\n1\r\n$-1'],
      ['HGETDEL k FIELDS 1 b', '*1\r\n$1\r\n2'],
      ['EXISTS k', ':0'],
      ['HGETDEL k FIELDS 2 a', `-${FIELDS_DO_NOT_MATCH}`],
    ],
    onShard: opHGetDel,
  },
];
