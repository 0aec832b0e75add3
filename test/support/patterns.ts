// What people build on a server like this one: caches, limiters, leaderboards, presence, holds, locks, queues, feeds. Each
// is a method, written once for each client library (patterns-ioredis.ts, patterns-node-redis.ts), with the instant handed
// in where a pattern looks at the clock.
//
// Where scripts are commonly used to compare and then write, these do it optimistically: WATCH, read, MULTI, and again
// when somebody was quicker.

export interface Score {
  readonly member: string;
  readonly points: number;
}

export interface Entry {
  readonly id: string;
  readonly what: string;
}

export interface Patterns {
  /** Cache-aside with single-flight: of many that miss at once, one builds; the others wait for what it puts there. */
  cached(key: string, seconds: number, build: () => Promise<string>): Promise<string>;

  /** At most `max` calls for each user and window: INCR, and EXPIRE for the first. */
  allowInWindow(user: string, window: number, max: number): Promise<boolean>;
  /** At most `max` calls in the last `ms` milliseconds: a sorted set of instants. `call` names this call. */
  allowSliding(user: string, call: string, now: number, ms: number, max: number): Promise<boolean>;
  /** Token bucket of `max` tokens that fills by `perSecond`: a hash, read and written optimistically. */
  takeToken(user: string, now: number, perSecond: number, max: number): Promise<boolean>;

  addPoints(board: string, member: string, points: number): Promise<number>;
  top(board: string, count: number): Promise<Score[]>;
  /** 0 for the first; null for who is not there. */
  place(board: string, member: string): Promise<number | null>;

  /** Presence as a key with a TTL, and as a sorted set of last heartbeats. */
  heartbeat(user: string, now: number, ms: number): Promise<void>;
  isOnline(user: string): Promise<boolean>;
  online(now: number, ms: number): Promise<string[]>;

  /** True when the seat was free: SET NX PX. */
  holdSeat(seat: string, token: string, ms: number): Promise<boolean>;
  seatOf(seat: string): Promise<string | null>;

  /** A lock with a token, for `ms`; resolves to a fencing number that grows with every owner, or null when it is taken. */
  lock(resource: string, token: string, ms: number): Promise<number | null>;
  /** Gives the lock back if `token` still has it. */
  unlock(resource: string, token: string): Promise<boolean>;

  /** A queue: LPUSH, and BRPOP for up to `seconds`. */
  pushJob(queue: string, job: string): Promise<void>;
  popJob(queue: string, seconds: number): Promise<string | null>;
  /** A queue that loses nothing: BLMOVE to a list of the worker's own, LREM when the job is done. */
  reserveJob(queue: string, worker: string, seconds: number): Promise<string | null>;
  finishJob(worker: string, job: string): Promise<boolean>;
  /** Jobs for later: a sorted set by instant. Each that is due goes to one of those who ask. */
  schedule(queue: string, job: string, at: number): Promise<void>;
  takeDue(queue: string, now: number): Promise<string[]>;

  /** Sets of whom somebody follows, whatever shards they are on. */
  follow(user: string, others: readonly string[]): Promise<void>;
  follows(user: string, other: string): Promise<boolean>;
  mutual(a: string, b: string): Promise<string[]>;

  /** A log with a group of consumers; an entry is `what` happened. */
  openLog(log: string, group: string): Promise<void>;
  append(log: string, what: string): Promise<string>;
  /** New entries for `consumer`, after up to `ms` milliseconds. */
  consume(log: string, group: string, consumer: string, ms: number): Promise<Entry[]>;
  acknowledge(log: string, group: string, id: string): Promise<number>;
  /** Takes over what others have not acknowledged. */
  takeOver(log: string, group: string, consumer: string): Promise<Entry[]>;
  /** The audit tail: everything behind `id`. */
  tail(log: string, id: string): Promise<Entry[]>;

  visit(day: string, user: string): Promise<void>;
  /** Unique visitors of all `days` together. */
  visitors(days: readonly string[]): Promise<number>;

  markActive(day: string, user: number): Promise<void>;
  activeOn(day: string): Promise<number>;
  activeOnAll(days: readonly string[]): Promise<number>;

  /** Resolves once subscribed; call what it resolves to for the end. */
  listen(channel: string, heard: (message: string) => void): Promise<() => Promise<void>>;
  /** Resolves to how many were told. */
  tell(channel: string, message: string): Promise<number>;

  openSession(id: string, fields: Readonly<Record<string, string>>, seconds: number): Promise<void>;
  session(id: string): Promise<Record<string, string>>;

  moveRider(rider: string, longitude: number, latitude: number): Promise<void>;
  ridersWithin(longitude: number, latitude: number, km: number): Promise<string[]>;

  /** Keys of one user, kept together by a hash tag, changed in one transaction. */
  checkOut(user: string): Promise<Record<string, string>>;
  fillCart(user: string, sku: string, quantity: number): Promise<void>;

  ttlMs(key: string): Promise<number>;
  close(): Promise<void>;
}

/** How long one who finds another at work waits before it looks again. */
export const RETRY_MS = 2;
/** After this long a builder that went away no longer keeps others from building. */
export const BUILD_MS_MAX = 20_000;
