// All commands of the keyspace families, with the strings that their tests need.

import { DEBUG_COMMANDS } from '../../src/commands/debug.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { FLUSH_COMMANDS } from '../../src/commands/flush.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { MEMORY_COMMANDS } from '../../src/commands/memory.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import type { CommandSpec } from '../../src/contract/spec.js';
import { PLAIN_STRINGS } from './plain-strings.js';

export const KEYSPACE_COMMANDS: readonly CommandSpec[] = [
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
  ...FLUSH_COMMANDS,
  ...MEMORY_COMMANDS,
  ...DEBUG_COMMANDS,
];

export const KEYSPACE_AND_STRINGS: readonly CommandSpec[] = [...KEYSPACE_COMMANDS, ...PLAIN_STRINGS];
