// Loads configuration lines into a Config: files, standard input, and command-line options, which are lines too.
//
//   # comment            name value            name "quoted \x41 value"            include other/*.conf
//
// A later line replaces an earlier one, except that `save` lines of one load add up and each client-output-buffer-limit
// line sets its class. Files and command line are one load. A line that cannot be honoured ends start-up with one
// message that names the place, the line and the reason.

import { resolve } from 'node:path';

import { EXIT, fatal, type ExitCode } from '../base/fatal.js';
import type { Config } from './config.js';
import { systemErrorText, type ConfigHost } from './host.js';
import { expandPath, isPathPattern } from './include.js';
import { nearestName } from './names.js';
import type { Option } from './option.js';
import { ACL_REFUSED } from './options-network.js';
import { allNames, DEPRECATED_DIRECTIVES, findOption } from './options.js';
import { splitWords } from './quoting.js';

/** Files within files: deeper than this is a circle. */
export const INCLUDE_DEPTH_MAX = 16;

/** Directives of Redis that are no options and that Anax must not ignore. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['user', ACL_REFUSED],
  ['rename-command', 'Anax cannot rename or disable commands yet: they would stay as they are'],
  ['loadmodule', 'Anax cannot load Redis modules'],
  ['sentinel', 'Anax is no Sentinel'],
]);

/** Where a line stands: a file's path and line number, or the command line. */
export type Place = { readonly file: string; readonly line: number } | 'command line';

/** One load: everything that start-up reads into one Config. */
export class ConfigLoader {
  readonly #config: Config;
  readonly #host: ConfigHost;
  readonly #seen = new Set<Option>();

  constructor(config: Config, host: ConfigHost) {
    this.#config = config;
    this.#host = host;
  }

  /** Loads a file. Throws FatalError (configFile when it cannot be read, configValue for its content). */
  loadFile(path: string, depth = 0): void {
    let text: string;
    try {
      text = this.#host.readFile(path);
    } catch (error) {
      fatal(`cannot open configuration file ${path}: ${systemErrorText(error)}`, EXIT.configFile);
    }
    this.loadText(text, path, depth);
  }

  /** Loads lines. `file` names their source in messages. Throws FatalError. */
  loadText(text: string, file: string, depth = 0): void {
    for (const [i, line] of text.split('\n').entries()) {
      const trimmed = line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const place = { file, line: i + 1 };
      const words = splitWords(trimmed);
      if (words === undefined) failAt(place, trimmed.split(/\s/, 1), 'Unbalanced quotes in configuration line');
      if (words.length > 0) this.loadLine(words, place, depth);
    }
  }

  /** Loads one line that is split into words, the name first. Throws FatalError. */
  loadLine(words: readonly string[], place: Place, depth = 0): void {
    const name = words[0].toLowerCase();
    let args = words.slice(1);
    if (name === 'include') {
      this.#include(words, place, depth);
      return;
    }
    const refusal = REFUSED.get(name);
    if (refusal !== undefined) failAt(place, words, refusal);
    if (DEPRECATED_DIRECTIVES.includes(name) && args.length === 1) return;
    const option = findOption(name);
    if (option === undefined) failUnknown(place, words);
    if (option.name === 'dir')
      args = args.map((path) => (path === '' ? path : resolve(this.#host.workingDirectory(), path)));
    const shown = option.secret === true ? words.slice(0, 1) : words;
    const error = this.#config.load(option, args, this.#seen.has(option)) ?? this.#enterDirectory(option);
    if (error !== undefined) failAt(place, shown, error);
    this.#seen.add(option);
  }

  /** Ends the load: `dir` says where the process is, as CONFIG GET shows it. */
  finish(): void {
    const dir = findOption('dir');
    if (dir !== undefined) this.#config.load(dir, [this.#host.workingDirectory()], false);
  }

  #enterDirectory(option: Option): string | undefined {
    if (option.name !== 'dir') return undefined;
    try {
      this.#host.changeDirectory(this.#config.text('dir'));
    } catch (error) {
      return systemErrorText(error);
    }
    return undefined;
  }

  #include(words: readonly string[], place: Place, depth: number): void {
    if (words.length !== 2) failAt(place, words, 'wrong number of arguments');
    const pattern = words[1];
    if (depth >= INCLUDE_DEPTH_MAX)
      failAt(place, words, `files include each other more than ${INCLUDE_DEPTH_MAX} deep`);
    const paths = isPathPattern(pattern)
      ? expandPath(pattern, this.#host)
      : [resolve(this.#host.workingDirectory(), pattern)];
    for (const path of paths) this.loadFile(path, depth + 1);
  }
}

function failUnknown(place: Place, words: readonly string[]): never {
  const name = words[0].toLowerCase();
  const known = nearestName(name.split('=', 1)[0], allNames());
  const dashes = place === 'command line' ? '--' : '';
  const hint = known === undefined ? '' : `; did you mean '${dashes}${known}'?`;
  failAt(place, words, `unknown option${hint}`, EXIT.usage);
}

/** `code` counts on the command line; in a file, every fault of its content has the same one. */
function failAt(place: Place, words: readonly string[], error: string, code: ExitCode = EXIT.configValue): never {
  const line = words.map((word) => (/^[^\s"']+$/.test(word) ? word : `"${word}"`)).join(' ');
  if (place === 'command line') fatal(`--${line}: ${error}`, code);
  fatal(`${place.file}:${place.line}: '${line}': ${error}`, EXIT.configValue);
}
