// The test kit itself: what judges replies must be right about them.
import { describe, expect, test } from 'vitest';
import { escapeReply, parseReply, replyEnd, sortedText, unescapeReply } from '../../support/resp-tree.js';
import { compareReply, parseScript, splitWords, type Comparison } from '../../support/script.js';

const REPLIES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':-12\r\n',
  '$5\r\na\r\nbc\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n',
  '_\r\n',
  ',1.5\r\n',
  '#t\r\n',
  '(12345678901234567890\r\n',
  '=7\r\ntxt:abc\r\n',
  '!5\r\nERR x\r\n',
  '%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n',
  '~2\r\n:1\r\n:2\r\n',
  '>2\r\n$4\r\nkind\r\n:1\r\n',
  '|1\r\n+ttl\r\n:3\r\n+OK\r\n',
];

describe('replies', () => {
  test('are cut out of a stream exactly, and never before they are complete', () => {
    for (const reply of REPLIES) {
      const bytes = Buffer.from(`${reply}+NEXT\r\n`);
      expect(replyEnd(bytes, 0, bytes.length), reply).toBe(reply.length);
      for (let cut = 1; cut < reply.length; cut++) expect(replyEnd(bytes, 0, cut), `${reply} at ${cut}`).toBe(-1);
    }
    expect(() => replyEnd(Buffer.from('?x\r\n'), 0, 4)).toThrow('no reply');
    expect(() => replyEnd(Buffer.from('$abc\r\n'), 0, 6)).toThrow('no reply');
  });

  test('are taken apart', () => {
    for (const reply of REPLIES.filter((one) => !one.startsWith('|'))) {
      expect(parseReply(Buffer.from(reply)).end, reply).toBe(reply.length);
    }
    const map = parseReply(Buffer.from('%1\r\n$1\r\na\r\n:1\r\n'));
    expect(map.items.map((item) => item.content ?? item.head)).toEqual(['a', ':1']);
  });

  test('in another order compare as equal, with other elements not', () => {
    const text = (reply: string): string => sortedText(parseReply(Buffer.from(reply)));
    expect(text('*2\r\n:1\r\n:2\r\n')).toBe(text('*2\r\n:2\r\n:1\r\n'));
    expect(text('%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n')).toBe(text('%2\r\n+b\r\n:2\r\n+a\r\n:1\r\n'));
    expect(text('%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n')).not.toBe(text('%2\r\n+a\r\n:2\r\n+b\r\n:1\r\n'));
    expect(text('*2\r\n:1\r\n:1\r\n')).not.toBe(text('*2\r\n:1\r\n:2\r\n'));
  });

  test('are written down without loss', () => {
    const bytes = Buffer.from([...Array.from({ length: 256 }, (_, i) => i), 0x20]);
    const line = escapeReply(bytes);
    expect(line).toMatch(/^[\x21-\x7e ]*[\x21-\x7e]$/);
    expect(unescapeReply(line).equals(bytes)).toBe(true);
    expect(escapeReply(Buffer.from('$1\r\na\r\n'))).toBe('$1\\r\\na');
  });
});

describe('scripts', () => {
  test('words are split as in redis-cli', () => {
    expect(splitWords(`SET k "a\\x00\\n\\"b" 'it\\'s' "" bare\\n`)).toEqual([
      'SET',
      'k',
      'a\0\n"b',
      "it's",
      '',
      'bare\\n',
    ]);
  });

  test('lines become steps', () => {
    const steps = parseScript(
      '# c\n> GET k\n< $-1\nb>> PING\\r\\n\n<match /x/\n!sleep 5\n!closed\na!close\n!since 7.2\n',
    );
    expect(steps.map((step) => step.kind)).toEqual([
      'send',
      'expect',
      'send',
      'expect',
      'sleep',
      'closed',
      'close',
      'since',
    ]);
    expect(steps.map((step) => ('connection' in step ? step.connection : ''))).toEqual([
      'a',
      'a',
      'b',
      'b',
      '',
      'b',
      'a',
      '',
    ]);
    expect(() => parseScript('what is this')).toThrow('line 1');
    expect(() => parseScript('> PING\n<wrong +PONG')).toThrow('line 2');
  });

  test('replies are compared as the script says', () => {
    const same = (reply: string, mode: Comparison['mode'], text: string, tolerance = 0): boolean =>
      compareReply(Buffer.from(reply), { mode, text, tolerance, open: false }, 1) === undefined;
    expect(same('$1\r\na\r\n', 'exact', '$1\\r\\na')).toBe(true);
    expect(same('$1\r\nb\r\n', 'exact', '$1\\r\\na')).toBe(false);
    expect(same('*2\r\n:1\r\n:2\r\n', 'unordered', '*2\\r\\n:2\\r\\n:1')).toBe(true);
    expect(same(':95\r\n', 'near', ':100', 5)).toBe(true);
    expect(same(':94\r\n', 'near', ':100', 5)).toBe(false);
    expect(same('+95\r\n', 'near', ':100', 5)).toBe(false);
    expect(same('$2\r\n42\r\n', 'match', '/^\\$2.*\\d$/')).toBe(true);
    expect(same('$1\r\nx\r\n', 'match', '/^\\$2/')).toBe(false);
  });
});
