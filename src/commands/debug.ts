// DEBUG: for tests of servers and clients, not for use. It is refused unless `enable-debug-command` allows it.
//
// Redis reads DEBUG's subcommands inside the command: one that is unknown and one with the wrong number of arguments
// get the same error, and COMMAND knows no `debug|...`. So they stand in a table here, not among the specs. What has to
// look at data asks every core over the control channel (topics `debug-...`); shard-answers.ts answers.

import { matchGlob } from '../base/glob.js';
import { SeededRandom } from '../base/prng.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec } from '../contract/spec.js';
import { bigEndian32, emptyDigest, hexOf, mixDigest, xorDigest } from './dataset-digest.js';
import { replyHelp, type HelpEntry } from './help.js';
import { isLocalAddress } from '../base/addresses.js';

const NOT_ALLOWED =
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.';
const BAD_THRESHOLD = 'ERR argument must be a memory value bigger than 1 and smaller than 4gb';
const MATCHER_STANDS = 'Apparently Redis did not crash: test passed';

/** STRINGMATCH-TEST: random pairs of pattern and text, and their greatest length. */
const MATCHER_ROUNDS = 200_000;
const MATCHER_BYTES_MAX = 32;
/** STRINGMATCH-LEN: the longest text. */
const MATCHED_LENGTH_MAX = 64 * 1024 * 1024;

/** QUICKLIST-PACKED-THRESHOLD: 4 GiB less what a list node may need besides. */
const PACKED_THRESHOLD_MAX = 2 ** 32 - 2 ** 20;

const LETTER_A = 0x61;

interface Subcommand extends HelpEntry {
  /** Arguments with DEBUG and the subcommand, at least and at most. */
  readonly arguments: readonly [min: number, max: number];
  readonly run: (client: Client, args: Args, reply: Reply) => void | Promise<void>;
}

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'CHANGE-REPL-ID',
    usage: '',
    summary: 'Accepted for the sake of test suites; Anax keeps its replication id.',
    arguments: [2, 2],
    run: replyOk,
  },
  {
    name: 'DIGEST',
    usage: '',
    summary: 'Gives a SHA1 of the whole dataset that does not depend on the order of its keys.',
    arguments: [2, 2],
    run: digest,
  },
  {
    name: 'DIGEST-VALUE',
    usage: '[key ...]',
    summary: 'Gives a SHA1 of the value of each key.',
    arguments: [2, Infinity],
    run: digestValue,
  },
  {
    name: 'ERROR',
    usage: 'string',
    summary: 'Replies with the string as an error.',
    arguments: [3, 3],
    run: (_client, args, reply) => {
      reply.error(args.latin1(2));
    },
  },
  {
    name: 'OBJECT',
    usage: 'key',
    summary: 'Shows how a key and its value are stored.',
    arguments: [3, 3],
    run: object,
  },
  {
    name: 'QUICKLIST-PACKED-THRESHOLD',
    usage: 'size',
    summary: 'Checked and accepted for the sake of test suites, without effect.',
    arguments: [3, 3],
    run: packedThreshold,
  },
  {
    name: 'SET-ACTIVE-EXPIRE',
    usage: '(0 | 1)',
    summary: 'Turns the removal of expired keys that nobody asks for off (0) or on (1).',
    arguments: [3, 3],
    run: setActiveExpire,
  },
  {
    name: 'SLEEP',
    usage: 'seconds',
    summary: 'Stops every core for that long; fractions are allowed.',
    arguments: [3, 3],
    run: sleep,
  },
  {
    name: 'STRINGMATCH-LEN',
    usage: 'pattern length',
    summary:
      'Tells (1 or 0) whether the glob pattern matches that many letters a: shows how long the worst case takes.',
    arguments: [4, 4],
    run: matchLength,
  },
  {
    name: 'STRINGMATCH-TEST',
    usage: '',
    summary: 'Runs the glob matcher on random patterns.',
    arguments: [2, 2],
    run: matchRandomly,
  },
];

function commandDebug(client: Client, args: Args, reply: Reply): void | Promise<void> {
  if (!isAllowed(client)) {
    reply.error(NOT_ALLOWED);
    return;
  }
  const name = args.latin1(1).toUpperCase();
  if (name === 'HELP' && args.count === 2) {
    replyHelp(reply, 'DEBUG', SUBCOMMANDS);
    return;
  }
  const found = SUBCOMMANDS.find(
    (each) => each.name === name && args.count >= each.arguments[0] && args.count <= each.arguments[1],
  );
  if (found === undefined) {
    const given = args.latin1(1).split('\0', 1)[0].slice(0, 128);
    reply.error(`ERR unknown subcommand or wrong number of arguments for '${given}'. Try DEBUG HELP.`);
    return;
  }
  return found.run(client, args, reply);
}

/** `enable-debug-command`: `yes`, `no`, or `local`. */
function isAllowed(client: Client): boolean {
  const setting = client.server.config.value('enable-debug-command');
  return setting === 'yes' || (setting === 'local' && isLocalAddress(client.address));
}

function replyOk(_client: Client, _args: Args, reply: Reply): void {
  reply.ok();
}

async function object(client: Client, args: Args, reply: Reply): Promise<void> {
  const lines = await client.server.everyCore({ topic: 'debug-object', db: client.db, key: args.copy(2) });
  const line = lines.find((each) => each !== '');
  if (line === undefined) reply.error(ERRORS.noSuchKey);
  else reply.simple(line);
}

async function sleep(client: Client, args: Args, reply: Reply): Promise<void> {
  const seconds = Number.parseFloat(args.latin1(2));
  if (Number.isFinite(seconds) && seconds > 0) {
    await client.server.everyCore({ topic: 'debug-sleep', ms: seconds * 1000 });
  }
  reply.ok();
}

async function setActiveExpire(client: Client, args: Args, reply: Reply): Promise<void> {
  const value = Number.parseInt(args.latin1(2), 10);
  await client.server.everyCore({ topic: 'set-active-expire', on: !Number.isNaN(value) && value !== 0 });
  reply.ok();
}

/** A memory value as redis.conf spells it: `100`, `1k` (1000), `1kb` (1024), and so on up to gb. */
const MEMORY_VALUE = /^(\d*)(b|k|kb|m|mb|g|gb|)$/i;
const MEMORY_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
};

function packedThreshold(_client: Client, args: Args, reply: Reply): void {
  const parts = MEMORY_VALUE.exec(args.latin1(2));
  const bytes = parts === null ? NaN : Number(parts[1]) * MEMORY_UNITS[parts[2].toLowerCase()];
  if (bytes <= PACKED_THRESHOLD_MAX) reply.ok();
  else reply.error(BAD_THRESHOLD);
}

function matchLength(_client: Client, args: Args, reply: Reply): void {
  const length = args.integer(3);
  if (!(length >= 0 && length <= MATCHED_LENGTH_MAX)) {
    reply.error(Number.isNaN(length) ? ERRORS.notInteger : ERRORS.outOfRange);
    return;
  }
  const text = new Uint8Array(length).fill(LETTER_A);
  reply.integer(matchGlob(args.bytes, args.starts[2], args.ends[2], text, 0, length) ? 1 : 0);
}

function matchRandomly(_client: Client, _args: Args, reply: Reply): void {
  const random = new SeededRandom(1);
  const pattern = new Uint8Array(MATCHER_BYTES_MAX);
  const text = new Uint8Array(MATCHER_BYTES_MAX);
  for (let round = 0; round < MATCHER_ROUNDS; round++) {
    const patternLength = random.below(MATCHER_BYTES_MAX);
    const textLength = random.below(MATCHER_BYTES_MAX);
    for (let i = 0; i < patternLength; i++) pattern[i] = random.below(128);
    for (let i = 0; i < textLength; i++) text[i] = random.below(128);
    matchGlob(pattern, 0, patternLength, text, 0, textLength);
  }
  reply.simple(MATCHER_STANDS);
}

// ---------------------------------------------------------------------- digests

/** Per database that has keys, in order: the chain takes its number, then the keys of all shards are folded in. */
async function digest(client: Client, _args: Args, reply: Reply): Promise<void> {
  const byDb = new Map<number, Uint8Array>();
  for (const part of (await client.server.everyCore({ topic: 'debug-digest' })).flat()) {
    const sum = byDb.get(part.db) ?? emptyDigest();
    xorDigest(sum, part.digest);
    byDb.set(part.db, sum);
  }
  let total = emptyDigest();
  for (const [db, sum] of [...byDb].sort(([a], [b]) => a - b)) {
    total = mixDigest(total, bigEndian32(db));
    xorDigest(total, sum);
  }
  reply.simple(hexOf(total));
}

async function digestValue(client: Client, args: Args, reply: Reply): Promise<void> {
  const keys: Uint8Array[] = [];
  for (let i = 2; i < args.count; i++) keys.push(args.copy(i));
  const answers = await client.server.everyCore({ topic: 'debug-digest-value', db: client.db, keys });
  reply.array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const owner = answers.find((answer) => answer[i] !== undefined);
    reply.simple(hexOf(owner?.[i] ?? emptyDigest()));
  }
}

export const DEBUG_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'DEBUG',
    since: '1.0.0',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    group: 'server',
    summary: 'Holds the subcommands for debugging and testing.',
    complexity: 'Depends on the subcommand.',
    usage: '',
    examples: [['DEBUG HELP', `-${NOT_ALLOWED}`]],
    onClient: commandDebug,
  },
];
