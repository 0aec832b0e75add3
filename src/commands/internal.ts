// Parts of other commands' plans: what one shard does for a transaction over several. No client can ask for them.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';

/** The hop was sent for what its head says: keys to hold, watched keys to look at. */
function opLook(_db: Db, _args: Args, reply: Reply): void {
  reply.ok();
}

/** TYPE's numbers of the values at the keys; -1 where there is none. */
function opKinds(db: Db, args: Args, reply: Reply): void {
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    const entry = db.peek(args, i);
    reply.integer(entry === 0 ? -1 : db.typeOf(entry));
  }
}

const HIDDEN = {
  since: '7.0.0',
  flags: ['readonly'],
  group: 'generic',
  complexity: 'O(n), n = keys',
  examples: [],
  internal: true,
} as const;

export const INTERNAL_COMMANDS: readonly CommandSpec[] = [
  {
    ...HIDDEN,
    name: 'LOOK',
    arity: 1,
    summary: 'Does nothing.',
    usage: '',
    pickShard: () => 0,
    onShard: opLook,
  },
  {
    ...HIDDEN,
    name: 'KINDS',
    arity: -2,
    summary: 'Tells the types of values by number.',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RO')],
    onShard: opKinds,
  },
];
