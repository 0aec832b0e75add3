// OBJECT: how a value is stored and when it was last used. Looking does not count as using.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db, Ref } from '../shard/db.js';
import { withHelp } from './help.js';

const IDLE_UNKNOWN =
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';
const FREQUENCY_UNKNOWN =
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';

/** Redis shares the objects of the integers below this and gives them a count that stands for "shared". */
const SHARED_INTEGERS = 10000;
const SHARED_COUNT = 2147483647;

/** The entry of argument 2; 0 when nil has been replied. */
function lookupOrNil(db: Db, args: Args, reply: Reply): Ref {
  const entry = db.lookupNoTouch(args, 2);
  if (entry === 0) reply.nil();
  return entry;
}

function opEncoding(db: Db, args: Args, reply: Reply): void {
  const entry = lookupOrNil(db, args, reply);
  if (entry !== 0) reply.bulkText(db.facts(entry).encoding);
}

function opFrequency(db: Db, args: Args, reply: Reply): void {
  const entry = lookupOrNil(db, args, reply);
  if (entry === 0) return;
  if (!db.shard.lfu) reply.error(FREQUENCY_UNKNOWN);
  else reply.integer(db.facts(entry).frequency);
}

function opIdleTime(db: Db, args: Args, reply: Reply): void {
  const entry = lookupOrNil(db, args, reply);
  if (entry === 0) return;
  if (db.shard.lfu) reply.error(IDLE_UNKNOWN);
  else reply.integer(Math.floor(db.facts(entry).idleMs / 1000));
}

/** What Redis would count: its small integers are shared, everything else has one owner. */
export function referenceCount(db: Db, entry: Ref): number {
  if (db.facts(entry).encoding !== 'int') return 1;
  const value = db.stringInteger(entry);
  return value >= 0 && value < SHARED_INTEGERS ? SHARED_COUNT : 1;
}

function opReferenceCount(db: Db, args: Args, reply: Reply): void {
  const entry = lookupOrNil(db, args, reply);
  if (entry !== 0) reply.integer(referenceCount(db, entry));
}

const TIPS = ['nondeterministic_output'];

const SUBCOMMANDS: readonly CommandSpec[] = [
  {
    name: 'ENCODING',
    since: '2.2.3',
    arity: 3,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Names the encoding in which the value of a key is stored.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(2, 'RO')],
    tips: TIPS,
    examples: [
      ['OBJECT ENCODING k', '$-1'],
      ['SET k 12', '+OK'],
      ['OBJECT ENCODING k', '$3\r\nint'],
      ['SET k abc', '+OK'],
      ['OBJECT ENCODING k', '$6\r\nembstr'],
    ],
    onShard: opEncoding,
  },
  {
    name: 'FREQ',
    since: '4.0.0',
    arity: 3,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Gives the logarithmic counter of how often a key is used, under an LFU maxmemory-policy.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(2, 'RO')],
    tips: TIPS,
    examples: [
      ['OBJECT FREQ k', '$-1'],
      ['SET k v', '+OK'],
      ['OBJECT FREQ k', `-${FREQUENCY_UNKNOWN}`],
    ],
    onShard: opFrequency,
  },
  {
    name: 'IDLETIME',
    since: '2.2.3',
    arity: 3,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Tells for how many seconds a key has not been used.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(2, 'RO')],
    tips: TIPS,
    examples: [
      ['OBJECT IDLETIME k', '$-1'],
      ['SET k v', '+OK'],
      ['OBJECT IDLETIME k', ':0'],
    ],
    onShard: opIdleTime,
  },
  {
    name: 'REFCOUNT',
    since: '2.2.3',
    arity: 3,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Counts the references to the value of a key: 1, or 2147483647 for the small integers that Redis shares.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(2, 'RO')],
    tips: TIPS,
    examples: [
      ['OBJECT REFCOUNT k', '$-1'],
      ['SET k v', '+OK'],
      ['OBJECT REFCOUNT k', ':1'],
      ['SET k 9999', '+OK'],
      ['OBJECT REFCOUNT k', ':2147483647'],
    ],
    onShard: opReferenceCount,
  },
];

export const OBJECT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'OBJECT',
    since: '2.2.3',
    arity: -2,
    flags: [],
    group: 'generic',
    summary: 'Holds the subcommands that look at how a value is stored.',
    complexity: 'Depends on the subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('OBJECT', '6.2.0', SUBCOMMANDS),
  },
];
