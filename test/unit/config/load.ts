// Loads configuration text in tests.

import { FatalError } from '../../../src/base/fatal.js';
import { Config } from '../../../src/config/config.js';
import { ConfigLoader } from '../../../src/config/file.js';
import { FakeHost } from './fake-host.js';

/** A Config with the lines of `text`, as file /etc/anax.conf. */
export function loaded(text: string, host: FakeHost = new FakeHost()): Config {
  const config = new Config();
  new ConfigLoader(config, host).loadText(text, '/etc/anax.conf');
  return config;
}

/** The FatalError that `action` throws. */
export function fatalOf(action: () => unknown): FatalError {
  try {
    action();
  } catch (error) {
    if (error instanceof FatalError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
