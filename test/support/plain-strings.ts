// SET and GET in their plainest form, for tests of commands that need keys to work on but not the family of strings.

import { bytesOf } from '../../src/base/bytes.js';
import type { CommandSpec } from '../../src/contract/spec.js';
import { keyAt } from '../../src/contract/spec.js';
import { NO_EXPIRY, type StringView } from '../../src/shard/db.js';

const UNITS: readonly (readonly [option: Uint8Array, unitMs: number, relative: boolean])[] = [
  [bytesOf('EX'), 1000, true],
  [bytesOf('PX'), 1, true],
  [bytesOf('EXAT'), 1000, false],
  [bytesOf('PXAT'), 1, false],
];

const view: StringView = { bytes: new Uint8Array(0), start: 0, end: 0 };

/** `SET key value [EX s | PX ms | EXAT s | PXAT ms]` and `GET key`. */
export const PLAIN_STRINGS: readonly CommandSpec[] = [
  {
    name: 'SET',
    since: '1.0.0',
    arity: -3,
    flags: ['write'],
    group: 'string',
    summary: 'Sets a string.',
    complexity: 'O(1)',
    usage: 'key value [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds]',
    keys: [keyAt(1, 'OW', 'update')],
    examples: [],
    onShard: (db, args, reply) => {
      let at = NO_EXPIRY;
      const unit = UNITS.find(([option]) => args.count > 4 && args.is(3, option));
      if (unit !== undefined) at = args.integer(4) * unit[1] + (unit[2] ? db.shard.nowMs : 0);
      db.setString(args, 1, args.bytes, args.starts[2], args.ends[2], at);
      reply.ok();
    },
  },
  {
    name: 'GET',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly'],
    group: 'string',
    summary: 'Gives a string.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [],
    onShard: (db, args, reply) => {
      const entry = db.lookupRead(args, 1);
      if (entry === 0) {
        reply.nil();
        return;
      }
      db.readString(entry, view);
      reply.bulk(view.bytes, view.start, view.end);
    },
  },
];
