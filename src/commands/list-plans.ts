// List commands whose keys stand on several shards. Each looks first and takes then: the keys are held in between.
//
// A plan of a command that can wait answers nothing where there is nothing; who runs it knows what that means (waiting, or
// the command's reply to a time that is over).

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanPort, PlanRun, PlanStep } from '../contract/plan.js';
import { LIST_LENGTH_MAX } from '../values/list.js';
import { TYPE } from '../values/types.js';
import { isLeft, isSide, readMultiPop, type MultiPop } from './list-arguments.js';
import { HEAD, LIST_TOO_LONG, TAIL } from './list-values.js';

/**
 * Has the first of the keys [first, end) that exists answer: `take` adds the command for it. A value that is not of `type`
 * is an error. Nothing is answered when no key exists. (Sorted sets are popped from in this way too.)
 */
export function* planFirst(
  port: PlanPort,
  type: number,
  first: number,
  end: number,
  take: (i: number) => PlanStep,
): PlanRun {
  const kinds = port.split('KINDS', first, 1, 1, end);
  yield;
  const found = kinds.integers().findIndex((kind) => kind >= 0);
  if (found < 0) return;
  if (kinds.integers()[found] !== type) {
    port.reply.error(ERRORS.wrongType);
    return;
  }
  const step = take(first + found);
  yield;
  port.forward(step.reply);
}

/** The same for lists. */
export function planFirstList(port: PlanPort, first: number, end: number, take: (i: number) => PlanStep): PlanRun {
  return planFirst(port, TYPE.list, first, end, take);
}

/** Takes from one of LMPOP's or BLMPOP's keys. */
export function planMultiPop(port: PlanPort, { first, end, where, count }: MultiPop): PlanRun {
  return planFirstList(port, first, end, (i) =>
    port
      .on(i, 'LMPOP')
      .word('1')
      .arg(i)
      .word(where === HEAD ? 'LEFT' : 'RIGHT')
      .word('COUNT')
      .word(String(count)),
  );
}

export function* planLMPop(port: PlanPort): PlanRun {
  const request = readMultiPop(port.args, 1, port.reply);
  if (request === undefined) return;
  const mark = port.reply.mark();
  yield* planMultiPop(port, request);
  if (port.reply.mark() === mark) port.reply.nilArray();
}

/** Moves an element between the lists at arguments 1 and 2. Nothing is answered when there is no source. */
export function* planMove(port: PlanPort, from: boolean, to: boolean): PlanRun {
  const element = port
    .on(1, 'LINDEX')
    .arg(1)
    .word(from === HEAD ? '0' : '-1');
  const length = port.on(2, 'LLEN').arg(2);
  yield;
  const { reply } = element;
  if (reply.isNil || (reply.isError && port.isRetry)) return;
  const failed = [reply, length.reply].find((one) => one.isError);
  if (failed !== undefined) {
    port.forward(failed);
    return;
  }
  if (length.reply.integer >= LIST_LENGTH_MAX) {
    port.reply.error(LIST_TOO_LONG);
    return;
  }
  port.on(1, from === HEAD ? 'LPOP' : 'RPOP').arg(1);
  port
    .on(2, to === HEAD ? 'LPUSH' : 'RPUSH')
    .arg(2)
    .bytes(reply.bytes, reply.bulkStart, reply.bulkEnd);
  yield;
  port.forward(reply);
}

/** True when arguments 3 and 4 are sides. */
export function hasSides(args: Args): boolean {
  return isSide(args, 3) && isSide(args, 4);
}

export function* planLMove(port: PlanPort): PlanRun {
  const { args, reply } = port;
  if (!hasSides(args)) reply.error(ERRORS.syntax);
  else yield* planMoveOrNil(port, isLeft(args, 3), isLeft(args, 4));
}

export function planRPopLPush(port: PlanPort): PlanRun {
  return planMoveOrNil(port, TAIL, HEAD);
}

function* planMoveOrNil(port: PlanPort, from: boolean, to: boolean): PlanRun {
  const mark = port.reply.mark();
  yield* planMove(port, from, to);
  if (port.reply.mark() === mark) port.reply.nil();
}
