// A part of the keyspace that can be judged by itself: some keys, the operations on their way to them, and all
// configurations that the history so far leaves possible for these keys.
//
// Two operations that share a key are in one component, and so are two of one client of which the second must wait for the
// first. Single keys are components of their own most of the time: ambiguity about one key does not multiply with that
// about another. Components are joined when an operation needs keys of several (the configurations multiply) and fall
// apart again when the set of configurations is a product (`split`).
//
// An operation takes effect at its response at the latest, after some of the other operations on their way (`explore`). Only
// those go first that make a difference: each must be followed by one that it does not commute with. The others can go later
// as well. For the same reason a configuration is dropped that another one may still become.

import { NO_CELLS, unwatched, type Cell, type Cells, type KeyId } from './cells.js';
import {
  advance,
  expire,
  mayReply,
  mayTimeOut,
  replyIn,
  serveLate,
  textOf,
  timedOut,
  without,
  type Configuration,
  type Operation,
} from './configuration.js';

/** More configurations than can be followed: no verdict. */
export class TooManyConfigurations extends Error {
  override readonly name = 'TooManyConfigurations';
}

/** Intermediate configurations that may be looked at for each that may be kept. */
const SEEN_PER_CONFIGURATION = 10;

interface Node {
  readonly configuration: Configuration;
  /** Operations on the way here that commute with all that came after them. */
  readonly open: readonly Operation[];
}

export class Component {
  /** In one fixed order. */
  readonly keys: readonly KeyId[];
  readonly configurations = new Map<string, Configuration>();
  /** Operations without a reply, by id. */
  readonly pending: Operation[];
  readonly #limit: number;
  /** Keys that a blocking operation ties together: what happens at one may be felt at the other. */
  #ties: Map<KeyId, KeyId> | undefined;
  /** Some deadline may have passed. */
  #mayExpire = false;

  constructor(keys: readonly KeyId[], pending: Operation[], limit: number) {
    this.keys = keys;
    this.pending = pending;
    this.#limit = limit;
  }

  static ofKey(key: KeyId, limit: number): Component {
    const component = new Component([key], [], limit);
    component.add({ cells: NO_CELLS, line: [], done: [] });
    return component;
  }

  /** The product of components. */
  static join(parts: readonly Component[], limit: number): Component {
    const keys = parts.flatMap((part) => part.keys).sort();
    const pending = parts.flatMap((part) => part.pending).sort((a, b) => a.id - b.id);
    const joined = new Component(keys, pending, limit);
    let product: Configuration[] = [{ cells: NO_CELLS, line: [], done: [] }];
    for (const part of parts) {
      if (product.length * part.configurations.size > limit) throw new TooManyConfigurations();
      product = product.flatMap((left) => [...part.configurations.values()].map((right) => both(left, right)));
    }
    for (const configuration of product) joined.add(configuration);
    return joined;
  }

  add(configuration: Configuration): void {
    const text = textOf(configuration, this.keys);
    if (this.configurations.has(text)) return;
    if (this.configurations.size >= this.#limit) throw new TooManyConfigurations();
    this.configurations.set(text, configuration);
  }

  invoke(operation: Operation): void {
    this.pending.push(operation);
    if (operation.isBlocking) this.#ties = undefined;
  }

  /** The operation's client saw its reply. Leaves no configuration when that cannot be. */
  respond(operation: Operation, nowMs: number): void {
    const before = [...this.configurations.values()];
    this.configurations.clear();
    this.#mayExpire =
      this.pending.some(({ setsDeadlines }) => setsDeadlines) || before.some(({ cells }) => anyPassed(cells, nowMs));
    const relevant = this.pending.length === 1 ? NONE : this.#relevantFor(operation);
    const seen = new Set<string>();
    for (const configuration of before) {
      const known = replyIn(configuration, operation);
      if (known === undefined) this.#explore(configuration, operation, relevant, nowMs, seen);
      else this.#keep(without(configuration, operation), nowMs);
    }
    this.forget(operation);
    this.#dropFollowers(nowMs);
  }

  /** Drops each configuration that another one may still become: that one has all its ways to go. */
  #dropFollowers(nowMs: number): void {
    if (this.configurations.size === 1) return;
    const kept = [...this.configurations.values()];
    for (const configuration of kept) {
      const visit = (next: Configuration): void => {
        if (next.done.length + next.line.length > 0) this.configurations.delete(textOf(next, this.keys));
      };
      for (const operation of this.pending) this.#goOn(configuration, operation, undefined, NONE, nowMs, visit);
    }
  }

  /** The operation is not waited for any more. */
  forget(operation: Operation): void {
    operation.isSettled = true;
    this.pending.splice(this.pending.indexOf(operation), 1);
    if (operation.isBlocking) this.#ties = undefined;
  }

  /** Adds what can follow from `start` when `target` has its reply. */
  #explore(
    start: Configuration,
    target: Operation,
    relevant: readonly Operation[],
    nowMs: number,
    seen: Set<string>,
  ): void {
    const stack: Node[] = [{ configuration: start, open: [] }];
    const visit = (next: Configuration, cause: Operation, open: readonly Operation[]): void => {
      const known = replyIn(next, target);
      if (known !== undefined) {
        const isShort = open.every((one) => this.#conflict(one, cause));
        if (isShort) this.#keep(without(next, target), nowMs);
        return;
      }
      const text = textOf(next, this.keys);
      if (seen.has(text)) return;
      if (seen.size >= this.#limit * SEEN_PER_CONFIGURATION) throw new TooManyConfigurations();
      seen.add(text);
      stack.push({ configuration: next, open: [...open.filter((one) => !this.#conflict(one, cause)), cause] });
    };
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { configuration, open } = node;
      this.#goOn(configuration, target, target, open, nowMs, visit);
      for (const other of relevant) this.#goOn(configuration, other, target, open, nowMs, visit);
    }
  }

  /** Has `operation` do what it can do next. */
  #goOn(
    configuration: Configuration,
    operation: Operation,
    target: Operation | undefined,
    open: readonly Operation[],
    nowMs: number,
    visit: (next: Configuration, cause: Operation, open: readonly Operation[]) => void,
  ): void {
    if (configuration.line.includes(operation)) {
      for (const next of serveLate(configuration, operation, nowMs)) visit(next, operation, open);
      // Who does not ask for it need not know when its time was over; whom it keeps waiting in line, `settle` asks.
      const isAsked = operation === target || this.pending.some(({ after }) => after.includes(operation));
      if (isAsked && mayTimeOut(operation, nowMs) && mayReply(operation, operation.wait?.timeoutReply))
        visit(timedOut(configuration, operation), operation, open);
    } else if (isFree(configuration, operation)) {
      for (const next of advance(configuration, operation, nowMs)) visit(next, operation, open);
    }
  }

  /** Keeps a configuration, in the form in which most of them are equal. */
  #keep(configuration: Configuration, nowMs: number): void {
    this.add(configuration.done.length === 0 ? configuration : this.#withoutEarlyReads(configuration, nowMs));
  }

  /** A read that would see the same now need not have happened yet: that leaves it more ways to go. */
  #withoutEarlyReads(configuration: Configuration, nowMs: number): Configuration {
    let result = configuration;
    for (const { operation, reply } of [...configuration.done].reverse()) {
      if (!operation.isReadOnly) continue;
      if (result.done.some((later) => later.operation.after.includes(operation))) continue;
      const earlier = without(result, operation);
      const now = advance(earlier, operation, nowMs).at(0);
      if (now?.cells === earlier.cells && replyIn(now, operation) === reply) result = earlier;
    }
    return result;
  }

  // ------------------------------------------------------------------ who touches whom

  /** The other pending operations from which a chain of conflicts leads to `target`. */
  #relevantFor(target: Operation): readonly Operation[] {
    const found = [target];
    const rest = new Set(this.pending);
    rest.delete(target);
    for (const one of found) {
      for (const other of rest) {
        if (!this.#conflict(other, one) && !this.#conflict(one, other)) continue;
        found.push(other);
        rest.delete(other);
      }
    }
    return found.slice(1);
  }

  /** True when it matters that `before` comes before `after`. */
  #conflict(before: Operation, after: Operation): boolean {
    if (before === after || after.after.includes(before)) return true;
    // What serves the one that it waits for lets it go on.
    for (const earlier of after.after)
      if (earlier.isBlocking && !earlier.isSettled && this.#conflict(before, earlier)) return true;
    // Of two that look at a key whose deadline has passed one may see it, and the other one not any more.
    if (before.isReadOnly && after.isReadOnly && !this.#mayExpire) return false;
    if (before.isGlobal || after.isGlobal) return true;
    const ties = (this.#ties ??= this.#tieKeys());
    for (const a of before.keys) {
      for (const b of after.keys)
        if (a === b || (ties.size > 0 && (ties.get(a) ?? a) === (ties.get(b) ?? b))) return true;
    }
    return false;
  }

  #tieKeys(): Map<KeyId, KeyId> {
    const ties = new Map<KeyId, KeyId>();
    for (const { isBlocking, keys } of this.pending) {
      if (!isBlocking || keys.length < 2) continue;
      const groups = new Set(keys.map((key) => ties.get(key) ?? key));
      const [into] = groups;
      for (const key of keys) ties.set(key, into);
      for (const [key, group] of ties) if (groups.has(group)) ties.set(key, into);
    }
    return ties;
  }

  // ------------------------------------------------------------------ standing still

  /**
   * Nothing is on its way: whoever has no reply waits in line, and nothing is there for it. Operations of clients that
   * are gone have happened by now, or never will. Leaves no configuration when that cannot be.
   */
  quiesce(nowMs: number, deadClients: number): void {
    const before = [...this.configurations.values()];
    this.configurations.clear();
    const seen = new Set<string>();
    const stack = before;
    for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
      const text = textOf(one, this.keys);
      if (seen.has(text)) continue;
      seen.add(text);
      if (seen.size > this.#limit) throw new TooManyConfigurations();
      if (this.#isAtRest(one)) this.add(this.#cleared(one, deadClients));
      const visit = (next: Configuration): void => {
        stack.push(next);
      };
      for (const operation of this.pending) this.#goOn(one, operation, undefined, [], nowMs, visit);
    }
    for (const operation of [...this.pending]) {
      if (operation.isOrphan) this.forget(operation);
      else if (operation.after.every((earlier) => earlier.isSettled)) {
        operation.inLineMs = Math.min(operation.inLineMs, nowMs);
      }
    }
  }

  #isAtRest({ cells, line }: Configuration): boolean {
    return this.pending.every((operation) => {
      // What stands behind one that waits is not answered, rightly.
      if (operation.isOrphan || operation.after.some((earlier) => earlier.isBlocking && !earlier.isSettled))
        return true;
      if (!line.includes(operation)) return false;
      return operation.wait?.keys.every((key) => typeof cells.get(key)?.value !== 'object') === true;
    });
  }

  /** Without what clients left behind that are gone. */
  #cleared(configuration: Configuration, deadClients: number): Configuration {
    const { line, done } = configuration;
    const cells = new Map<KeyId, Cell>(configuration.cells);
    for (const [key, cell] of cells) {
      if (((cell.watched | cell.dirty) & deadClients) === 0) continue;
      const alive = unwatched(cell, deadClients);
      if (alive.text === '') cells.delete(key);
      else cells.set(key, alive);
    }
    return {
      cells,
      line: line.filter((operation) => !operation.isOrphan),
      done: done.filter(({ operation }) => !operation.isOrphan),
    };
  }

  /** Takes away keys whose deadline has passed for everybody who may still ask. */
  expirePassed(nowMs: number): void {
    const askedMs = this.pending.reduce((least, operation) => Math.min(least, operation.invokedMs), nowMs);
    const after: Configuration[] = [];
    let hasChanged = false;
    for (const configuration of this.configurations.values()) {
      let { cells } = configuration;
      for (const [key, { value, mustMs }] of cells) {
        if (value !== undefined && mustMs < askedMs) cells = expire(cells, key);
      }
      hasChanged ||= cells !== configuration.cells;
      after.push({ ...configuration, cells });
    }
    if (!hasChanged) return;
    this.configurations.clear();
    for (const configuration of after) this.add(configuration);
  }

  // ------------------------------------------------------------------ falling apart

  /** The component as parts that have nothing to do with each other any more; itself alone when it holds together. */
  split(): readonly Component[] {
    if (this.keys.length === 1 || this.configurations.size === 0) return [this];
    const parts: Component[] = [];
    const rest = new Set(this.keys);
    for (const group of this.#groups()) {
      if (group.length === rest.size) break;
      if (this.configurations.size === 1) {
        parts.push(this.#project(group));
        for (const key of group) rest.delete(key);
        continue;
      }
      const part = this.#project(group);
      const others = this.#project([...rest].filter((key) => !group.includes(key)));
      const together = this.#project([...rest]);
      // The set is a part of the product of what it shows in both directions; of equal size, it is the product.
      if (part.configurations.size * others.configurations.size !== together.configurations.size) continue;
      parts.push(part);
      for (const key of group) rest.delete(key);
    }
    return parts.length === 0 ? [this] : [...parts, this.#project([...rest])];
  }

  /** Keys that pending operations hold together. */
  #groups(): KeyId[][] {
    const groupOf = new Map<KeyId, Set<KeyId>>(this.keys.map((key) => [key, new Set([key])]));
    const tie = (keys: readonly KeyId[]): void => {
      const groups = new Set(keys.map((key) => groupOf.get(key)));
      if (groups.size < 2) return;
      const joined = new Set([...groups].flatMap((group) => [...(group ?? [])]));
      for (const key of joined) groupOf.set(key, joined);
    };
    for (const operation of this.pending) {
      tie(operation.isGlobal ? this.keys : operation.keys);
      for (const earlier of operation.after) {
        if (!earlier.isSettled) tie([...operation.keys.slice(0, 1), ...earlier.keys.slice(0, 1)]);
      }
    }
    return [...new Set(groupOf.values())].map((group) => [...group].sort());
  }

  /** What the configurations say about some of the keys. */
  #project(keys: readonly KeyId[]): Component {
    if (keys.length === this.keys.length) return this;
    const inside = new Set(keys);
    const belongs = (operation: Operation): boolean => operation.keys.some((key) => inside.has(key));
    const part = new Component([...keys].sort(), this.pending.filter(belongs), this.#limit);
    for (const { cells, line, done } of this.configurations.values()) {
      const own = new Map<KeyId, Cell>();
      for (const key of keys) {
        const cell = cells.get(key);
        if (cell !== undefined) own.set(key, cell);
      }
      part.add({
        cells: own,
        line: line.filter(belongs),
        done: done.filter(({ operation }) => belongs(operation)),
      });
    }
    return part;
  }
}

const NONE: readonly Operation[] = [];

function anyPassed(cells: Cells, nowMs: number): boolean {
  for (const { mayMs } of cells.values()) if (mayMs < nowMs) return true;
  return false;
}

function both(left: Configuration, right: Configuration): Configuration {
  return {
    cells: new Map([...left.cells, ...right.cells]),
    line: [...left.line, ...right.line],
    done: [...left.done, ...right.done].sort((a, b) => a.operation.id - b.operation.id),
  };
}

/** True when nothing of its own client stands before the operation, and it has not taken effect. */
function isFree(configuration: Configuration, operation: Operation): boolean {
  if (replyIn(configuration, operation) !== undefined) return false;
  return operation.after.every((earlier) => earlier.isSettled || replyIn(configuration, earlier) !== undefined);
}
