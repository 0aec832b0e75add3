// What a shard keeps for transactions over several shards that have run their part here and elsewhere not yet: held keys,
// or the whole shard; and the work that has to wait for them. Work on the shard as a whole does not wait here: a lock on the
// whole keyspace is taken for it (coordinator.ts, `whenAlone`), or a stream of transactions would keep it waiting for ever.
//
//   hash -> | exclusive | transactions |        several only when all of them read
//   hash -> | work, work, ... |                 parked, oldest first
//
// A key is known by its hash: two keys with one hash wait for each other, which is rare and does no harm.
//
// Invariants
// (1) Two transactions that conflict never hold at the same time: the lock stripes (fabric/lock-stripes.ts) see to it. A
//     hold that a hop meets has ended; `sweep` drops it before the hop runs.
// (2) Work for a key with parked work goes behind it, whatever it is: the order of arrival is kept for every key.
// (3) Who parks has asked the transaction for a word of its end (`TxnWords.await`), or the end has come already and the
//     next sweep sees it.

import { assert } from '../base/assert.js';
import type { TxnWords } from '../fabric/txn-words.js';
import type { HeldKey } from './footprint.js';

/** Something that waits for held keys: a command, the rest of a record, a transaction of one shard. */
export interface ParkedWork {
  /** Goes on as far as it may; where something else stands in its way it parks again. */
  proceed(): void;
}

interface Holder {
  readonly word: number;
  readonly value: number;
  /** Wall time of all its parts, Unix ms. */
  readonly nowMs: number;
  /** Keys that it holds, by hash. */
  readonly hashes: number[];
  whole: 'none' | 'shared' | 'exclusive';
}

interface Held {
  exclusive: boolean;
  readonly holders: Holder[];
}

/** No transaction's word. */
export const NO_TXN = -1;

export class Holds {
  /** Transactions that hold something here, and work that is parked. 0: nobody need look any further. */
  active = 0;
  /** The word of a transaction that is about to end, while clients are served what it brought: to them its keys are free. */
  ending = NO_TXN;
  readonly #words: TxnWords;
  readonly #holders: Holder[] = [];
  readonly #held = new Map<number, Held>();
  readonly #parked = new Map<number, ParkedWork[]>();

  constructor(words: TxnWords) {
    this.#words = words;
  }

  // ------------------------------------------------------------------ holding

  /**
   * Holds `keys`, or the whole shard, until the transaction that has `value` in `word`, and runs at `nowMs`, ends. Called
   * after `sweep`.
   */
  hold(word: number, value: number, keys: readonly HeldKey[], whole: Holder['whole'], nowMs = Infinity): void {
    let holder = this.#holders.find((one) => one.word === word);
    if (holder === undefined) {
      holder = { word, value, nowMs, hashes: [], whole };
      this.#holders.push(holder);
      this.active++;
    }
    assert(holder.value === value, 'a word has one transaction at a time');
    for (const { hash, exclusive } of keys) this.#holdKey(holder, hash, exclusive);
  }

  #holdKey(holder: Holder, hash: number, exclusive: boolean): void {
    const held = this.#held.get(hash);
    if (held === undefined) {
      this.#held.set(hash, { exclusive, holders: [holder] });
    } else {
      if (held.holders.includes(holder)) {
        held.exclusive ||= exclusive;
        return;
      }
      assert(!held.exclusive && !exclusive, 'transactions that conflict do not hold at the same time');
      held.holders.push(holder);
    }
    holder.hashes.push(hash);
  }

  /** Drops the holds of transactions that have ended. True: some have, so that parked work may go on. */
  sweep(): boolean {
    const holders = this.#holders;
    let kept = 0;
    for (const holder of holders) {
      if (this.#words.isRunning(holder.word, holder.value)) holders[kept++] = holder;
      else this.#drop(holder);
    }
    const dropped = holders.length - kept;
    holders.length = kept;
    this.active -= dropped;
    return dropped > 0;
  }

  /** When the oldest transaction that holds something here runs, Unix ms; Infinity: none does. */
  get oldestMs(): number {
    return this.#holders.reduce((oldest, { nowMs }) => Math.min(oldest, nowMs), Infinity);
  }

  #drop(holder: Holder): void {
    for (const hash of holder.hashes) {
      const held = this.#held.get(hash);
      assert(held !== undefined, 'a held key is known');
      held.holders.splice(held.holders.indexOf(holder), 1);
      if (held.holders.length === 0) this.#held.delete(hash);
    }
  }

  // ------------------------------------------------------------------ asking

  /** True when a command that uses the key with this hash has to wait, for holds or in line. */
  blocksKey(hash: number, writes: boolean): boolean {
    if (this.#parked.has(hash)) return true;
    for (const { whole } of this.#holders) if (whole === 'exclusive' || (writes && whole === 'shared')) return true;
    const held = this.#held.get(hash);
    return held !== undefined && (held.exclusive || writes);
  }

  /** True when a command that looks at the shard as a whole would see a transaction half done. */
  get blocksWhole(): boolean {
    for (const { whole } of this.#holders) if (whole === 'exclusive') return true;
    for (const { exclusive } of this.#held.values()) if (exclusive) return true;
    return false;
  }

  /**
   * True when a running transaction holds the key: what is to be done with it is done at its end, which is told. (It need not be
   * the one that held it when work was parked: others may have come to share it since.)
   */
  isHeld(hash: number): boolean {
    let held = false;
    for (const holder of this.#holders) if (holder.whole !== 'none' && this.#awaitEnd(holder)) held = true;
    for (const holder of this.#held.get(hash)?.holders ?? []) if (this.#awaitEnd(holder)) held = true;
    return held;
  }

  // ------------------------------------------------------------------ parking

  /** Parks `work` until the key with this hash is free and everything parked before it has gone on. */
  park(hash: number, work: ParkedWork): void {
    const held = this.#held.get(hash);
    if (held !== undefined) for (const holder of held.holders) this.#awaitEnd(holder);
    for (const holder of this.#holders) if (holder.whole !== 'none') this.#awaitEnd(holder);
    const line = this.#parked.get(hash);
    if (line === undefined) this.#parked.set(hash, [work]);
    else line.push(work);
    this.active++;
  }

  /** Asks to be told when `holder` ends; false: it has ended already, or is about to. */
  #awaitEnd({ word, value }: Holder): boolean {
    return word !== this.ending && this.#words.await(word, value);
  }

  /** Runs parked work whose way is free, line by line, oldest first. Called after `sweep`, at the top of a cycle. */
  resume(): void {
    if (this.#parked.size === 0) return;
    // Work that parks again, or parks for the first time meanwhile, makes new lines behind those that are looked at here.
    for (const hash of [...this.#parked.keys()]) this.#resumeLine(hash);
  }

  #resumeLine(hash: number): void {
    const line = this.#parked.get(hash);
    if (line === undefined || this.isHeld(hash)) return;
    this.#parked.delete(hash);
    for (let i = 0; i < line.length; i++) {
      this.active--;
      line[i].proceed();
      if (i + 1 === line.length || !this.isHeld(hash)) continue;
      // The work has parked at the head of this very line again: the others stay behind it.
      const behind = this.#parked.get(hash) ?? [];
      this.#parked.set(hash, [...behind, ...line.slice(i + 1)]);
      return;
    }
  }

  // ------------------------------------------------------------------ at rest

  /** True when nothing is held and nothing is parked (tests, the simulator). */
  get isIdle(): boolean {
    return this.active === 0 && this.#holders.length === 0 && this.#held.size === 0 && this.#parked.size === 0;
  }
}
