// The syntax of redis.conf, includes, and errors that name file and line.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { EXIT } from '../../../src/base/fatal.js';
import { Config } from '../../../src/config/config.js';
import { ConfigLoader, INCLUDE_DEPTH_MAX } from '../../../src/config/file.js';
import { FakeHost } from './fake-host.js';
import { fatalOf, loaded } from './load.js';

describe('configuration lines', () => {
  it('skips comments and blanks, takes names in any case and quoted words', () => {
    const config = loaded('# c\n\r\n\t# d\n  MAXMEMORY   2mb  \r\n"port" "7000"\nrequirepass "a b"\n');
    expect(config.text('maxmemory')).toBe('2097152');
    expect(config.number('port')).toBe(7000);
    expect(config.text('requirepass')).toBe('a b');
  });

  it.each([
    ['save 900 1\nsave 300 10', '900 1 300 10'],
    ['save 900 1\nsave ""', ''],
    ['save ""\nsave 300 10', '300 10'],
    ['save "900 1 300 10"', '900 1 300 10'],
    ['save 900 1 300 10\nsave 60 1', '900 1 300 10 60 1'],
    ['save', ''],
  ])('%j saves at %j', (text, save) => {
    expect(loaded(text).text('save')).toBe(save);
  });

  it('takes one client class per line', () => {
    const config = loaded('client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit "pubsub 1 2 3"');
    expect(config.text('client-output-buffer-limit')).toBe('normal 1 2 3 slave 268435456 67108864 60 pubsub 1 2 3');
    expect(config.live.outputLimits.pubsub).toEqual({ hardBytes: 1, softBytes: 2, softSeconds: 3 });
  });

  it('lets the last line win and knows old names', () => {
    const config = loaded('hz 20\nhz 30\nslave-priority 7\nlist-max-ziplist-entries 5\nreplicaof no one');
    expect(config.text('hz')).toBe('30');
    expect(config.text('replica-priority')).toBe('7');
  });

  it.each([
    ['maxmemory 1mb # c', "1: 'maxmemory 1mb # c': wrong number of arguments"],
    ['\n\nport x', "3: 'port x': argument couldn't be parsed into an integer"],
    ['maxmemory', "1: 'maxmemory': wrong number of arguments"],
    ['notify-keyspace-events KE A', "1: 'notify-keyspace-events KE A': wrong number of arguments"],
    ['dir /nowhere', "1: 'dir /nowhere': No such file or directory"],
    ['dbfilename a/b', "1: 'dbfilename a/b': dbfilename can't be a path, just a filename"],
    ['appenddirname ""', "1: 'appenddirname \"\"': appenddirname can't be empty"],
    ['requirepass "secret"x', "1: 'requirepass': Unbalanced quotes in configuration line"],
    ['requirepass secret x', "1: 'requirepass': wrong number of arguments"],
    ['maxmemry 1', "1: 'maxmemry 1': unknown option; did you mean 'maxmemory'?"],
    ['port=7000', "1: 'port=7000': unknown option; did you mean 'port'?"],
    ['xyzzy 1', "1: 'xyzzy 1': unknown option"],
    ['include', "1: 'include': wrong number of arguments"],
    ['replicaof h 1', "1: 'replicaof h 1': Anax cannot replicate yet: it would run as a master with data of its own"],
    ['slaveof h 1', "1: 'slaveof h 1': Anax cannot replicate yet: it would run as a master with data of its own"],
    ['replicaof h x', "1: 'replicaof h x': Invalid master port"],
    [
      'cluster-enabled yes',
      "1: 'cluster-enabled yes': Anax has no Cluster mode: it would serve all slots as a plain server",
    ],
    ['tls-port 1', "1: 'tls-port 1': Anax has no TLS yet: nothing would listen on that port"],
    ['user a on', "1: 'user a on': Anax has no ACL users yet: nobody would enforce these rules"],
    ['loadmodule m.so', "1: 'loadmodule m.so': Anax cannot load Redis modules"],
    [
      'rename-command GET ""',
      '1: \'rename-command GET ""\': Anax cannot rename or disable commands yet: they would stay as they are',
    ],
  ])('%j ends start-up', (text, message) => {
    const error = fatalOf(() => loaded(text));
    expect(error.message).toBe(`/etc/anax.conf:${message}`);
    expect(error.exitCode).toBe(EXIT.configValue);
  });

  it('never shows a password', () => {
    expect(fatalOf(() => loaded('requirepass hunter2 x')).message).not.toContain('hunter2');
    expect(loaded('masterauth hunter2').warnings()).toEqual(['masterauth: is accepted but has no effect yet']);
  });

  it('warns of what has no effect, once it is not the default', () => {
    expect(loaded('appendonly no\nhz 10\nport 1').warnings()).toEqual([]);
    expect(loaded('appendonly yes\nhz 20').warnings()).toEqual([
      'hz 20: is accepted but has no effect yet',
      'appendonly yes: is accepted but Anax does not write data to disk yet: everything is lost when it stops',
    ]);
  });

  it('follows the directory', () => {
    const host = new FakeHost({ '/var/lib/anax/x': '' });
    const config = new Config();
    const loader = new ConfigLoader(config, host);
    loader.loadText('dir /var/lib/anax\ndir .', 'f');
    loader.finish();
    expect(config.text('dir')).toBe('/var/lib/anax');
  });
});

describe('include', () => {
  const files = {
    '/etc/anax.conf': 'hz 1\ninclude extra/one.conf\ninclude extra/*.cnf\ninclude /nothing/here/*.conf',
    '/home/anax/extra/one.conf': 'hz 2\ninclude /etc/two.conf',
    '/home/anax/extra/b.cnf': 'timeout 2',
    '/home/anax/extra/a.cnf': 'timeout 1\nport 9',
    '/home/anax/extra/.c.cnf': 'timeout 3',
    '/etc/two.conf': 'tcp-backlog 7',
    '/etc/self.conf': 'include /etc/self.conf',
    '/etc/wrong.conf': 'include /etc/inner.conf',
    '/etc/inner.conf': '\nport x',
    '/etc/lost.conf': 'include lost/one.conf',
  };
  const load = (path: string): Config => {
    const config = new Config();
    new ConfigLoader(config, new FakeHost(files)).loadFile(path);
    return config;
  };

  it('reads files in place, relative to the working directory, patterns alphabetically', () => {
    const config = load('/etc/anax.conf');
    expect(['hz', 'timeout', 'port', 'tcp-backlog'].map((name) => config.text(name))).toEqual(['2', '2', '9', '7']);
  });

  it('names the inner file, and ends circles and missing files', () => {
    expect(fatalOf(() => load('/etc/wrong.conf')).message).toMatch(/^\/etc\/inner.conf:2: 'port x'/);
    expect(fatalOf(() => load('/etc/self.conf')).message).toContain(`more than ${INCLUDE_DEPTH_MAX} deep`);
    const lost = fatalOf(() => load('/etc/lost.conf'));
    expect(lost.message).toBe('cannot open configuration file /home/anax/lost/one.conf: No such file or directory');
    expect(lost.exitCode).toBe(EXIT.configFile);
  });
});

const DEBIAN_FILE = '/etc/redis/redis.conf';

describe.runIf(existsSync(DEBIAN_FILE))('the configuration that Debian ships', () => {
  it('loads with nothing but warnings', () => {
    const config = new Config();
    const host = new FakeHost({ [DEBIAN_FILE]: readFileSync(DEBIAN_FILE, 'utf8'), '/var/lib/redis/dump.rdb': '' });
    new ConfigLoader(config, host).loadFile(DEBIAN_FILE);
    expect(config.text('logfile')).toBe('/var/log/redis/redis-server.log');
    expect(config.warnings().map((warning) => warning.split(' ')[0])).toEqual(['daemonize']);
  });
});
