// ZMPOP and BZMPOP: their arguments, and how they run when their keys stand on several shards.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import type { PlanPort, PlanRun } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { TYPE } from '../values/types.js';
import { readMultiPop, type MultiPop } from './list-arguments.js';
import { planFirst } from './list-plans.js';
import { MIN } from './zset-values.js';

const ENDS = [bytesOf('MIN'), bytesOf('MAX')] as const;

/** The arguments from `numkeys` on; undefined: the error has been replied. */
export function readZMPop(args: Args, numkeysAt: number, reply: Reply): MultiPop | undefined {
  return readMultiPop(args, numkeysAt, reply, ENDS);
}

/** Takes from the first of the keys that exists; nothing is answered when none does. */
export function planMultiPop(port: PlanPort, { first, end, where, count }: MultiPop): PlanRun {
  return planFirst(port, TYPE.zset, first, end, (i) =>
    port
      .on(i, 'ZMPOP')
      .word('1')
      .arg(i)
      .word(where === MIN ? 'MIN' : 'MAX')
      .word('COUNT')
      .word(String(count)),
  );
}

export function* planZMPop(port: PlanPort): PlanRun {
  const request = readZMPop(port.args, 1, port.reply);
  if (request === undefined) return;
  const mark = port.reply.mark();
  yield* planMultiPop(port, request);
  if (port.reply.mark() === mark) port.reply.nilArray();
}
