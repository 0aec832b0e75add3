// Drives servers with the same random requests and compares every reply, and what they hold at the end of each epoch.
//
//   epoch: FLUSHALL, other sizes at which collections change their form, requests in batches, the digests of all keys

import { SeededRandom, type Random } from '../../src/base/prng.js';
import type { CommandTable } from '../../src/contract/command-table.js';
import { parseReply } from '../support/resp-tree.js';
import { haveOneLength, isAlike } from './comparison.js';
import { isFixed, isJustCounted, isKnownDifference, LEFT_OUT, type Family } from './families.js';
import { comparableCommands, RequestGenerator } from './generator.js';
import type { Line } from './line.js';

const BATCH = 40;
const BATCHES_PER_EPOCH = 25;
const SHOWN_REQUESTS_MAX = 60;
/** Databases that requests use. */
const DATABASES = 3;

/** Options that both servers know, and values that make forms change early or late. */
const SIZES: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['hash-max-listpack-entries', ['4', '512']],
  ['hash-max-listpack-value', ['8', '64']],
  ['list-max-listpack-size', ['4', '-2']],
  ['set-max-intset-entries', ['3', '512']],
  ['zset-max-listpack-entries', ['4', '128']],
  ['zset-max-listpack-value', ['8', '64']],
  ['stream-node-max-entries', ['3', '100']],
  ['hll-sparse-max-bytes', ['40', '3000']],
];

export interface Contestant {
  readonly name: string;
  readonly line: Line;
}

export interface DifferentialOptions {
  readonly table: CommandTable;
  readonly family: Family;
  readonly seed: number;
  readonly requests: number;
  /** What the others are compared with. */
  readonly oracle: Contestant;
  readonly subjects: readonly Contestant[];
  /** Lower case. */
  readonly known: ReadonlySet<string>;
  readonly isOlder: (since: string) => boolean;
  readonly onProgress?: (requests: number) => void;
}

export class Difference extends Error {
  override readonly name = 'Difference';
}

/** Makes `requests` requests; throws Difference at the first reply, or key, that is not alike. */
export async function compareServers(options: DifferentialOptions): Promise<number> {
  const { table, family, seed, known } = options;
  const random = new SeededRandom(seed);
  const commands = comparableCommands(table, family.group, LEFT_OUT, (name) => known.has(name));
  const fillers = family.fillers.flatMap((name) => table.byFullName(name) ?? []);
  const generator = new RequestGenerator(random, family, commands, fillers, options.isOlder);
  let made = 0;
  for (let epoch = 0; made < options.requests; epoch++) {
    await everyone(options, [['FLUSHALL'], ...sizes(random)]);
    const history: (readonly string[])[] = [];
    for (let batch = 0; batch < BATCHES_PER_EPOCH; batch++) {
      const requests = Array.from({ length: BATCH }, () => fixedRequest(generator, family));
      await compareBatch(options, requests, history);
      made += requests.length;
      options.onProgress?.(made);
    }
    await compareKeys(options, history);
  }
  return made;
}

function fixedRequest(generator: RequestGenerator, family: Family): readonly string[] {
  for (;;) {
    const words = generator.next();
    if (isFixed(words, family)) return [...words];
  }
}

function sizes(random: Random): string[][] {
  return SIZES.map(([name, values]) => ['CONFIG', 'SET', name, values[random.below(values.length)]]);
}

async function everyone({ oracle, subjects }: DifferentialOptions, requests: readonly string[][]): Promise<void> {
  for (const { line, name } of [oracle, ...subjects]) {
    for (const reply of await line.askAll(requests)) {
      if (!reply.toString('latin1').startsWith('+OK')) throw new Error(`${name}: ${reply.toString('latin1')}`);
    }
  }
}

async function compareBatch(
  options: DifferentialOptions,
  requests: readonly (readonly string[])[],
  history: (readonly string[])[],
): Promise<void> {
  const { oracle, subjects } = options;
  const [theirs, ...ours] = await Promise.all([oracle, ...subjects].map(({ line }) => line.askAll(requests)));
  requests.forEach((request, i) => {
    history.push(request);
    subjects.forEach((subject, s) => {
      const name = request[0].toLowerCase();
      if (isAlike(name, ours[s][i], theirs[i]) || isKnownDifference(name, ours[s][i], theirs[i])) return;
      if (isJustCounted(request) && haveOneLength(ours[s][i], theirs[i])) return;
      const replies = `${oracle.name}: ${show(theirs[i])}\n${subject.name}: ${show(ours[s][i])}`;
      throw new Difference(`${storyOf(history, request)}\n${replies}`);
    });
  });
}

/** The same keys are there, of one type, with the same content, and for as long. */
async function compareKeys(options: DifferentialOptions, history: readonly (readonly string[])[]): Promise<void> {
  const { oracle, subjects } = options;
  for (let db = 0; db < DATABASES; db++) {
    await everyone(options, [['SELECT', String(db)]]);
    const keys = await keysOf(oracle);
    for (const subject of subjects) {
      const ours = await keysOf(subject);
      const odd = [...keys, ...ours].find((key) => keys.has(key) !== ours.has(key));
      if (odd !== undefined) {
        const where = keys.has(odd) ? oracle.name : subject.name;
        throw new Difference(`${storyOf(history, [odd])}\nonly in ${where}`);
      }
    }
    const questions = [...keys].flatMap((key) => [
      ['TYPE', key],
      ['EXPIRETIME', key],
      ['DEBUG', 'DIGEST-VALUE', key],
    ]);
    await compareBatch(options, questions, [...history]);
  }
  await everyone(options, [['SELECT', '0']]);
}

async function keysOf({ line }: Contestant): Promise<Set<string>> {
  return new Set(parseReply(await line.ask('KEYS', '*')).items.map(({ content }) => content ?? ''));
}

/** The requests that have to do with the keys of the last one, as far as words tell. */
function storyOf(history: readonly (readonly string[])[], last: readonly string[]): string {
  const keys = new Set(last.filter((word) => word.includes(':')));
  const related = history.filter(
    (words) => words.some((word) => keys.has(word)) || /^(flush|select|swapdb)/i.test(words[0]),
  );
  return [...related.slice(-SHOWN_REQUESTS_MAX), last].map((words) => words.map(showWord).join(' ')).join('\n');
}

function showWord(word: string): string {
  return /^[\x21-\x7e]+$/.test(word) && !/["'\\]/.test(word) ? word : JSON.stringify(word);
}

function show(reply: Buffer): string {
  return JSON.stringify(reply.toString('latin1').slice(0, 2000));
}
