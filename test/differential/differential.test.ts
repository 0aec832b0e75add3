// A short run of every family; `npm run differential` makes long ones.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killAllServers } from '../../bench/macro/server-process.js';
import { redis } from '../../bench/macro/servers.js';
import { BUILT_ANAX_COMMAND } from '../support/anax-process.js';
import { FAMILIES, nameOf } from './families.js';
import { compareServers } from './run.js';
import { openServers, type Servers } from './servers.js';

const REQUESTS = 3000;

describe.runIf(redis() !== undefined)('random requests are answered as by redis-server', () => {
  let servers: Servers | undefined;

  beforeAll(async () => {
    servers = await openServers(BUILT_ANAX_COMMAND);
  });
  afterAll(killAllServers);

  test.each(FAMILIES.map((family) => [nameOf(family), family] as const))(
    '%s',
    async (_name, family) => {
      if (servers === undefined) throw new Error('redis-server is there');
      expect(await compareServers({ ...servers, family, seed: 7, requests: REQUESTS })).toBeGreaterThanOrEqual(
        REQUESTS,
      );
    },
    60_000,
  );
});
