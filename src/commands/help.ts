// HELP of container commands (CLIENT HELP, OBJECT HELP, ...), derived from what the subcommands declare, so that a
// subcommand is described once. The reply has Redis's structure, one status line each:
//
//   CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
//   KILL <ip:port>                        name and usage, arguments in angle brackets
//       Closes connections.               the summary, wrapped, indented by four
//   HELP
//       Print this help.
//
// A family writes `subcommands: withHelp('OBJECT', '6.2.0', [ ... ])`; a command that parses its subcommands itself
// (DEBUG) calls `replyHelp` with its own entries.

import type { CommandGroup, CommandSpec } from '../contract/spec.js';
import type { Reply } from '../contract/reply.js';

/** What HELP says of one subcommand. */
export interface HelpEntry {
  /** The subcommand in capitals, or a remark in parentheses. */
  readonly name: string;
  /** Arguments in the grammar of CommandSpec.usage. */
  readonly usage: string;
  readonly summary: string;
}

const INDENT = '    ';
const LINE_CHARS_MAX = 80;

/**
 * `subcommands` followed by the HELP subcommand that lists them.
 * `since` is the version in which the container got its HELP; `before` are entries that stand ahead of the subcommands.
 */
export function withHelp(
  container: string,
  since: string,
  subcommands: readonly CommandSpec[],
  before: readonly HelpEntry[] = [],
): readonly CommandSpec[] {
  const group: CommandGroup = subcommands[0].group;
  const categories = subcommands.find((spec) => spec.categories?.includes('connection'))?.categories;
  const lines = helpLines(container, [...before, ...subcommands]);
  return [
    ...subcommands,
    {
      name: 'HELP',
      since,
      arity: 2,
      flags: ['loading', 'stale'],
      group,
      ...(categories === undefined ? {} : { categories }),
      summary: 'Lists the subcommands with a line on each.',
      complexity: 'O(1)',
      usage: '',
      examples: [[`${container} HELP`, `*${lines.length}\r\n${lines.map((line) => '+' + line).join('\r\n')}`]],
      onClient: (_client, _args, reply) => {
        writeLines(reply, lines);
      },
    },
  ];
}

/** Writes the HELP reply of `container` with `entries` (HELP itself is added). */
export function replyHelp(reply: Reply, container: string, entries: readonly HelpEntry[]): void {
  writeLines(reply, helpLines(container, entries));
}

/** The lines of a HELP reply. */
export function helpLines(container: string, entries: readonly HelpEntry[]): string[] {
  const lines = [`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
  for (const entry of entries) {
    const usage = entry.usage === '' ? entry.name : `${entry.name} ${usageForReading(entry.usage)}`;
    lines.push(...fold(usage, /(?<=[ |])/, '', ' '.repeat(entry.name.length + 1)));
    lines.push(...fold(entry.summary, /(?<= )/, INDENT, INDENT));
  }
  lines.push('HELP', `${INDENT}Print this help.`);
  return lines;
}

function writeLines(reply: Reply, lines: readonly string[]): void {
  reply.array(lines.length);
  for (const line of lines) reply.simple(line);
}

/**
 * `timeout [WRITE | ALL]@6.2.0` becomes `<timeout> [WRITE|ALL]`: what the caller fills in stands in angle brackets, and
 * what only COMMAND DOCS needs (labels, types, versions) is gone.
 */
function usageForReading(usage: string): string {
  return usage
    .replaceAll(/[a-z][\w/:-]*=(?=\S)/g, '')
    .replaceAll(/(?:#\d+|[@!]\d+(?:\.\d+)*)/g, '')
    .replaceAll(/:(?:string|integer|double|key|pattern|unix-time)\b/g, '')
    .replaceAll(/\s*\|\s*/g, '|')
    .replaceAll(/[a-z][\w/:-]*/g, (word) => `<${word}>`);
}

/** `text` cut behind matches of `cuts` into lines that are not too long, the first after `first`, others after `next`. */
function fold(text: string, cuts: RegExp, first: string, next: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isFresh = true;
  for (const piece of text.split(cuts)) {
    if (!isFresh && (line + piece).trimEnd().length > LINE_CHARS_MAX) {
      lines.push(line.trimEnd());
      line = next;
    }
    line += piece;
    isFresh = false;
  }
  lines.push(line.trimEnd());
  return lines;
}
