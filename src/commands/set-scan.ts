// SSCAN. A set that is not a dict is given out whole at the first call.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Db, Ref } from '../shard/db.js';
import { SET_ENCODING } from '../values/types.js';
import { newView } from './arguments.js';
import { cursorPosition, parseCursor, readScanOptions, scanOptions } from './scan-options.js';
import { NO_SET, openSet, set, WRONG_TYPE } from './set-values.js';

/** The scratch list is kept for the next call up to this length. */
const KEPT_REFS_MAX = 4096;

const view = newView();
let found: Ref[] = [];

function isWanted(): boolean {
  return scanOptions.pattern.matches(view.bytes, view.start, view.end);
}

function collect(member: Ref): void {
  if (!scanOptions.pattern.matchesAll) {
    set.readMember(member, view);
    if (!isWanted()) return;
  }
  found.push(member);
}

export function opSScan(db: Db, args: Args, reply: Reply): void {
  const cursor = parseCursor(args, 2);
  if (cursor === undefined) {
    reply.error(ERRORS.invalidCursor);
    return;
  }
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count === WRONG_TYPE) return;
  if (count === NO_SET) {
    reply.array(2);
    reply.bulkInteger(0);
    reply.array(0);
    return;
  }
  if (!readScanOptions(args, 3, 'members', reply)) return;
  reply.array(2);
  if (set.encoding !== SET_ENCODING.dict) {
    reply.bulkInteger(0);
    replyWanted(reply);
    return;
  }
  reply.bulkInteger(set.scan(cursorPosition(cursor), scanOptions.count, collect));
  reply.array(found.length);
  for (const member of found) {
    set.readMember(member, view);
    reply.bulk(view.bytes, view.start, view.end);
  }
  if (found.length > KEPT_REFS_MAX) found = [];
  else found.length = 0;
}

/** Replies with all members that the pattern matches. */
function replyWanted(reply: Reply): void {
  const mark = reply.mark();
  let wanted = 0;
  set.rewind();
  while (set.next(view)) {
    if (!isWanted()) continue;
    reply.bulk(view.bytes, view.start, view.end);
    wanted++;
  }
  reply.wrapArray(mark, wanted);
}
