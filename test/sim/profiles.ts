// What clients ask for, by profile: which commands, how often, over how many keys.

/** Shares of commands, relative to each other. `TRANSACTION` and `WATCH` stand for whole sequences. */
export type Shares = Readonly<Partial<Record<string, number>>>;

export interface Profile {
  readonly shares: Shares;
  /** Names of strings, counters and lists; few, so that clients meet. */
  readonly keys: number;
  /** Share of writes that set a deadline, of 100. */
  readonly deadlines: number;
  /** Databases that clients work in. */
  readonly databases: number;
  /** Clients that leave, per 1000 requests. */
  readonly leaves: number;
}

const SINGLE: Shares = {
  GET: 10,
  SET: 8,
  GETDEL: 2,
  APPEND: 3,
  INCR: 6,
  DECR: 3,
  STRLEN: 2,
  EXISTS: 1,
  DEL: 2,
  TYPE: 1,
  TOUCH: 1,
  PING: 1,
};
const LISTS: Shares = { LPUSH: 4, RPUSH: 4, LPOP: 3, RPOP: 3, LLEN: 2, LRANGE: 3 };
const MULTI_KEY: Shares = {
  MGET: 10,
  MSET: 8,
  MSETNX: 3,
  DEL: 3,
  UNLINK: 2,
  EXISTS: 4,
  TOUCH: 1,
  RENAME: 4,
  RENAMENX: 3,
  COPY: 4,
  LMOVE: 5,
  BITOP: 3,
};
const DEADLINES: Shares = { PEXPIRE: 6, PERSIST: 3, PTTL: 4 };
const BLOCKING: Shares = { BLPOP: 6, BRPOP: 4, BLMOVE: 6 };
const GLOBAL: Shares = { FLUSHALL: 0.3, FLUSHDB: 0.3, DBSIZE: 1, KEYS: 1, SWAPDB: 0.4, MOVE: 3 };

function scaled(shares: Shares, factor: number): Shares {
  return Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, (share ?? 0) * factor]));
}

const BASE = { keys: 4, deadlines: 0, databases: 1, leaves: 1 };

export const PROFILES = {
  /** Commands with one key, each on its shard. */
  single: { ...BASE, shares: { ...SINGLE, ...LISTS } },
  /** Deadlines on single keys, several databases. */
  expiry: { ...BASE, shares: { ...SINGLE, ...DEADLINES, SELECT: 1 }, deadlines: 40, databases: 2 },
  /** Commands over several shards beside commands with one key. */
  'multi-key': { ...BASE, shares: { ...SINGLE, ...LISTS, ...scaled(MULTI_KEY, 2) } },
  /** Looks at several shards beside writes to one key. */
  readers: { ...BASE, keys: 2, shares: { SET: 8, APPEND: 4, INCR: 10, MGET: 14 } },
  /** MULTI and EXEC over any keys. */
  'multi-exec': { ...BASE, shares: { ...SINGLE, ...LISTS, ...scaled(MULTI_KEY, 0.5), TRANSACTION: 25 } },
  /** Optimistic transactions. */
  watch: { ...BASE, keys: 3, shares: { ...SINGLE, ...scaled(MULTI_KEY, 0.3), WATCH: 30, UNWATCH: 1 } },
  /** Blocking pops, their timeouts, and moves from list to list. */
  blocking: {
    ...BASE,
    keys: 3,
    shares: { ...scaled(LISTS, 2), ...BLOCKING, LMOVE: 2, RENAME: 1, DEL: 1, SET: 1, TRANSACTION: 6 },
    leaves: 3,
  },
  /** Blocking pops over several lists, filled by moves from shard to shard. */
  waiters: { ...BASE, shares: { BLPOP: 6, BRPOP: 4, LMOVE: 12, RPUSH: 3, LPUSH: 3, LPOP: 3, LLEN: 1, TRANSACTION: 2 } },
  /** Whole databases. */
  global: { ...BASE, databases: 2, shares: { ...SINGLE, ...LISTS, ...MULTI_KEY, ...scaled(GLOBAL, 2), SELECT: 2 } },
  /** Everything together. */
  mixed: {
    ...BASE,
    keys: 4,
    databases: 2,
    deadlines: 10,
    leaves: 2,
    shares: {
      ...SINGLE,
      ...LISTS,
      ...MULTI_KEY,
      ...scaled(DEADLINES, 0.5),
      ...scaled(BLOCKING, 0.5),
      FLUSHALL: 0.1,
      SWAPDB: 0.2,
      MOVE: 2,
      SELECT: 1,
      TRANSACTION: 8,
      WATCH: 8,
      UNWATCH: 0.5,
    },
  },
} satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}
