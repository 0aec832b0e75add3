// Every option once: all that Redis 7.4 has, and Anax's own `threads` and `io`. The rows are in the options-*.ts files by
// theme; this file joins them and finds them by name.
//
// (1) Names and aliases are lower case and unique. (2) A default reads back as itself.

import { assert } from '../base/assert.js';
import { parseText } from './kind.js';
import { OPTION_GROUPS, type Option } from './option.js';
import {
  DEBUGGING_OPTIONS,
  GENERAL_OPTIONS,
  LOGGING_OPTIONS,
  MEMORY_OPTIONS,
  MONITORING_OPTIONS,
  STRUCTURE_OPTIONS,
} from './options-data.js';
import { CLUSTER_OPTIONS, PERSISTENCE_OPTIONS, REPLICATION_OPTIONS } from './options-durability.js';
import { NETWORK_OPTIONS, TLS_OPTIONS } from './options-network.js';

/** All options, group by group in the order of OPTION_GROUPS. */
export const OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  ...MEMORY_OPTIONS,
  ...GENERAL_OPTIONS,
  ...LOGGING_OPTIONS,
  ...MONITORING_OPTIONS,
  ...STRUCTURE_OPTIONS,
  ...PERSISTENCE_OPTIONS,
  ...REPLICATION_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...TLS_OPTIONS,
  ...DEBUGGING_OPTIONS,
].sort((a, b) => OPTION_GROUPS.indexOf(a.group) - OPTION_GROUPS.indexOf(b.group));

/** Old directives that stand in configuration files of older versions, take one argument and mean nothing. */
export const DEPRECATED_DIRECTIVES: readonly string[] = [
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
];

const byName = new Map<string, Option>();
for (const option of OPTIONS) {
  for (const name of [option.name, ...(option.aliases ?? [])]) {
    assert(!byName.has(name) && name === name.toLowerCase(), 'option names are unique and lower case');
    byName.set(name, option);
  }
}

/** Every name that CONFIG GET lists: names and aliases of options that are not hidden, each with its option. */
export const LISTED_NAMES: readonly (readonly [name: string, option: Option])[] = OPTIONS.flatMap((option) =>
  option.hidden === true ? [] : [option.name, ...(option.aliases ?? [])].map((name) => [name, option] as const),
);

/** The option called `name` (any case, aliases included). */
export function findOption(name: string): Option | undefined {
  return byName.get(name.toLowerCase());
}

/** Every name and alias, for suggestions. */
export function allNames(): string[] {
  return Array.from(byName.keys());
}

/** Reads an option's default; it is this table's duty that it is readable. */
export function defaultOf(option: Option): ReturnType<typeof parseText> & { ok: true } {
  const parsed = parseText(option.kind, option.default, option.default);
  assert(parsed.ok, 'the default of an option is a value of its kind');
  return parsed;
}
