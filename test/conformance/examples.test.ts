// Every example that a command declares about itself, in every wiring over a real socket, and against redis-server where
// it is installed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import type { Example } from '../../src/contract/spec.js';
import { AnaxProcess, TESTING_ANAX, WIRINGS, type Address } from '../support/anax-process.js';
import { ORACLE_VERSION, oracleKnows, startOracle, type Oracle } from '../support/oracle.js';
import { RawClient } from '../support/raw-client.js';
import { escapeReply } from '../support/resp-tree.js';
import { encodeRequest, exampleReply } from '../support/requests.js';

interface Case {
  readonly name: string;
  readonly since: string;
  readonly examples: readonly Example[];
}

/** What the oracle is not asked before a version: options that came after the command they belong to. */
const NOT_ASKED_BEFORE: readonly (readonly [request: RegExp, since: string])[] = [
  [/^CLIENT KILL MAXAGE/i, '7.4'],
  [/NOVALUES/i, '7.4'],
  [/ WITHSCORE$/i, '7.2'],
  [/ BYPOLYGON /i, '999'],
  [/^BITOP (ONE|ANDOR|DIFF|DIFF1) /i, '8.2'],
  // help texts are Anax's own words
  [/^\w+ HELP/i, '999'],
];

const cases: readonly Case[] = ALL_COMMANDS.flat()
  .flatMap((spec) => [
    { name: spec.name, since: spec.since, examples: spec.examples },
    ...(spec.subcommands ?? []).map((sub) => ({
      name: `${spec.name} ${sub.name}`,
      since: sub.since,
      examples: sub.examples,
    })),
  ])
  .filter((one) => one.examples.length > 0);

/** Runs examples on an empty server and a new connection; returns what was not as declared. */
async function run(
  address: Address,
  examples: readonly Example[],
  knows: (since: string) => boolean,
): Promise<object[]> {
  const client = await RawClient.connect(address);
  await client.call('FLUSHALL');
  const wrong: object[] = [];
  for (const [request, reply] of examples) {
    const since = NOT_ASKED_BEFORE.find(([pattern]) => pattern.test(request))?.[1] ?? '0';
    if (!knows(since)) continue;
    client.write(encodeRequest(request));
    const expected = escapeReply(exampleReply(reply));
    const received = escapeReply(await client.reply());
    if (received !== expected) wrong.push({ request, expected, received });
  }
  client.destroy();
  return wrong;
}

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterAll(async () => {
    await anax.stop();
  });
  test.each(cases)('$name', async ({ examples }) => {
    expect(await run(anax.address, examples, TESTING_ANAX ? () => true : oracleKnows)).toEqual([]);
  });
});

if (ORACLE_VERSION !== undefined) {
  describe(`redis-server ${ORACLE_VERSION.join('.')} answers as the examples say`, () => {
    let oracle: Oracle;
    beforeAll(async () => {
      oracle = await startOracle();
    });
    afterAll(async () => {
      await oracle.stop();
    });
    const known = cases.filter((one) => oracleKnows(one.since));
    test.each(known)('$name', async ({ examples }) => {
      expect(await run(oracle.address, examples, oracleKnows)).toEqual([]);
    });
  });
}
