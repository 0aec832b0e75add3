// One way in which the history may have gone so far, and all ways in which it may go on by one operation.
//
//   cells   what stands at the keys
//   line    operations that have taken effect as "get in line" and wait to be served, oldest first
//   done    operations that have taken effect, with the replies they must get; their clients have not seen them yet
//
// An operation takes effect at one instant. What may happen there besides is decided there, as a choice: a key whose
// deadline has passed is still alive or gone; one who waits and whose time is up was still in line or not; of several
// keys that became ready at once either may be served first. Ways that do not lead to a reply that is known are left out.

import { Draft, type Cells, type KeyId } from './cells.js';
import { perform, type Wait, type Work } from './model.js';
import { serve } from './model-lists.js';

/** Something that a client asked for and that takes effect at one instant. */
export interface Operation {
  readonly id: number;
  /** 0 to 30: the bit of its client in WATCH's masks. */
  readonly client: number;
  readonly work: Work;
  /** For reports. */
  readonly text: string;
  /** All keys that it may touch; of no use when it is global. */
  readonly keys: readonly KeyId[];
  /** It looks at whole databases. */
  readonly isGlobal: boolean;
  readonly isReadOnly: boolean;
  readonly isBlocking: boolean;
  /** A blocking move between shards: who waits may be served some time after the key became ready. */
  readonly isLate: boolean;
  readonly setsDeadlines: boolean;
  /** Earlier operations of its client that take effect before it. */
  readonly after: readonly Operation[];
  /** The clock when the last byte was sent. */
  readonly invokedMs: number;
  /** What it waits for, known once it got in line somewhere. */
  wait: Wait | undefined;
  /** The reply that its client is going to see, where that is known. */
  reply: string | undefined;
  /** Its reply was seen, or nobody will ever see it. */
  isSettled: boolean;
  /** Its client is gone: it may still take effect, or never. */
  isOrphan: boolean;
  /** It was in line at this reading of the clock at the latest. */
  inLineMs: number;
}

export interface Done {
  readonly operation: Operation;
  readonly reply: string;
}

export interface Configuration {
  readonly cells: Cells;
  readonly line: readonly Operation[];
  /** By id. */
  readonly done: readonly Done[];
}

/** Equal texts: the configurations go on alike. */
export function textOf({ cells, line, done }: Configuration, keys: readonly KeyId[]): string {
  let text = '';
  for (const key of keys) text += `${cells.get(key)?.text ?? ''};`;
  if (line.length > 0) {
    // Only the order at each key counts.
    for (const key of keys) {
      for (const operation of line) if (waitsFor(operation, key)) text += `${operation.id},`;
      text += ';';
    }
  }
  for (const { operation, reply } of done) text += `|${operation.id}:${reply}`;
  return text;
}

/** The reply that the operation must get, undefined while it has not taken effect (or waits). */
export function replyIn(configuration: Configuration, operation: Operation): string | undefined {
  for (const one of configuration.done) if (one.operation === operation) return one.reply;
  return undefined;
}

/** The same without an operation whose reply has been seen. */
export function without(configuration: Configuration, operation: Operation): Configuration {
  const { cells, line, done } = configuration;
  return {
    cells,
    line: line.includes(operation) ? line.filter((one) => one !== operation) : line,
    done: done.filter((one) => one.operation !== operation),
  };
}

function withDone(done: readonly Done[], operation: Operation, reply: string): Done[] {
  const next = done.filter((one) => one.operation.id < operation.id);
  next.push({ operation, reply });
  for (const one of done) if (one.operation.id > operation.id) next.push(one);
  return next;
}

function waitsFor(operation: Operation, key: KeyId): boolean {
  return operation.wait?.keys.includes(key) === true;
}

/** False when it is known that the operation gets another reply. */
export function mayReply({ reply }: Operation, candidate: string | undefined): boolean {
  return reply === undefined || reply === candidate;
}

/** True when the time of the waiting operation may be over by now. */
export function mayTimeOut(operation: Operation, nowMs: number): boolean {
  return operation.wait !== undefined && operation.invokedMs + operation.wait.timeoutMs <= nowMs;
}

/** The same with the time of an operation in line over. */
export function timedOut(configuration: Configuration, operation: Operation): Configuration {
  const { cells, line, done } = configuration;
  const reply = operation.wait?.timeoutReply ?? '';
  return { cells, line: line.filter((one) => one !== operation), done: withDone(done, operation, reply) };
}

/** True when the waiting operation may have left the line by now. */
function mayGiveUp(operation: Operation, nowMs: number): boolean {
  if (operation.isOrphan) return true;
  return mayTimeOut(operation, nowMs) && mayReply(operation, operation.wait?.timeoutReply);
}

/** Every way in which `operation` takes effect now: in each it is done, or in line. */
export function advance(configuration: Configuration, operation: Operation, nowMs: number): Configuration[] {
  const { cells, line, done } = configuration;
  const keys = operation.isGlobal ? [...cells.keys()] : operation.keys;
  const ways: Configuration[] = [];
  for (const before of afterExpiry(cells, keys, operation.invokedMs, nowMs)) {
    const draft = new Draft(before);
    const outcome = perform(draft, operation.work, operation.client, { fromMs: operation.invokedMs, toMs: nowMs });
    if (typeof outcome === 'string' && !mayReply(operation, outcome)) continue;
    const next: Configuration =
      typeof outcome === 'string'
        ? { cells: draft.finish(), line, done: withDone(done, operation, outcome) }
        : { cells: draft.finish(), line: [...line, operation], done };
    if (typeof outcome !== 'string') operation.wait = outcome;
    settle(next, draft.ready, { operation, nowMs }, ways);
  }
  return ways;
}

/**
 * Every way in which an operation in line is served now because something has been lying there for it: it may be served
 * late itself, or stood behind one that may. None when there is nothing for it.
 */
export function serveLate(configuration: Configuration, operation: Operation, nowMs: number): Configuration[] {
  const ways: Configuration[] = [];
  const { wait } = operation;
  if (wait === undefined || !configuration.line.includes(operation)) return ways;
  for (const cells of afterExpiry(configuration.cells, operation.keys, 0, nowMs)) {
    for (const key of wait.keys) {
      if (typeof cells.get(key)?.value !== 'object') continue;
      const { line } = configuration;
      const inFront = line.slice(0, line.indexOf(operation)).filter((one) => waitsFor(one, key));
      if (!inFront.every((one) => mayGiveUp(one, nowMs))) continue;
      const alone = inFront.reduce(timedOut, { ...configuration, cells });
      // What is left has its turn at once, beside what was brought.
      serveOne(alone, operation, key, [key], { operation, nowMs }, ways);
    }
  }
  return ways;
}

/** What caused the serving: deadlines before it have certainly passed for everybody. */
interface Cause {
  readonly operation: Operation;
  readonly nowMs: number;
}

/** Serves who waits for the keys that are ready, in every order in which that may happen. */
function settle(configuration: Configuration, ready: readonly KeyId[], cause: Cause, ways: Configuration[]): void {
  const { cells, line } = configuration;
  let isSettled = true;
  if (line.length > 0) {
    for (const key of ready) {
      if (typeof cells.get(key)?.value !== 'object') continue;
      const next = line.find((one) => waitsFor(one, key));
      if (next === undefined) continue;
      isSettled = false;
      serveOne(configuration, next, key, ready, cause, ways);
      if (mayGiveUp(next, cause.nowMs)) settle(timedOut(configuration, next), ready, cause, ways);
      // Until it is served the line stands still behind it.
      if (next.isLate) {
        const others = ready.filter((one) => one !== key);
        settle(configuration, others, cause, ways);
      }
    }
  }
  if (isSettled) ways.push(configuration);
}

function serveOne(
  { cells, line, done }: Configuration,
  waiting: Operation,
  key: KeyId,
  ready: readonly KeyId[],
  cause: Cause,
  ways: Configuration[],
): void {
  const { wait } = waiting;
  if (wait === undefined) return;
  const targets = wait.target === undefined ? [] : [wait.target.key];
  for (const before of afterExpiry(cells, targets, cause.operation.invokedMs, cause.nowMs)) {
    const draft = new Draft(before);
    const reply = serve(draft, wait, key);
    if (!mayReply(waiting, reply)) continue;
    const next: Configuration = {
      cells: draft.finish(),
      line: line.filter((one) => one !== waiting),
      done: withDone(done, waiting, reply),
    };
    const nowReady = draft.ready.length === 0 ? ready : [...new Set([...ready, ...draft.ready])];
    settle(next, nowReady, cause, ways);
  }
}

/** The cells with those of `keys` gone that must be gone, and with and without each of those that may be. */
function afterExpiry(cells: Cells, keys: readonly KeyId[], mustBeforeMs: number, nowMs: number): readonly Cells[] {
  let ways: Cells[] | undefined;
  for (const key of keys) {
    const cell = cells.get(key);
    if (cell?.value === undefined || cell.mayMs >= nowMs) continue;
    ways ??= [cells];
    const gone = ways.map((way) => expire(way, key));
    ways = cell.mustMs < mustBeforeMs ? gone : [...ways, ...gone];
  }
  return ways ?? [cells];
}

/** The cells without a key whose time has come. Its watchers notice. */
export function expire(cells: Cells, key: KeyId): Cells {
  const draft = new Draft(cells);
  draft.remove(key);
  return draft.finish();
}
