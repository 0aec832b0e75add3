// What the commands declare beside what a live redis-server says of them.

import { afterAll, beforeAll, describe, test } from 'vitest';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import { buildCommandTable } from '../../src/engine/command-table.js';
import { compareDeclaration } from '../support/declarations.js';
import { RedisOracle } from '../support/redis-oracle.js';

/** Declared as Redis 7.4 has them, which differs from 7.0 in names of arguments, tips or versions. */
const CHANGED_SINCE_7_0 = new Set([
  'quit',
  'psubscribe',
  'hello',
  'client',
  'client|list',
  'client|setname',
  'client|setinfo',
  'client|no-touch',
  'client|kill',
  'client|pause',
  'client|reply',
  'command|getkeys',
  'command|getkeysandflags',
  'config|get',
  'config|resetstat',
  'config|rewrite',
  'pfmerge',
  'shutdown',
  'geohash',
  'geopos',
  'zrank',
  'zrevrank',
  'hscan',
]);
/** CLIENT lacks subcommands that belong to features still to come. */
const INCOMPLETE = new Set(['client']);

/** True when the oracle is of a version that has what came with `since`. */
function isKnown(since: string): boolean {
  const [major, minor] = since.split('.').map(Number);
  return RedisOracle.atLeast(major, minor);
}

const COMMANDS = buildCommandTable(ALL_COMMANDS).visible.filter(
  ({ fullName, spec }) =>
    isKnown(spec.since) && !(RedisOracle.atLeast(7, 4) ? INCOMPLETE : CHANGED_SINCE_7_0).has(fullName),
);

describe.runIf(RedisOracle.available)('declarations beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });
  afterAll(async () => {
    await oracle.close();
  });

  test.each(COMMANDS.map((command) => [command.fullName, command] as const))('%s', async (_name, command) => {
    await compareDeclaration(command, oracle);
  });
});
