// All command families, in the order in which commands get their ids.

import type { CommandSpec } from '../contract/spec.js';
import { clientCommands } from './client.js';
import { configCommands } from './config-commands.js';
import { connectionCommands } from './connection.js';
import { DEBUG_COMMANDS } from './debug.js';
import { EXPIRE_COMMANDS } from './expire.js';
import { FLUSH_COMMANDS } from './flush.js';
import { GENERIC_COMMANDS } from './generic.js';
import { MEMORY_COMMANDS } from './memory.js';
import { OBJECT_COMMANDS } from './object.js';
import { SCAN_COMMANDS } from './scan.js';
import { serverCommands } from './server.js';
import { STRING_COMMANDS } from './string.js';

export const ALL_COMMANDS: readonly (readonly CommandSpec[])[] = [
  STRING_COMMANDS,
  GENERIC_COMMANDS,
  EXPIRE_COMMANDS,
  SCAN_COMMANDS,
  FLUSH_COMMANDS,
  OBJECT_COMMANDS,
  MEMORY_COMMANDS,
  DEBUG_COMMANDS,
  connectionCommands,
  clientCommands,
  configCommands,
  serverCommands,
];
