// The examples of every command that runs beside the connection, against a fresh server each.
import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandTable } from '../../../src/contract/command-table.js';
import { infoText } from '../../../src/observability/info.js';
import { FakeServer, fullTable } from '../../support/fake-client.js';
import { fakeInfoSource } from '../../support/fake-info.js';
import { exampleReply } from '../../support/requests.js';
import { CLIENT_COMMANDS } from '../../../src/commands/client.js';
import { COMMAND_COMMANDS } from '../../../src/commands/command.js';
import { CONFIG_COMMANDS } from '../../../src/commands/config-commands.js';
import { CONNECTION_COMMANDS } from '../../../src/commands/connection.js';
import { SERVER_COMMANDS } from '../../../src/commands/server.js';

let table: CommandTable;
beforeAll(() => {
  table = fullTable();
});

const families = [CLIENT_COMMANDS, COMMAND_COMMANDS, CONFIG_COMMANDS, CONNECTION_COMMANDS, SERVER_COMMANDS];
const specs = families
  .flat()
  .flatMap((spec) => [
    { name: spec.name, examples: spec.examples },
    ...(spec.subcommands ?? []).map((sub) => ({ name: `${spec.name} ${sub.name}`, examples: sub.examples })),
  ]);

describe('examples', () => {
  it.each(specs.filter(({ examples }) => examples.length > 0))('$name', async ({ examples }) => {
    const client = new FakeServer(table, {
      info: (names) => infoText(fakeInfoSource({ commands: table }), names),
    }).connect();
    for (const [request, reply] of examples) {
      expect((await client.run(request)).toString('latin1'), request).toBe(exampleReply(reply).toString('latin1'));
    }
  });
});
