// The commands of the model over keys and strings, word for word as redis 7 answers them in RESP2.

import { keyId, NEVER, type Draft, type KeyId, type Value } from './cells.js';
import {
  array,
  bulk,
  DB_OUT_OF_RANGE,
  error,
  integer,
  NIL,
  NO_SUCH_KEY,
  NOT_INTEGER,
  OK,
  SYNTAX,
  WRONG_TYPE,
} from './replies.js';

export const DATABASES = 16;

/** What a command runs in. */
export interface Context {
  readonly draft: Draft;
  readonly db: number;
  /** The clock's reading lies between the two. */
  readonly fromMs: number;
  readonly toMs: number;
  /** EXEC: nobody waits. */
  readonly inTransaction: boolean;
}

/** A reply, or what keeps the client waiting. */
export type Outcome = string | Wait;

export interface Wait {
  readonly keys: readonly KeyId[];
  readonly from: 'LEFT' | 'RIGHT';
  /** BLMOVE. */
  readonly target?: { readonly key: KeyId; readonly to: 'LEFT' | 'RIGHT' };
  /** Infinity: for ever. */
  readonly timeoutMs: number;
  readonly timeoutReply: string;
}

export interface ModelCommand {
  /** As COMMAND INFO gives it. */
  readonly arity: number;
  readonly readOnly?: boolean;
  /** All keys that it reads or writes, or may; `all`: it looks at whole databases. `args[0]` is the name. */
  readonly keys: (args: readonly string[], db: number) => readonly KeyId[] | 'all';
  readonly run: (context: Context, args: readonly string[]) => Outcome;
}

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
const INTEGER = /^(?:0|-?[1-9][0-9]{0,18})$/;

/** An int64 in Redis's strict spelling. */
export function parseInteger(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

export const first = (args: readonly string[], db: number): KeyId[] => [keyId(db, args[1])];
export const rest = (args: readonly string[], db: number): KeyId[] => args.slice(1).map((name) => keyId(db, name));
const two = (args: readonly string[], db: number): KeyId[] => [keyId(db, args[1]), keyId(db, args[2])];
const pairs = (args: readonly string[], db: number): KeyId[] =>
  args.slice(1).flatMap((name, i) => (i % 2 === 0 ? [keyId(db, name)] : []));
const all = (): 'all' => 'all';

/** Runs `op` with the string at the key of args[1], unless something else stands there. */
function onString(op: (context: Context, key: KeyId, old: string | undefined, args: readonly string[]) => string) {
  return (context: Context, args: readonly string[]): string => {
    const key = keyId(context.db, args[1]);
    if (context.draft.list(key) !== undefined) return WRONG_TYPE;
    return op(context, key, context.draft.string(key), args);
  };
}

interface SetOptions {
  condition: 'NX' | 'XX' | '';
  get: boolean;
  keepTtl: boolean;
  ttlMs: number;
}

const TTL_UNITS_MS: Readonly<Partial<Record<string, number>>> = { EX: 1000, PX: 1 };

function setOptions(args: readonly string[]): SetOptions | string {
  const options: SetOptions = { condition: '', get: false, keepTtl: false, ttlMs: NEVER };
  let ttl: { readonly text: string; readonly unitMs: number } | undefined;
  for (let i = 3; i < args.length; i++) {
    const word = args[i].toUpperCase();
    if ((word === 'NX' || word === 'XX') && (options.condition === '' || options.condition === word)) {
      options.condition = word;
    } else if (word === 'GET') options.get = true;
    else if (word === 'KEEPTTL' && ttl === undefined) options.keepTtl = true;
    else if (TTL_UNITS_MS[word] !== undefined && !options.keepTtl && i + 1 < args.length) {
      // The same unit twice is no error: the last one counts.
      const unitMs = TTL_UNITS_MS[word];
      if (ttl !== undefined && ttl.unitMs !== unitMs) return SYNTAX;
      ttl = { text: args[++i], unitMs };
    } else return SYNTAX;
  }
  if (ttl === undefined) return options;
  const value = parseInteger(ttl.text);
  if (value === undefined) return NOT_INTEGER;
  if (value <= 0n) return error("ERR invalid expire time in 'set' command");
  options.ttlMs = Number(value) * ttl.unitMs;
  return options;
}

function set({ draft, db, fromMs, toMs }: Context, args: readonly string[]): string {
  const options = setOptions(args);
  if (typeof options === 'string') return options;
  const { condition, get, keepTtl, ttlMs } = options;
  const key = keyId(db, args[1]);
  if (get && draft.list(key) !== undefined) return WRONG_TYPE;
  const old = bulk(draft.string(key));
  const refused = condition !== '' && draft.exists(key) !== (condition === 'XX');
  if (!refused) {
    if (keepTtl) draft.put(key, args[2]);
    else draft.replace(key, args[2], fromMs + ttlMs, toMs + ttlMs);
  }
  if (get) return old;
  return refused ? NIL : OK;
}

function addTo(sign: 1n | -1n) {
  return onString(({ draft }, key, old) => {
    const value = parseInteger(old ?? '0');
    if (value === undefined) return NOT_INTEGER;
    const sum = value + sign;
    if (sum > INT64_MAX || sum < INT64_MIN) return error('ERR increment or decrement would overflow');
    draft.put(key, String(sum));
    return integer(sum);
  });
}

function del({ draft, db }: Context, args: readonly string[]): string {
  let removed = 0;
  for (const key of rest(args, db)) {
    if (!draft.exists(key)) continue;
    draft.remove(key);
    removed++;
  }
  return integer(removed);
}

function count({ draft, db }: Context, args: readonly string[]): string {
  return integer(rest(args, db).filter((key) => draft.exists(key)).length);
}

function mset(ifNone: boolean) {
  return ({ draft, db }: Context, args: readonly string[]): string => {
    if (args.length % 2 === 0)
      return error(`ERR wrong number of arguments for '${ifNone ? 'msetnx' : 'mset'}' command`);
    const keys = pairs(args, db);
    if (ifNone && keys.some((key) => draft.exists(key))) return integer(0);
    for (let i = 1; i < args.length; i += 2) draft.replace(keyId(db, args[i]), args[i + 1]);
    return ifNone ? integer(1) : OK;
  };
}

function rename(ifNone: boolean) {
  return ({ draft, db }: Context, args: readonly string[]): string => {
    const [from, to] = two(args, db);
    const { value, mayMs, mustMs } = draft.cell(from);
    if (value === undefined) return NO_SUCH_KEY;
    if (ifNone && draft.exists(to)) return integer(0);
    if (from !== to) {
      draft.remove(to);
      draft.replace(to, value, mayMs, mustMs);
      draft.remove(from);
    }
    return ifNone ? integer(1) : OK;
  };
}

/** Names a database; undefined: there is none of that number. */
export function parseDb(text: string): number | 'no number' | undefined {
  const value = parseInteger(text);
  if (value === undefined) return 'no number';
  return value >= 0n && value < BigInt(DATABASES) ? Number(value) : undefined;
}

interface CopyOptions {
  readonly db: number;
  readonly replace: boolean;
}

function copyOptions(args: readonly string[], db: number): CopyOptions | string {
  let target = db;
  let replace = false;
  for (let i = 3; i < args.length; i++) {
    const word = args[i].toUpperCase();
    if (word === 'REPLACE') replace = true;
    else if (word === 'DB' && i + 1 < args.length) {
      const found = parseDb(args[++i]);
      if (found === 'no number') return NOT_INTEGER;
      if (found === undefined) return DB_OUT_OF_RANGE;
      target = found;
    } else return SYNTAX;
  }
  return { db: target, replace };
}

function copyKeys(args: readonly string[], db: number): KeyId[] {
  const options = copyOptions(args, db);
  return [keyId(db, args[1]), keyId(typeof options === 'string' ? db : options.db, args[2])];
}

function copy({ draft, db }: Context, args: readonly string[]): string {
  const options = copyOptions(args, db);
  if (typeof options === 'string') return options;
  const [from, to] = copyKeys(args, db);
  if (from === to) return error('ERR source and destination objects are the same');
  const { value, mayMs, mustMs } = draft.cell(from);
  if (value === undefined) return integer(0);
  if (draft.exists(to)) {
    if (!options.replace) return integer(0);
    draft.remove(to);
  }
  draft.replace(to, value, mayMs, mustMs);
  return integer(1);
}

function moveKeys(args: readonly string[], db: number): KeyId[] {
  const target = parseDb(args[2]);
  return [keyId(db, args[1]), keyId(typeof target === 'number' ? target : db, args[1])];
}

function move({ draft, db }: Context, args: readonly string[]): string {
  const target = parseDb(args[2]);
  if (target === 'no number') return NOT_INTEGER;
  if (target === undefined) return DB_OUT_OF_RANGE;
  if (target === db) return error('ERR source and destination objects are the same');
  const [from, to] = moveKeys(args, db);
  const { value, mayMs, mustMs } = draft.cell(from);
  if (value === undefined || draft.exists(to)) return integer(0);
  draft.replace(to, value, mayMs, mustMs);
  draft.remove(from);
  return integer(1);
}

function swapDb({ draft }: Context, args: readonly string[]): string {
  const a = parseDb(args[1]);
  const b = parseDb(args[2]);
  if (a === 'no number') return error('ERR invalid first DB index');
  if (b === 'no number') return error('ERR invalid second DB index');
  if (a === undefined || b === undefined) return DB_OUT_OF_RANGE;
  draft.swap(a, b);
  return OK;
}

function flush(everything: boolean) {
  return ({ draft, db }: Context, args: readonly string[]): string => {
    const mode = args.at(1)?.toUpperCase();
    if (args.length > 2 || (mode !== undefined && mode !== 'SYNC' && mode !== 'ASYNC')) return SYNTAX;
    for (const key of draft.keys(everything ? undefined : db)) draft.remove(key);
    return OK;
  };
}

/** The names, sorted: the order of KEYS is nobody's business. */
function keys({ draft, db }: Context, args: readonly string[]): string {
  const prefix = args[1].replace(/\*$/, ''); // the patterns that the workload uses: all, or a beginning
  const found = draft.keys(db).map((key) => key.slice(String(db).length + 1));
  const matching = found.filter((name) => (prefix === args[1] ? name === prefix : name.startsWith(prefix)));
  return array(matching.map(bulk).sort());
}

function pexpire({ draft, db, fromMs, toMs }: Context, args: readonly string[]): string {
  const ttl = parseInteger(args[2]);
  if (ttl === undefined) return NOT_INTEGER;
  const key = keyId(db, args[1]);
  const { value } = draft.cell(key);
  if (value === undefined) return integer(0);
  if (ttl <= 0n) draft.remove(key);
  else draft.put(key, value, fromMs + Number(ttl), toMs + Number(ttl));
  return integer(1);
}

function persist({ draft, db }: Context, args: readonly string[]): string {
  const key = keyId(db, args[1]);
  const { value, mustMs } = draft.cell(key);
  if (value === undefined || mustMs === NEVER) return integer(0);
  draft.replace(key, value);
  return integer(1);
}

/** The sign only: `:1` stands for any time that is left. */
function pttl({ draft, db }: Context, args: readonly string[]): string {
  const { value, mustMs } = draft.cell(keyId(db, args[1]));
  if (value === undefined) return integer(-2);
  return integer(mustMs === NEVER ? -1 : 1);
}

function typeName(value: Value | undefined): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? 'string' : 'list';
}

const BIT_OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  AND: (a, b) => a & b,
  OR: (a, b) => a | b,
  XOR: (a, b) => a ^ b,
};

function bitop({ draft, db }: Context, args: readonly string[]): string {
  const name = args[1].toUpperCase();
  const operation = BIT_OPERATIONS[name] as ((a: number, b: number) => number) | undefined;
  if (operation === undefined && name !== 'NOT') return SYNTAX;
  if (name === 'NOT' && args.length !== 4) return error('ERR BITOP NOT must be called with a single source key.');
  const [target, ...sources] = args.slice(2).map((key) => keyId(db, key));
  if (sources.some((key) => draft.list(key) !== undefined)) return WRONG_TYPE;
  const texts = sources.map((key) => draft.string(key) ?? '');
  const length = Math.max(...texts.map((text) => text.length));
  let result = '';
  for (let i = 0; i < length; i++) {
    const bytes = texts.map((text) => (i < text.length ? text.charCodeAt(i) : 0));
    result += String.fromCharCode(operation === undefined ? ~bytes[0] & 0xff : bytes.reduce(operation));
  }
  if (length > 0) draft.replace(target, result);
  else if (draft.exists(target)) draft.remove(target);
  return integer(length);
}

export const KEY_AND_STRING_COMMANDS: Readonly<Record<string, ModelCommand>> = {
  GET: { arity: 2, readOnly: true, keys: first, run: onString((_context, _key, old) => bulk(old)) },
  SET: { arity: -3, keys: first, run: set },
  GETDEL: {
    arity: 2,
    keys: first,
    run: onString(({ draft }, key, old) => {
      if (old !== undefined) draft.remove(key);
      return bulk(old);
    }),
  },
  APPEND: {
    arity: 3,
    keys: first,
    run: onString(({ draft }, key, old, args) => {
      const value = (old ?? '') + args[2];
      draft.put(key, value);
      return integer(value.length);
    }),
  },
  INCR: { arity: 2, keys: first, run: addTo(1n) },
  DECR: { arity: 2, keys: first, run: addTo(-1n) },
  STRLEN: {
    arity: 2,
    readOnly: true,
    keys: first,
    run: onString((_context, _key, old) => integer((old ?? '').length)),
  },
  DEL: { arity: -2, keys: rest, run: del },
  UNLINK: { arity: -2, keys: rest, run: del },
  EXISTS: { arity: -2, readOnly: true, keys: rest, run: count },
  TOUCH: { arity: -2, readOnly: true, keys: rest, run: count },
  MGET: {
    arity: -2,
    readOnly: true,
    keys: rest,
    run: ({ draft, db }, args) => array(rest(args, db).map((key) => bulk(draft.string(key)))),
  },
  MSET: { arity: -3, keys: pairs, run: mset(false) },
  MSETNX: { arity: -3, keys: pairs, run: mset(true) },
  RENAME: { arity: 3, keys: two, run: rename(false) },
  RENAMENX: { arity: 3, keys: two, run: rename(true) },
  COPY: { arity: -3, keys: copyKeys, run: copy },
  MOVE: { arity: 3, keys: moveKeys, run: move },
  SWAPDB: { arity: 3, keys: all, run: swapDb },
  FLUSHDB: { arity: -1, keys: all, run: flush(false) },
  FLUSHALL: { arity: -1, keys: all, run: flush(true) },
  DBSIZE: { arity: 1, readOnly: true, keys: all, run: ({ draft, db }) => integer(draft.keys(db).length) },
  KEYS: { arity: 2, readOnly: true, keys: all, run: keys },
  PEXPIRE: { arity: -3, keys: first, run: pexpire },
  PERSIST: { arity: 2, keys: first, run: persist },
  PTTL: { arity: 2, readOnly: true, keys: first, run: pttl },
  TYPE: {
    arity: 2,
    readOnly: true,
    keys: first,
    run: ({ draft, db }, args) => `+${typeName(draft.cell(keyId(db, args[1])).value)}\r\n`,
  },
  BITOP: { arity: -4, keys: (args, db) => args.slice(2).map((key) => keyId(db, key)), run: bitop },
};
