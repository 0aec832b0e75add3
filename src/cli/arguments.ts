// The command line: `anax [redis.conf] [-] [--option value ...]`, by the rules of redis-server.
//
//   redis.conf          the first argument, when it does not begin with '-'
//   -                   first or last: further configuration lines from standard input
//   --name value ...    a configuration line; values end at the next argument that begins with '--'
//
// The argument right behind a name is its value, whatever it begins with (`--requirepass --secret`); only `--save`, whose
// value may be missing, is left empty by a following option. `--port 7000` may also be a single argument. Precedence:
// file, standard input, options; the last one counts.

import { resolve } from 'node:path';

import { EXIT, fatal } from '../base/fatal.js';
import { Config } from '../config/config.js';
import { ConfigLoader } from '../config/file.js';
import { helpText } from '../config/help.js';
import type { ConfigHost } from '../config/host.js';
import { splitWords } from '../config/quoting.js';

export type ParsedCommandLine = { readonly config: Config } | { readonly printAndExit: string };

const STANDARD_INPUT = '-';

/**
 * Reads the command line (`argv` without the program) and the files it names into a Config. `version` is what --version
 * prints. Throws FatalError: usage for the command line itself, configValue for a value, configFile for an unreadable file.
 */
export function parseCommandLine(argv: readonly string[], host: ConfigHost, version: string): ParsedCommandLine {
  const request = argv[0];
  if (request === '--help' || request === '-h') return { printAndExit: helpText() };
  if (request === '--version' || request === '-v') return { printAndExit: `anax ${version}\n` };

  const { file, fromStandardInput, lines } = splitArguments(argv);
  const config = new Config();
  const loader = new ConfigLoader(config, host);
  if (file !== undefined) {
    config.file = resolve(host.workingDirectory(), file);
    loader.loadFile(config.file);
  }
  if (fromStandardInput) loader.loadText(host.readStandardInput(), 'standard input');
  for (const line of lines) loader.loadLine(line, 'command line');
  loader.finish();
  return { config };
}

interface SplitArguments {
  readonly file: string | undefined;
  readonly fromStandardInput: boolean;
  /** The words of each option, its name first. */
  readonly lines: string[][];
}

function splitArguments(argv: readonly string[]): SplitArguments {
  const file = argv.length === 0 || argv[0].startsWith('-') ? undefined : argv[0];
  const lines: string[][] = [];
  let fromStandardInput = false;
  /** The last option's name stands there without a value: the next argument is one. */
  let valueIsDue = false;
  for (let i = file === undefined ? 0 : 1; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === STANDARD_INPUT && (i === 0 || i === argv.length - 1)) {
      fromStandardInput = true;
    } else if (!valueIsDue && arg.startsWith('--')) {
      const words = splitWords(arg.slice(2));
      if (words === undefined) fatal(`${arg}: Unbalanced quotes in configuration line`, EXIT.usage);
      lines.push(words);
      valueIsDue = words.length === 1 && !savesNothing(words, argv[i + 1]);
      if (words.length === 1 && !valueIsDue) words.push('');
    } else {
      const line = lines.at(-1);
      if (line === undefined) fatal(`unexpected argument '${arg}'; options begin with --, see anax --help`, EXIT.usage);
      line.push(arg);
      valueIsDue = false;
    }
  }
  return { file, fromStandardInput, lines };
}

/** `--save` without a value turns saving off. */
function savesNothing(words: readonly string[], next: string | undefined): boolean {
  return words[0].toLowerCase() === 'save' && (next === undefined || next.startsWith('--'));
}
