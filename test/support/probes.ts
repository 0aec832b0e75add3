// Keyspace commands in their plainest form, for conformance tests of values that want to see keys and deadlines too.

import type { CommandSpec, ShardOp } from '../../src/contract/spec.js';

function probe(name: string, arity: number, onShard: ShardOp): CommandSpec {
  const facts = { since: '1.0.0', flags: [], group: 'generic', summary: '', complexity: '', usage: '' } as const;
  return { name, arity, ...facts, examples: [], onShard };
}

/** DEL and EXISTS of one key, PEXPIRETIME. */
export const PROBES: readonly CommandSpec[] = [
  probe('DEL', 2, (db, args, reply) => {
    reply.integer(db.delete(args, 1) ? 1 : 0);
  }),
  probe('EXISTS', 2, (db, args, reply) => {
    reply.integer(db.peek(args, 1) === 0 ? 0 : 1);
  }),
  probe('PEXPIRETIME', 2, (db, args, reply) => {
    const entry = db.peek(args, 1);
    if (entry === 0) reply.integer(-2);
    else reply.bigInteger(db.expireAtBig(entry));
  }),
];
