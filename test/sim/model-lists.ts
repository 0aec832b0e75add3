// The list commands of the model, the blocking ones included, and how somebody who waits is served.

import { keyId, type Draft, type KeyId } from './cells.js';
import { first, parseInteger, type Context, type ModelCommand, type Outcome, type Wait } from './model-commands.js';
import { array, bulk, error, integer, NIL, NIL_ARRAY, NOT_INTEGER, SYNTAX, WRONG_TYPE } from './replies.js';

type Side = 'LEFT' | 'RIGHT';

const TIMEOUT_MS_MAX = 2 ** 53;

/** Puts an element at an end of a list that is one, or no key yet. */
function push(draft: Draft, key: KeyId, side: Side, element: string): void {
  const list = draft.list(key) ?? [];
  draft.put(key, side === 'LEFT' ? [element, ...list] : [...list, element]);
}

/** Takes the element at an end of a list that is there. */
function pop(draft: Draft, key: KeyId, side: Side): string {
  const list = draft.list(key) ?? [];
  draft.put(key, side === 'LEFT' ? list.slice(1) : list.slice(0, -1));
  return (side === 'LEFT' ? list.at(0) : list.at(-1)) ?? '';
}

function pushCommand(side: Side) {
  return ({ draft, db }: Context, args: readonly string[]): string => {
    const key = keyId(db, args[1]);
    if (draft.string(key) !== undefined) return WRONG_TYPE;
    for (const element of args.slice(2)) push(draft, key, side, element);
    return integer(draft.list(key)?.length ?? 0);
  };
}

function popCommand(side: Side, name: string) {
  return ({ draft, db }: Context, args: readonly string[]): string => {
    if (args.length > 3) return error(`ERR wrong number of arguments for '${name}' command`);
    const countText = args.at(2);
    const count = countText === undefined ? undefined : parseInteger(countText);
    if (countText !== undefined && (count === undefined || count < 0n)) {
      return error('ERR value is out of range, must be positive');
    }
    const key = keyId(db, args[1]);
    if (draft.string(key) !== undefined) return WRONG_TYPE;
    if (draft.list(key) === undefined) return count === undefined ? NIL : NIL_ARRAY;
    if (count === undefined) return bulk(pop(draft, key, side));
    const taken: string[] = [];
    while (BigInt(taken.length) < count && draft.list(key) !== undefined) taken.push(pop(draft, key, side));
    return array(taken.map(bulk));
  };
}

function range({ draft, db }: Context, args: readonly string[]): string {
  const start = parseInteger(args[2]);
  const stop = parseInteger(args[3]);
  if (start === undefined || stop === undefined) return NOT_INTEGER;
  const key = keyId(db, args[1]);
  if (draft.string(key) !== undefined) return WRONG_TYPE;
  const list = draft.list(key) ?? [];
  const from = start < 0n ? Math.max(0, list.length + Number(start)) : Number(start);
  const to = stop < 0n ? list.length + Number(stop) : Number(stop);
  return array(list.slice(from, to + 1).map(bulk));
}

function parseSide(text: string): Side | undefined {
  const word = text.toUpperCase();
  return word === 'LEFT' || word === 'RIGHT' ? word : undefined;
}

const moveKeys = (args: readonly string[], db: number): KeyId[] => [keyId(db, args[1]), keyId(db, args[2])];

/** LMOVE; undefined when the source is no key. */
function moveElement(draft: Draft, source: KeyId, from: Side, target: KeyId, to: Side): string | undefined {
  if (draft.string(source) !== undefined) return WRONG_TYPE;
  const list = draft.list(source);
  if (list === undefined) return undefined;
  if (draft.string(target) !== undefined) return WRONG_TYPE;
  if (source === target && list.length === 1) {
    draft.put(source, list); // the same list, its deadline too
    return bulk(list[0]);
  }
  const element = pop(draft, source, from);
  push(draft, target, to, element);
  return bulk(element);
}

function lmove({ draft, db }: Context, args: readonly string[]): string {
  const [source, target] = moveKeys(args, db);
  const from = parseSide(args[3]);
  const to = parseSide(args[4]);
  if (from === undefined || to === undefined) return SYNTAX;
  return moveElement(draft, source, from, target, to) ?? NIL;
}

/** Milliseconds of a timeout in seconds (0: for ever), or the error. */
function parseTimeout(text: string): number | string {
  const seconds = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (Number.isNaN(seconds) || Math.abs(seconds * 1000) > TIMEOUT_MS_MAX) {
    return error('ERR timeout is not a float or out of range');
  }
  if (seconds < 0) return error('ERR timeout is negative');
  return seconds === 0 ? Infinity : Math.ceil(seconds * 1000);
}

function blockingPop(side: Side) {
  return ({ draft, db, inTransaction }: Context, args: readonly string[]): Outcome => {
    const timeoutMs = parseTimeout(args[args.length - 1]);
    if (typeof timeoutMs === 'string') return timeoutMs;
    const keys = blockingKeys(args, db);
    for (const [i, key] of keys.entries()) {
      if (draft.string(key) !== undefined) return WRONG_TYPE;
      if (draft.list(key) !== undefined) return array([bulk(args[i + 1]), bulk(pop(draft, key, side))]);
    }
    return inTransaction ? NIL_ARRAY : { keys, from: side, timeoutMs, timeoutReply: NIL_ARRAY };
  };
}

const blockingKeys = (args: readonly string[], db: number): KeyId[] => args.slice(1, -1).map((name) => keyId(db, name));

function blmove({ draft, db, inTransaction }: Context, args: readonly string[]): Outcome {
  const [source, target] = moveKeys(args, db);
  const from = parseSide(args[3]);
  const to = parseSide(args[4]);
  if (from === undefined || to === undefined) return SYNTAX;
  const timeoutMs = parseTimeout(args[5]);
  if (typeof timeoutMs === 'string') return timeoutMs;
  const moved = moveElement(draft, source, from, target, to);
  if (moved !== undefined) return moved;
  if (inTransaction) return NIL;
  return { keys: [source], from, target: { key: target, to }, timeoutMs, timeoutReply: NIL_ARRAY };
}

/** Serves who waits for `key`, a list that is there. Gives the reply. */
export function serve(draft: Draft, wait: Wait, key: KeyId): string {
  const { target, from } = wait;
  if (target === undefined) return array([bulk(key.slice(key.indexOf(':') + 1)), bulk(pop(draft, key, from))]);
  return moveElement(draft, key, from, target.key, target.to) ?? NIL;
}

export const LIST_COMMANDS: Readonly<Record<string, ModelCommand>> = {
  LPUSH: { arity: -3, keys: first, run: pushCommand('LEFT') },
  RPUSH: { arity: -3, keys: first, run: pushCommand('RIGHT') },
  LPOP: { arity: -2, keys: first, run: popCommand('LEFT', 'lpop') },
  RPOP: { arity: -2, keys: first, run: popCommand('RIGHT', 'rpop') },
  LLEN: {
    arity: 2,
    readOnly: true,
    keys: first,
    run: ({ draft, db }, args) => {
      const key = keyId(db, args[1]);
      return draft.string(key) === undefined ? integer(draft.list(key)?.length ?? 0) : WRONG_TYPE;
    },
  },
  LRANGE: { arity: 4, readOnly: true, keys: first, run: range },
  LMOVE: { arity: 5, keys: moveKeys, run: lmove },
  BLPOP: { arity: -3, keys: blockingKeys, run: blockingPop('LEFT') },
  BRPOP: { arity: -3, keys: blockingKeys, run: blockingPop('RIGHT') },
  BLMOVE: { arity: 6, keys: moveKeys, run: blmove },
};
