// CONFIG GET and SET: patterns, all or nothing, appliers and listeners, snapshots for other threads.

import { describe, expect, it } from 'vitest';

import { Config } from '../../../src/config/config.js';
import { LISTED_NAMES } from '../../../src/config/options.js';
import { loaded } from './load.js';

const failed = (name: string, error: string): string =>
  `ERR CONFIG SET failed (possibly related to argument '${name}') - ${error}`;

describe('CONFIG GET', () => {
  const config = new Config();
  const names = (...patterns: string[]): string[] => config.get(patterns).map(([name]) => name);

  it('finds names, patterns and aliases, each once', () => {
    expect(names('maxmemory', 'maxmemory', 'MAXMEMORY-*')).toEqual([
      'maxmemory-clients',
      'maxmemory',
      'maxmemory-policy',
      'maxmemory-samples',
      'maxmemory-eviction-tenacity',
    ]);
    expect(names('slave*of', 'replicaof')).toEqual(['replicaof', 'slaveof']);
    expect(names('no-such', '')).toEqual([]);
    expect(names('*')).toHaveLength(LISTED_NAMES.length);
  });

  it('keeps the spelling of a plain name and shows hidden options only by name', () => {
    expect(names('HZ')).toEqual(['HZ']);
    expect(names('H?')).toEqual(['hz']);
    expect(names('Watchdog-period')).toEqual(['Watchdog-period']);
    expect(names('watchdog*')).toEqual([]);
  });
});

describe('CONFIG SET', () => {
  it('changes all or none', async () => {
    const config = new Config();
    expect(
      await config.set([
        ['maxmemory', '9mb'],
        ['hz', 'q'],
      ]),
    ).toBe(failed('hz', "argument couldn't be parsed into an integer"));
    expect(config.text('maxmemory')).toBe('0');
    expect(
      await config.set([
        ['MaxMemory', '9mb'],
        ['hz', '20'],
      ]),
    ).toBeUndefined();
    expect(config.number('maxmemory')).toBe(9437184);
    expect(config.text('hz')).toBe('20');
  });

  it('reports what may not be set before what cannot be read', async () => {
    const set = (...words: string[]): Promise<string | undefined> => {
      const pairs: [string, string][] = [];
      for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
      return new Config().set(pairs);
    };
    expect(await set('port', 'x', 'foo', '1')).toBe("ERR Unknown option or number of arguments for CONFIG SET - 'foo'");
    expect(await set('databases', '1', 'foo', '1')).toBe(failed('databases', "can't set immutable config"));
    expect(await set('hz', 'q', 'HZ', '1')).toBe(failed('HZ', 'duplicate parameter'));
    expect(await set('dir', '/')).toBe(failed('dir', "can't set protected config"));
    expect(await set('min-slaves-to-write', '1', 'min-replicas-to-write', '2')).toBeUndefined();
    expect(await set('tls-port', '7')).toBe(
      failed('tls-port', 'Anax has no TLS yet: nothing would listen on that port'),
    );
    expect(await set('client-output-buffer-limit', '')).toBeUndefined();
  });

  it('lets protected options go to those who may have them', async () => {
    const local = loaded('enable-protected-configs local');
    expect(await local.set([['dbfilename', 'x']])).toBe(failed('dbfilename', "can't set protected config"));
    expect(await local.set([['dbfilename', 'x']], { isLocal: true })).toBeUndefined();
    expect(await loaded('enable-protected-configs yes').set([['dbfilename', 'x']])).toBeUndefined();
  });

  it('tells listeners of changes only', async () => {
    const config = new Config();
    const heard: string[] = [];
    const stop = config.onChange('hz', (value, text) => heard.push(`${typeof value} ${text}`));
    await config.set([['hz', '10']]);
    await config.set([['hz', '0']]);
    stop();
    await config.set([['hz', '7']]);
    expect(heard).toEqual(['number 1']);
  });

  it('applies before it commits, and takes back when a later one fails', async () => {
    const config = new Config();
    const log: string[] = [];
    config.onApply('maxclients', async (_value, text) => {
      log.push(`clients ${text}`);
      await Promise.resolve();
      return undefined;
    });
    config.onApply('bind-source-addr', (_value, text) => {
      log.push(`address ${text}`);
      return text === 'nowhere' ? 'Failed to bind to specified addresses.' : undefined;
    });
    const [first, second] = await Promise.all([
      config.set([
        ['maxclients', '7000'],
        ['timeout', '5'],
        ['bind-source-addr', 'nowhere'],
      ]),
      config.set([
        ['maxclients', '7001'],
        ['bind-source-addr', '127.0.0.1'],
      ]),
    ]);
    expect(first).toBe(failed('bind-source-addr', 'Failed to bind to specified addresses.'));
    expect(second).toBeUndefined();
    expect(log).toEqual(['clients 7000', 'address nowhere', 'clients 10000', 'clients 7001', 'address 127.0.0.1']);
    expect(config.text('timeout')).toBe('0');
    expect(config.number('maxclients')).toBe(7001);
  });

  it('goes on after an applier that threw', async () => {
    const config = new Config();
    config.onApply('maxclients', () => {
      throw new Error('broken');
    });
    await expect(config.set([['maxclients', '1']])).rejects.toThrow('broken');
    expect(await config.set([['hz', '1']])).toBeUndefined();
  });
});

describe('a snapshot', () => {
  it('makes the same configuration on another thread, and updates keep it so', async () => {
    const main = loaded(
      'save 900 1\nbind 127.0.0.1\nrequirepass "a b"\nclient-output-buffer-limit normal 1 2 3\nport 7\n',
    );
    const core = new Config(structuredClone(main.snapshot()));
    expect(core.get(['*'])).toEqual(main.get(['*']));
    expect(Array.from(core.live.password)).toEqual([97, 32, 98]);
    const names = ['client-output-buffer-limit', 'hz'];
    await main.set([
      ['client-output-buffer-limit', 'pubsub 1mb 1 1'],
      ['hz', '0'],
    ]);
    core.adopt(names.map((name) => [name, main.text(name)]));
    expect(core.get(['*'])).toEqual(main.get(['*']));
    expect(core.live).toEqual(main.live);
  });

  it('decodes by type', () => {
    const config = loaded('bind 127.0.0.1 -::1\nmaxmemory-policy allkeys-lfu');
    expect(config.words('bind')).toEqual(['127.0.0.1', '-::1']);
    expect(config.boolean('protected-mode')).toBe(true);
    expect(config.live.lfu).toBe(true);
  });
});
