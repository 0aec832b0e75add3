// The option table holds together, and --help and README show it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { Config } from '../../../src/config/config.js';
import { helpText, optionsMarkdown, TABLE_BEGIN, TABLE_END } from '../../../src/config/help.js';
import { parseText } from '../../../src/config/kind.js';
import { splitWords } from '../../../src/config/quoting.js';
import { LIVE_OPTIONS } from '../../../src/config/live.js';
import { defaultOf, findOption, OPTIONS } from '../../../src/config/options.js';
import { resolvePlacement } from '../../../src/config/placement.js';
import { loaded } from './load.js';

describe('the option table', () => {
  it.each(OPTIONS.map((option) => [option.name, option] as const))(
    '%s reads and writes its default',
    (name, option) => {
      expect(defaultOf(option).text).toBe(option.default);
      for (const line of option.kind.lines(option.default)) {
        const config = loaded(`${name} ${line}`);
        expect(config.text(name)).toBe(option.default);
      }
      expect(option.refuse?.(option.default)).toBeUndefined();
    },
  );

  it('finds options by name and alias in any case', () => {
    expect(findOption('SLAVEOF')).toBe(findOption('replicaof'));
    expect(findOption('nothing-such')).toBeUndefined();
  });

  it('says something about every option, in one line', () => {
    for (const { help } of OPTIONS) expect(help).toMatch(/^\S.{5,80}[^.\s]$/);
  });

  it('gives readable values back to the file', () => {
    for (const [name, text, line] of [
      ['maxmemory', '2147483648', '2gb'],
      ['maxmemory', '1025', '1025'],
      ['maxmemory-clients', '5%', '5%'],
      ['requirepass', 'a "b"\n\u00e9', '"a \\"b\\"\\n\\xc3\\xa9"'],
      ['client-output-buffer-limit', 'slave 1024 0 9', 'replica 1kb 0 9'],
      ['save', '900 1 60 5', '60 5'],
      ['bind', '', '""'],
    ] as const) {
      const { kind, default: before } = findOption(name) ?? OPTIONS[0];
      const parsed = parseText(kind, text, before);
      expect(parsed.ok && kind.lines(parsed.text)).toContain(line);
      expect(splitWords(line)).toBeDefined();
    }
  });
});

describe('help', () => {
  it('fits a terminal and names every option with an effect', () => {
    const text = helpText();
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    for (const { name, effect } of OPTIONS) {
      if (effect === 'used') expect(text).toContain(`--${name} <`);
    }
  });

  it('keeps no option from the reader that running code follows', () => {
    const silent = LIVE_OPTIONS.filter((name) => findOption(name)?.effect !== 'used');
    // Of the policy only the counters of LFU work; its warning says what does not.
    expect(silent).toEqual(['maxmemory-policy']);
  });

  it('stands in README as it is', () => {
    const text = readFileSync('README.md', 'utf8');
    const begin = text.indexOf(TABLE_BEGIN);
    expect(begin).toBeGreaterThan(0);
    const table = text.slice(begin + TABLE_BEGIN.length, text.indexOf(TABLE_END)).trim();
    expect(table).toBe(optionsMarkdown().trim());
  });
});

describe('placement', () => {
  const placed = (lines: string, processors: number): string => {
    const { threads, io } = resolvePlacement(loaded(lines), processors);
    return `${threads} ${io}`;
  };

  it('takes a thread per processor unless told otherwise', () => {
    expect(placed('', 6)).toBe('6 cores');
    expect(placed('', 0)).toBe('1 cores');
    expect(placed('', 1000)).toBe('128 cores');
    expect(placed('threads 3\nio main', 6)).toBe('3 main');
    expect(placed('threads 1', 6)).toBe('1 cores');
    expect(resolvePlacement(new Config()).threads).toBeGreaterThan(0);
  });
});
