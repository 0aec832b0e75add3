// The command line's rules: what is a file, an option, a value.

import { describe, expect, it } from 'vitest';

import { EXIT } from '../../../src/base/fatal.js';
import { parseCommandLine } from '../../../src/cli/arguments.js';
import type { Config } from '../../../src/config/config.js';
import { FakeHost } from '../config/fake-host.js';
import { fatalOf } from '../config/load.js';

const host = (): FakeHost =>
  new FakeHost({ '/home/anax/my.conf': 'port 7000\nsave 900 1\n', '/home/anax/bad.conf': 'hz x\n' });

function parse(...argv: string[]): Config {
  const parsed = parseCommandLine(argv, host(), '1.2.3');
  if (!('config' in parsed)) throw new Error('no configuration');
  return parsed.config;
}

/** What was set, in words. */
function changed(...argv: string[]): string {
  const { changed } = parse(...argv).snapshot();
  return changed
    .filter(([name]) => name !== 'dir')
    .map((pair) => pair.join(' '))
    .join('; ');
}

describe('the command line', () => {
  it.each([
    [[], ''],
    [['--port', '7000', '--hz', '20'], 'port 7000; hz 20'],
    [['--PORT 7000'], 'port 7000'],
    [['--bind', '127.0.0.1', '::1'], 'bind 127.0.0.1 ::1'],
    [['--save', '900', '1', '300', '10'], 'save 900 1 300 10'],
    [['--save', '900 1 300 10'], 'save 900 1 300 10'],
    [['--save', '900', '1', '--save', ''], ''],
    [['--save', '--hz', '20'], 'hz 20'],
    [['--hz', '20', '--save'], 'hz 20'],
    [['--requirepass', '--port'], 'requirepass --port'],
    [['--requirepass', 'a b "c'], 'requirepass a b "c'],
    [['my.conf'], 'port 7000; save 900 1'],
    [['my.conf', '--port', '7001', '--save', '60', '2'], 'port 7001; save 900 1 60 2'],
    [['--include', 'my.conf', '--threads', '2'], 'threads 2; port 7000; save 900 1'],
    [['--slave-priority', '7'], 'replica-priority 7'],
    [['--oom-score-adj-values', '-1', '0', '1'], 'oom-score-adj-values -1 0 1'],
  ])('%j sets %j', (argv, expected) => {
    expect(changed(...argv)).toBe(expected);
  });

  it('reads standard input first or last', () => {
    const from = (...argv: string[]): string => {
      const world = host();
      world.standardInput = 'hz 20\nport 1\n';
      const parsed = parseCommandLine(argv, world, '');
      return 'config' in parsed ? `${parsed.config.text('hz')} ${parsed.config.text('port')}` : '';
    };
    expect(from('-')).toBe('20 1');
    expect(from('my.conf', '-')).toBe('20 1');
    expect(from('-', '--port', '2')).toBe('20 2');
    expect(from('--port', '2', '-')).toBe('20 2');
  });

  it('remembers the file and the directory', () => {
    expect(parse('my.conf').file).toBe('/home/anax/my.conf');
    expect(parse().file).toBeUndefined();
    expect(parse().text('dir')).toBe('/home/anax');
  });

  it('prints help and version', () => {
    for (const flag of ['-v', '--version']) {
      expect(parseCommandLine([flag], host(), '1.2.3')).toEqual({ printAndExit: 'anax 1.2.3\n' });
    }
    for (const flag of ['-h', '--help']) {
      expect(parseCommandLine([flag], host(), '')).toEqual({
        printAndExit: expect.stringContaining('Usage: anax') as string,
      });
    }
  });

  it.each([
    [['--prot', '1'], EXIT.usage, "--prot 1: unknown option; did you mean '--port'?"],
    [['--port=1'], EXIT.usage, "--port=1: unknown option; did you mean '--port'?"],
    [['--xyzzy'], EXIT.usage, '--xyzzy: unknown option'],
    [['-p', '1'], EXIT.usage, "unexpected argument '-p'; options begin with --, see anax --help"],
    [['my.conf', 'b.conf'], EXIT.usage, "unexpected argument 'b.conf'; options begin with --, see anax --help"],
    [['--hz "1'], EXIT.usage, '--hz "1: Unbalanced quotes in configuration line'],
    [['--port', 'x'], EXIT.configValue, "--port x: argument couldn't be parsed into an integer"],
    [['--port'], EXIT.configValue, '--port: wrong number of arguments'],
    [['--port', '1', '2'], EXIT.configValue, '--port 1 2: wrong number of arguments'],
    [['--threads', '0'], EXIT.configValue, "--threads 0: argument must be 'auto' or between 1 and 128 inclusive"],
    [['--cluster-enabled', 'yes'], EXIT.configValue, /^--cluster-enabled yes: Anax has no Cluster mode/],
    [['bad.conf'], EXIT.configValue, "/home/anax/bad.conf:1: 'hz x': argument couldn't be parsed into an integer"],
    [['no.conf'], EXIT.configFile, 'cannot open configuration file /home/anax/no.conf: No such file or directory'],
  ])('%j ends with code %i', (argv, code, message) => {
    const error = fatalOf(() => parse(...argv));
    expect(error.exitCode).toBe(code);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});
