// PFDEBUG and PFSELFTEST: HyperLogLogs from inside, for tests of servers.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import {
  countDense,
  countPlain,
  denseRegister,
  estimate,
  hashedRank,
  hashedRegister,
  hashElement,
  isDense,
  raiseDense,
  setDenseRegister,
} from '../values/hyperloglog.js';
import { DENSE_BYTES, HEAD_BYTES, REGISTER_MAX, REGISTERS } from '../values/hyperloglog-layout.js';
import { isXZero, readRun, runBytes, runLength, runValue } from '../values/hyperloglog-sparse.js';
import { BROKEN_COUNTER, counter, counterEnd, makeDense, openCounter } from './hyperloglog-values.js';

const NO_KEY = 'ERR The specified key does not exist';
const NOT_SPARSE = 'ERR HLL encoding is not sparse';

/** PFSELFTEST: rounds over all registers, elements, bytes of an element. */
const REGISTER_ROUNDS = 100;
const TEST_ELEMENTS = 1_000_000;
const ELEMENT_BYTES = 8;
/** The standard error, and how many of them an estimate may be off. */
const RELATIVE_ERROR = 1.04 / Math.sqrt(REGISTERS);
const ERRORS_ALLOWED = 6;

/** PFDEBUG: arguments are checked after the key, as Redis does. */
function opPfDebug(db: Db, args: Args, reply: Reply): void {
  const name = args.latin1(1);
  const entry = db.lookupWrite(args, 2);
  if (entry === 0) {
    reply.error(NO_KEY);
    return;
  }
  if (!openCounter(db, entry, reply)) return;
  const run = SUBCOMMANDS[name.toLowerCase()];
  if (run === undefined) reply.error(`ERR Unknown PFDEBUG subcommand '${name}'`);
  else if (args.count !== 3) reply.error(`ERR Wrong number of arguments for the '${name}' subcommand`);
  else run(db, args, reply);
}

const SUBCOMMANDS: Readonly<Partial<Record<string, (db: Db, args: Args, reply: Reply) => void>>> = {
  getreg: (db, args, reply) => {
    if (!makeDense(db, args, 2)) {
      reply.error(BROKEN_COUNTER);
      return;
    }
    reply.array(REGISTERS);
    for (let i = 0; i < REGISTERS; i++) reply.integer(denseRegister(counter.bytes, counter.start, i));
  },
  decode: (_db, _args, reply) => {
    if (isDense(counter.bytes, counter.start)) reply.error(NOT_SPARSE);
    else reply.bulkText(runsAsText());
  },
  encoding: (_db, _args, reply) => {
    reply.simple(isDense(counter.bytes, counter.start) ? 'dense' : 'sparse');
  },
  todense: (db, args, reply) => {
    const dense = isDense(counter.bytes, counter.start);
    if (makeDense(db, args, 2)) reply.integer(dense ? 0 : 1);
    else reply.error(BROKEN_COUNTER);
  },
};

/** The runs of the open value: `z:7 v:2,1 Z:16376`. */
function runsAsText(): string {
  const { bytes, start } = counter;
  const words: string[] = [];
  for (let at = start + HEAD_BYTES; at < counterEnd(); at += runBytes) {
    readRun(bytes, at, counterEnd());
    if (runValue > 0) words.push(`v:${runValue},${runLength}`);
    else words.push(`${isXZero(bytes, at) ? 'Z' : 'z'}:${runLength}`);
  }
  return words.join(' ');
}

/** What is wrong with the arithmetic; undefined for nothing. `random` gives an integer below its argument. */
function selfTest(random: (bound: number) => number): string | undefined {
  const dense = new Uint8Array(DENSE_BYTES);
  const plain = new Uint8Array(REGISTERS);
  for (let round = 0; round < REGISTER_ROUNDS; round++) {
    for (let i = 0; i < REGISTERS; i++) {
      plain[i] = random(REGISTER_MAX + 1);
      setDenseRegister(dense, 0, i, plain[i]);
    }
    for (let i = 0; i < REGISTERS; i++) {
      const value = denseRegister(dense, 0, i);
      if (value !== plain[i]) return `TESTFAILED Register ${i} should be ${plain[i]} but is ${value}`;
    }
  }
  dense.fill(0);
  plain.fill(0);
  const element = new Uint8Array(ELEMENT_BYTES);
  const words = new Uint32Array(element.buffer);
  words[1] = random(2 ** 31);
  const salt = random(2 ** 31);
  let checkpoint = 1;
  for (let n = 1; n <= TEST_ELEMENTS; n++) {
    words[0] = n ^ salt;
    hashElement(element, 0, ELEMENT_BYTES);
    raiseDense(dense, 0, hashedRegister, hashedRank);
    plain[hashedRegister] = Math.max(plain[hashedRegister], hashedRank);
    if (n !== checkpoint) continue;
    countPlain(plain);
    const other = estimate();
    countDense(dense, 0);
    const count = estimate();
    if (count !== other) return 'TESTFAILED dense/sparse disagree';
    const off = Math.abs(n - count);
    const allowed = n === 10 ? 1 : Math.ceil(RELATIVE_ERROR * ERRORS_ALLOWED * n);
    if (off > allowed) return `TESTFAILED Too big error. card:${n} abserr:${off}`;
    checkpoint *= 10;
  }
  return undefined;
}

function opPfSelfTest(db: Db, _args: Args, reply: Reply): void {
  const mistake = selfTest((bound) => db.shard.random.below(bound));
  if (mistake === undefined) reply.ok();
  else reply.error(`ERR ${mistake}`);
}

export const HYPERLOGLOG_DEBUG_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'PFDEBUG',
    since: '2.8.9',
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    group: 'hyperloglog',
    summary: 'Shows a HyperLogLog from inside; for tests.',
    complexity: 'O(n), n = registers or runs',
    usage: 'subcommand key',
    keys: [keyAt(2, 'RW', 'access')],
    examples: [
      ['PFADD k a', ':1'],
      ['PFDEBUG ENCODING k', '+sparse'],
      ['PFDEBUG DECODE k', '$20\r\nZ:12711 v:2,1 Z:3672'],
      ['PFDEBUG TODENSE k', ':1'],
      ['PFDEBUG TODENSE k', ':0'],
      ['PFDEBUG ENCODING none', `-${NO_KEY}`],
    ],
    onShard: opPfDebug,
  },
  {
    name: 'PFSELFTEST',
    since: '2.8.9',
    arity: 1,
    flags: ['admin'],
    group: 'hyperloglog',
    summary: 'Tries the arithmetic of HyperLogLogs with random elements; for tests.',
    complexity: 'O(n), n = a million elements',
    usage: '',
    examples: [['PFSELFTEST', '+OK']],
    pickShard: () => 0,
    onShard: opPfSelfTest,
  },
];
