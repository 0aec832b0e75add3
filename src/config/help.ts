// --help and README's table of options, from the option table.

import { OPTION_GROUPS, type Option } from './option.js';
import { OPTIONS } from './options.js';
import { memoryText } from './values.js';

const COLUMNS = 80;
const NAME_INDENT = 2;
const HELP_INDENT = 32;
/** Stands for a space where a line must not end. */
const NO_BREAK = '\u00a0';

function usedIn(group: string): Option[] {
  return OPTIONS.filter((option) => option.effect === 'used' && option.group === group);
}

/** A default as a person writes it: sizes with units, nothing for the empty text. */
function shownDefault(option: Option): string {
  if (option.kind.independentLines === true) return option.kind.lines(option.default).join(', ');
  return option.kind.shape === 'bytes' ? memoryText(BigInt(option.default)) : option.default;
}

/** The text of --help. */
export function helpText(): string {
  const lines = [
    'Usage: anax [redis.conf] [-] [--option value ...]',
    '',
    ...wrap('A Redis-compatible in-memory data-structure server, thread-per-core and shared-nothing.', 0),
    '',
    ...wrap(
      'Options have the names, values and defaults of redis.conf; every line of such a file can be given as ' +
        '--name value. They win over the file; - reads more lines from standard input.',
      0,
    ),
    '',
    '  -h, --help                    show this text and exit',
    '  -v, --version                 show the version and exit',
  ];
  for (const group of OPTION_GROUPS) {
    const options = usedIn(group);
    if (options.length === 0) continue;
    lines.push('', `${group}:`);
    for (const option of options) lines.push(...describe(option));
  }
  lines.push(
    '',
    ...wrap(
      'All other options of Redis 7.4 are accepted, so that an existing redis.conf starts Anax; those that have no effect ' +
        'are named in the log when they are set.',
      0,
    ),
    '',
    'Examples:',
    '  anax',
    '  anax /etc/redis/redis.conf --threads 4',
    '  anax --port 7000 --bind 127.0.0.1 ::1 --client-query-buffer-limit 64mb',
  );
  return lines.join('\n') + '\n';
}

function describe(option: Option): string[] {
  const head = `${' '.repeat(NAME_INDENT)}--${option.name} <${option.kind.shape}>`;
  // A line may end between the items of a default, not within one.
  const value = shownDefault(option).replaceAll(' ', NO_BREAK).replaceAll(`,${NO_BREAK}`, ', ');
  const help = wrap(option.help + (value === '' ? '' : ` (${value})`), HELP_INDENT);
  const first = help[0].slice(HELP_INDENT);
  if (head.length + 1 < HELP_INDENT) return [head.padEnd(HELP_INDENT) + first, ...help.slice(1)];
  return [head, ...help];
}

/** Lines of `text` within COLUMNS, each indented. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > COLUMNS) {
      lines.push(' '.repeat(indent) + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, ' '.repeat(indent) + line].map((each) => each.replaceAll(NO_BREAK, ' '));
}

/** Markers around the table in a Markdown file. */
export const TABLE_BEGIN = '<!-- options: generated from src/config -->';
export const TABLE_END = '<!-- /options -->';

/** The options that have an effect, as a Markdown table. */
export function optionsMarkdown(): string {
  const rows: string[][] = [];
  for (const group of OPTION_GROUPS) {
    for (const option of usedIn(group)) {
      const value = shownDefault(option);
      rows.push([
        `\`${option.name}\``,
        value === '' ? '' : `\`${value}\``,
        changeable(option),
        option.help.replaceAll('|', '\\|'),
      ]);
    }
  }
  return markdownTable(['option', 'default', 'CONFIG SET', 'what it does'], rows);
}

/** What CONFIG SET may do with an option that is in use. */
function changeable({ immutable, atStartOnly, protected: needsPermission }: Option): string {
  if (immutable === true || atStartOnly === true) return 'no';
  return needsPermission === true ? 'protected' : 'yes';
}

/** Cells padded to columns, as the formatter leaves them. */
function markdownTable(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n') + '\n';
}
