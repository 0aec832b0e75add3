// Makes requests for the clients of a run, by its profile and by what the server can do.

import type { Random } from '../../src/base/prng.js';
import type { Capabilities } from './capabilities.js';
import { SIM_DATABASES } from './cluster.js';
import type { Profile } from './profiles.js';

type Words = string[];

/** Longest deadline and timeout of the workload: a few movements of the clock. */
const TTL_MS_MAX = 40;
const TIMEOUT_MS_MAX = 30;
const TRANSACTION_COMMANDS_MAX = 4;
const HOT_KEYS = [1, 2, 2, Infinity];
const SEQUENCES = ['TRANSACTION', 'WATCH'];
const BLOCKING = ['BLPOP', 'BRPOP', 'BLMOVE'];
/** Replies that the judge compares in a form of their own: not inside an array. */
const NOT_IN_TRANSACTION = [
  ...SEQUENCES,
  'PTTL',
  'KEYS',
  'SELECT',
  'UNWATCH',
  'FLUSHALL',
  'FLUSHDB',
  'SWAPDB',
  'DBSIZE',
];
/** They look at whole databases. */
export const GLOBAL = ['FLUSHALL', 'FLUSHDB', 'DBSIZE', 'KEYS', 'SWAPDB'];
/** These count or list keys that have expired and still stand: not with deadlines. */
const COUNTS_EXPIRED = ['DBSIZE', 'KEYS'];

export interface WorkloadOptions {
  readonly profile: Profile;
  readonly capabilities: Capabilities;
  readonly random: Random;
  readonly shardOf: (name: string) => number;
}

/** What may be asked at this moment. */
export interface Limits {
  readonly mayBlock: boolean;
  /** Waiting for ever is fine: somebody else will go on. */
  readonly mayBlockForEver: boolean;
  readonly mayBeGlobal: boolean;
}

export class Workload {
  readonly #random: Random;
  readonly #options: WorkloadOptions;
  readonly #strings: readonly string[];
  readonly #counters: readonly string[];
  readonly #lists: readonly string[];
  readonly #names: readonly string[];
  #shares = new Map<string, number>();
  #nextValue = 1;
  /** So many keys of each kind are in use. */
  #hot = Infinity;

  constructor(options: WorkloadOptions) {
    const { profile, random, shardOf } = options;
    this.#random = random;
    this.#options = options;
    this.#strings = spread('s', profile.keys, shardOf);
    this.#counters = spread('n', Math.ceil(profile.keys / 2), shardOf);
    this.#lists = spread('l', profile.keys, shardOf);
    this.#names = this.available();
    this.reshuffle();
  }

  /** Commands of the profile that the server has. */
  available(): string[] {
    const { profile, capabilities } = this.#options;
    return Object.keys(profile.shares).filter((name) => {
      if (name === 'PING') return true;
      if (name === 'TRANSACTION') return capabilities.has('MULTI');
      if (name === 'WATCH') return capabilities.has('MULTI') && capabilities.has('WATCH');
      if (profile.deadlines > 0 && COUNTS_EXPIRED.includes(name)) return false;
      // Without transactions over all shards, what looks at whole databases sees one shard after the other.
      if (GLOBAL.includes(name)) return capabilities.has(name) && capabilities.spans('MULTI');
      return capabilities.has(name);
    });
  }

  /** All keys that lists may stand at. */
  get lists(): readonly string[] {
    return this.#lists;
  }

  /** Other shares: some commands pause, some come often (swarm testing); and sometimes everybody wants the same keys. */
  reshuffle(): void {
    this.#hot = this.#pick(HOT_KEYS);
    const { shares } = this.#options.profile as { shares: Readonly<Record<string, number>> };
    this.#shares = new Map(
      this.#names.map((name) => [name, this.#chance(20) ? 0 : shares[name] * (0.3 + this.#below(100) / 50)]),
    );
    this.#shares.set(this.#names[0], 1);
  }

  /** The next requests of a client: one, or a sequence that belongs together. `db`: where it is. */
  next(limits: Limits, db: number): Words[] {
    const name = this.#pickName((one) => {
      if (BLOCKING.includes(one)) return limits.mayBlock;
      return limits.mayBeGlobal || !GLOBAL.includes(one);
    });
    if (name === 'TRANSACTION') return this.#transaction(limits, db);
    if (name === 'WATCH') return this.#watch(limits, db);
    return [this.#request(name, limits, db)];
  }

  #pickName(allowed: (name: string) => boolean): string {
    let total = 0;
    for (const [name, share] of this.#shares) if (allowed(name)) total += share;
    let at = (this.#random.next32() / 4294967296) * total;
    for (const [name, share] of this.#shares) {
      if (!allowed(name)) continue;
      at -= share;
      if (at < 0) return name;
    }
    return this.#names[0];
  }

  // ------------------------------------------------------------------ sequences

  #transaction(limits: Limits, db: number): Words[] {
    const requests: Words[] = [['MULTI']];
    for (let left = 1 + this.#below(TRANSACTION_COMMANDS_MAX); left > 0; left--) {
      requests.push(this.#inTransaction(limits, db));
    }
    if (this.#chance(3)) requests.push(['NOSUCH', 'command']);
    if (this.#chance(3)) requests.push(['GET']);
    requests.push([this.#chance(5) ? 'DISCARD' : 'EXEC']);
    return requests;
  }

  #inTransaction(limits: Limits, db: number): Words {
    const name = this.#pickName((one) => !NOT_IN_TRANSACTION.includes(one));
    return this.#request(name, { ...limits, mayBlock: true, mayBlockForEver: true }, db);
  }

  #watch(limits: Limits, db: number): Words[] {
    const keys = this.#keysFor('WATCH', 1 + this.#below(2), () => this.#anyKey());
    const requests: Words[] = [['WATCH', ...keys]];
    if (this.#chance(50)) requests.push(['GET', this.#pick(keys)]);
    if (this.#chance(10)) requests.push(['UNWATCH']);
    return [...requests, ...this.#transaction(limits, db)];
  }

  // ------------------------------------------------------------------ single requests

  #request(name: string, limits: Limits, db: number): Words {
    switch (name) {
      case 'SET':
        return this.#set();
      case 'APPEND':
        return [name, this.#stringKey(), this.#value()];
      case 'INCR':
      case 'DECR':
        return [name, this.#chance(5) ? this.#stringKey() : this.#key(this.#counters)];
      case 'GET':
      case 'GETDEL':
      case 'STRLEN':
      case 'TYPE':
      case 'PERSIST':
      case 'PTTL':
        return [name, this.#anyKey()];
      case 'PEXPIRE':
        return [name, this.#anyKey(), this.#chance(5) ? '-1' : this.#ttl()];
      case 'DEL':
      case 'UNLINK':
      case 'EXISTS':
      case 'TOUCH':
      case 'MGET':
        return [name, ...this.#keysFor(name, this.#keyCount(), () => this.#anyKey())];
      case 'MSET':
      case 'MSETNX':
        return [
          name,
          ...this.#keysFor(name, this.#keyCount(), () => this.#stringKey()).flatMap((k) => [k, this.#value()]),
        ];
      case 'RENAME':
      case 'RENAMENX':
        return [name, ...this.#twoKeys(name)];
      case 'COPY':
        return this.#copy();
      case 'MOVE':
        return [name, this.#anyKey(), String(this.#otherDb(db))];
      case 'SWAPDB':
        return [name, '0', '1'];
      case 'SELECT':
        return [name, String(this.#below(this.#options.profile.databases))];
      case 'KEYS':
        return [name, this.#chance(50) ? '*' : 's*'];
      case 'BITOP':
        return [name, this.#pick(['AND', 'OR', 'XOR']), ...this.#keysFor(name, 3, () => this.#stringKey())];
      default:
        return this.#listRequest(name, limits);
    }
  }

  #listRequest(name: string, limits: Limits): Words {
    const key = this.#chance(3) ? this.#stringKey() : this.#key(this.#lists);
    switch (name) {
      case 'LPUSH':
      case 'RPUSH':
        return [name, key, ...Array.from({ length: 1 + this.#below(2) }, () => this.#value())];
      case 'LPOP':
      case 'RPOP':
        return this.#chance(20) ? [name, key, String(this.#below(3))] : [name, key];
      case 'LLEN':
        return [name, key];
      case 'LRANGE':
        return [name, key, '0', '-1'];
      case 'LMOVE':
        return [name, ...this.#twoLists(name), this.#side(), this.#side()];
      case 'BLPOP':
      case 'BRPOP':
        return [name, ...this.#keysFor(name, this.#keyCount(), () => this.#key(this.#lists)), this.#timeout(limits)];
      case 'BLMOVE':
        return [name, ...this.#twoLists(name), this.#side(), this.#side(), this.#timeout(limits)];
      default:
        return [name]; // PING, DBSIZE, FLUSHALL, FLUSHDB, UNWATCH
    }
  }

  #set(): Words {
    const words = ['SET', this.#stringKey(), this.#value()];
    if (this.#chance(25)) words.push(this.#pick(['NX', 'XX']));
    if (this.#chance(15)) words.push('GET');
    if (this.#chance(this.#options.profile.deadlines)) words.push('PX', this.#ttl());
    else if (this.#chance(10)) words.push('KEEPTTL');
    return words;
  }

  #copy(): Words {
    const words = ['COPY', ...this.#twoKeys('COPY')];
    const { databases } = this.#options.profile;
    if (databases > 1 && this.#chance(30)) words.push('DB', String(this.#below(databases)));
    if (this.#chance(50)) words.push('REPLACE');
    return words;
  }

  // ------------------------------------------------------------------ words

  /** Distinct from all others, so that a reply says whose write it saw. */
  #value(): string {
    return `v${this.#nextValue++}`;
  }

  #ttl(): string {
    return String(1 + this.#below(TTL_MS_MAX));
  }

  #timeout({ mayBlockForEver }: Limits): string {
    if (mayBlockForEver && this.#chance(40)) return '0';
    return String((1 + this.#below(TIMEOUT_MS_MAX)) / 1000);
  }

  #side(): string {
    return this.#chance(50) ? 'LEFT' : 'RIGHT';
  }

  #otherDb(db: number): number {
    return (db + 1) % Math.min(SIM_DATABASES, Math.max(2, this.#options.profile.databases));
  }

  #key(names: readonly string[]): string {
    return names[this.#below(Math.min(names.length, this.#hot))];
  }

  #keyCount(): number {
    return 1 + this.#below(3);
  }

  #stringKey(): string {
    return this.#chance(90) ? this.#key(this.#strings) : this.#anyKey();
  }

  #anyKey(): string {
    const kind = this.#below(10);
    if (kind < 6) return this.#key(this.#strings);
    return this.#key(kind < 8 ? this.#counters : this.#lists);
  }

  #twoKeys(name: string): string[] {
    return this.#chance(40) ? this.#twoLists(name) : this.#keysFor(name, 2, () => this.#anyKey());
  }

  #twoLists(name: string): string[] {
    return this.#keysFor(name, 2, () => this.#key(this.#lists));
  }

  /** `count` keys for a command, all of one shard where it cannot do otherwise. */
  #keysFor(name: string, count: number, make: () => string): string[] {
    const keys = Array.from({ length: count }, make);
    const { capabilities, shardOf } = this.#options;
    if (capabilities.spans(name)) return keys;
    return keys.map((key) => (shardOf(key) === shardOf(keys[0]) ? key : keys[0]));
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)];
  }

  #below(bound: number): number {
    return this.#random.below(bound);
  }

  /** True in `percent` of 100 cases. */
  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }
}

/** `count` names that begin with `prefix`, on as many shards as there are. */
function spread(prefix: string, count: number, shardOf: (name: string) => number): string[] {
  const names: string[] = [];
  const perShard = new Map<number, number>();
  for (let i = 0; names.length < count; i++) {
    const name = `${prefix}${i}`;
    const least = Math.min(...[0, 1, 2, 3].map((shard) => perShard.get(shard) ?? 0));
    const taken = perShard.get(shardOf(name)) ?? 0;
    if (taken > least && i < 100) continue;
    perShard.set(shardOf(name), taken + 1);
    names.push(name);
  }
  return names;
}
