// The decoder against what redis-server 7.0.15 answers on a raw socket (every text and every peculiarity here was
// compared with it), and at its limits.

import { beforeEach, describe, expect, it } from 'vitest';
import { Args } from '../../../src/contract/args.js';
import {
  COMPLETE,
  DecodeProgress,
  EMPTY,
  FAILED,
  INCOMPLETE,
  INLINE_BYTES_MAX,
  RequestDecoder,
} from '../../../src/protocol/request-decoder.js';
import { decodeAll } from '../../support/decode-all.js';

const MIB = 1024 * 1024;
const limits = { bulkBytesMax: 512 * MIB };
const decoder = new RequestDecoder(limits);
const args = new Args(1);
let progress = new DecodeProgress();

beforeEach(() => {
  progress = new DecodeProgress();
  limits.bulkBytesMax = 512 * MIB;
});

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** What a text decodes to: commands as word lists, then the error, 'incomplete', or nothing more. */
function outcome(text: string): unknown[] {
  return decodeAll(decoder, args, progress, [latin1(text)]);
}

function error(text: string): unknown[] {
  return [`Protocol error: ${text}`];
}

describe('arrays', () => {
  it.each<[string, unknown[]]>([
    ['*1\r\n$4\r\nPING\r\n', [['PING']]],
    ['*2\r\n$4\r\nECHO\r\n$0\r\n\r\nPING\r\n', [['ECHO', ''], ['PING']]],
    ['*1\r\n$0\r\n\r\n', [['']]],
    ['*-1\r\nPING\r\n', [['PING']]],
    ['*-5\r\n*0\r\nPING\r\n', [['PING']]],
    ['*-9223372036854775808\r\nPING\r\n', [['PING']]],
    // Redis skips two bytes wherever a CRLF is due.
    ['*1\r\n$4\r\nPINGxxPING\r\n', [['PING'], ['PING']]],
    ['*1\rX$4\rYPING\rZPING\r\n', [['PING'], ['PING']]],
    ['*2147483647\r\n', ['incomplete']],
    ['*2147483648\r\n', error('invalid multibulk length')],
    ['*9223372036854775808\r\n', error('invalid multibulk length')],
    ['*-9223372036854775809\r\n', error('invalid multibulk length')],
    ['*1111111111111111111111\r\n', error('invalid multibulk length')],
    ['*abc\r\n', error('invalid multibulk length')],
    ['*\r\n', error('invalid multibulk length')],
    ['*01\r\n$4\r\nPING\r\n', error('invalid multibulk length')],
    ['*+1\r\n', error('invalid multibulk length')],
    ['* 1\r\n', error('invalid multibulk length')],
    ['*-0\r\nPING\r\n', error('invalid multibulk length')],
    ['*1\r\n$-1\r\n', error('invalid bulk length')],
    ['*1\r\n$-0\r\n', error('invalid bulk length')],
    ['*1\r\n$abc\r\n', error('invalid bulk length')],
    ['*1\r\n$\r\n', error('invalid bulk length')],
    ['*1\r\n$04\r\nPING\r\n', error('invalid bulk length')],
    ['*1\r\n$00\r\n\r\n', error('invalid bulk length')],
    ['*1\r\nPING\r\n', error("expected '$', got 'P'")],
    ['*1\r\n:4\r\n', error("expected '$', got ':'")],
    ['*1\r\n\r\n', error("expected '$', got '\r'")],
    ['*1\r\n\xe9\r\n', error("expected '$', got '\xe9'")],
    ['*1\r\n\0\r\n', ['incomplete']],
    ['*1\r', ['incomplete']],
    ['*1', ['incomplete']],
    ['*x', ['incomplete']],
    ['*1\r\nP', ['incomplete']],
    ['$4\r\nPING\r\n', [['$4'], ['PING']]],
  ])('%j', (text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });

  it('limits a bulk to proto-max-bulk-len, which may change between requests', () => {
    limits.bulkBytesMax = 1 * MIB;
    expect(outcome(`*1\r\n$${MIB - 1}\r\n`)).toEqual(['incomplete']);
    progress = new DecodeProgress();
    expect(outcome(`*1\r\n$${MIB}\r\n`)).toEqual(['incomplete']);
    expect(progress.bytesNeeded).toBe('*1\r\n$1048576\r\n'.length + MIB + 2);
    progress = new DecodeProgress();
    expect(outcome(`*1\r\n$${MIB + 1}\r\n`)).toEqual(error('invalid bulk length'));
    limits.bulkBytesMax = 2 * MIB;
    expect(outcome(`*1\r\n$${MIB + 1}\r\n`)).toEqual(['incomplete']);
  });

  it('never lets offsets leave 31 bits', () => {
    limits.bulkBytesMax = Number.MAX_SAFE_INTEGER;
    expect(outcome('*1\r\n$2147483640\r\n')).toEqual(error('invalid bulk length'));
    expect(outcome('*1\r\n$9007199254740993\r\n')).toEqual(error('invalid bulk length'));
  });

  it.each([
    ['*', 'too big mbulk count string'],
    ['*1\r\n$', 'too big bulk count string'],
    ['*1\r\nx', 'too big bulk count string'],
  ])('limits the length of a line after %j', (head, text) => {
    const line = INLINE_BYTES_MAX - 1;
    expect(outcome(head + '1'.repeat(line - 1))).toEqual(['incomplete']);
    progress = new DecodeProgress();
    expect(outcome(head + '1'.repeat(line))).toEqual(['incomplete']);
    progress = new DecodeProgress();
    expect(outcome(head + '1'.repeat(line + 1))).toEqual(error(text));
    // The NUL hides what comes after it.
    progress = new DecodeProgress();
    expect(outcome(`${head}\0\r\n${' '.repeat(100)}`)).toEqual(['incomplete']);
    progress = new DecodeProgress();
    expect(outcome(`${head}\0\r\n${' '.repeat(INLINE_BYTES_MAX)}`)).toEqual(error(text));
  });

  it('holds clients that have yet to authenticate to 10 arguments of 16 KiB', () => {
    const ten = '*10\r\n' + '$1\r\na\r\n'.repeat(10);
    progress.authenticated = false;
    expect(outcome(ten)).toEqual([Array(10).fill('a')]);
    expect(outcome('*11\r\n')).toEqual(error('unauthenticated multibulk length'));
    expect(outcome(`*1\r\n$16383\r\n${'x'.repeat(16383)}\r\n`)).toEqual([['x'.repeat(16383)]]);
    expect(outcome(`*1\r\n$16384\r\n${'x'.repeat(16384)}\r\n`)).toEqual([['x'.repeat(16384)]]);
    expect(outcome('*1\r\n$16385\r\n')).toEqual(error('unauthenticated bulk length'));
    progress.authenticated = true;
    expect(outcome('*11\r\n')).toEqual(['incomplete']);
  });

  it('takes more arguments than Args had room for', () => {
    const words = Array.from({ length: 1000 }, (_, i) => String(i));
    const text = `*1000\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
    expect(decodeAll(decoder, new Args(1), progress, [latin1(text + text)])).toEqual([words, words]);
  });

  it('knows nothing beyond the end that it was given', () => {
    const bytes = latin1('*1\r\n$4\r\nPING\r\n');
    for (let end = 0; end < bytes.length; end++) {
      expect(decoder.decode(bytes, 0, end, args, new DecodeProgress())).toBe(INCOMPLETE);
    }
  });

  it('forgets a broken request', () => {
    expect(decoder.decode(latin1('*2\r\n$1\r\na\r\n$x\r\n'), 0, 15, args, progress)).toBe(FAILED);
    expect(progress.bytesNeeded).toBe(0);
    expect(outcome('*1\r\n$1\r\nb\r\n')).toEqual([['b']]);
  });
});

describe('inline commands', () => {
  it.each<[string, unknown[]]>([
    ['PING\r\n', [['PING']]],
    ['PING\n', [['PING']]],
    ['\n', []],
    ['\r\n  \t \r\nPING\r\n', [['PING']]],
    ['\r', ['incomplete']],
    ['\rPING\n', [['PING']]],
    ['PING\r\r\n', [['PING']]],
    ['ECHO a\rb\r\n', [['ECHO', 'a', 'b']]],
    ['   ECHO\ta  b   \r\n', [['ECHO', 'a', 'b']]],
    // Vertical tab and form feed separate words only where white space is skipped.
    ['ECHO\x0bhi\x0c\r\n', [['ECHO\x0bhi\x0c']]],
    ['ECHO \x0b\x0chi\r\n', [['ECHO', 'hi']]],
    ['ECHO "a b"\x0bx\r\n', [['ECHO', 'a b', 'x']]],
    ['PI\0NG\r\n', ['incomplete']],
    ['ECHO "hello world"\r\n', [['ECHO', 'hello world']]],
    ['ECHO "a\\x41\\n\\r\\t\\b\\a\\q\\"\\\\"\r\n', [['ECHO', 'aA\n\r\t\b\x07q"\\']]],
    ["ECHO 'it\\'s \\n'\r\n", [['ECHO', "it's \\n"]]],
    ['ECHO "\\xzz\\x4"\r\n', [['ECHO', 'xzzx4']]],
    ['ECHO "a\\x00\\xfFb"\r\n', [['ECHO', 'a\0\xffb']]],
    ['ECHO a"b c"\r\n', [['ECHO', 'ab c']]],
    ["ECHO a'b c' d\r\n", [['ECHO', 'ab c', 'd']]],
    ['ECHO ""\r\n', [['ECHO', '']]],
    ['ECHO \'\' ""\r\n', [['ECHO', '', '']]],
    ['"" PING\r\n', [['', 'PING']]],
    ['ECHO "abc\r\n', error('unbalanced quotes in request')],
    ['ECHO "a"b\r\n', error('unbalanced quotes in request')],
    ["ECHO 'a'b\r\n", error('unbalanced quotes in request')],
    ['ECHO "a" "b""c"\r\n', error('unbalanced quotes in request')],
    ['ECHO "abc\\\r\n', error('unbalanced quotes in request')],
    ["ECHO 'abc\\\r\n", error('unbalanced quotes in request')],
    ['ECHO a"b\r\n', error('unbalanced quotes in request')],
  ])('%j', (text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });

  it('limits the line to 64 KiB', () => {
    for (const length of [INLINE_BYTES_MAX - 1, INLINE_BYTES_MAX]) {
      const word = 'x'.repeat(length);
      expect(outcome(`${word}\n`)).toEqual([[word]]);
      expect(outcome(word)).toEqual(['incomplete']);
      progress = new DecodeProgress();
    }
    expect(outcome('x'.repeat(INLINE_BYTES_MAX + 1))).toEqual(error('too big inline request'));
    expect(outcome('x'.repeat(INLINE_BYTES_MAX + 1) + '\n')).toEqual(error('too big inline request'));
    expect(outcome('x\0'.repeat(INLINE_BYTES_MAX))).toEqual(error('too big inline request'));
  });

  it('leaves the input alone, so that a request can be decoded again', () => {
    const bytes = latin1('SET "k\\x41" \'v\'\r\n');
    const before = bytes.slice();
    for (let i = 0; i < 2; i++) {
      expect(decoder.decode(bytes, 0, bytes.length, args, progress)).toBe(COMPLETE);
      expect([args.latin1(0), args.latin1(1), args.latin1(2)]).toEqual(['SET', 'kA', 'v']);
    }
    expect(bytes).toEqual(before);
  });

  it('tells an empty line from a request', () => {
    expect(decoder.decode(latin1('\r\nX'), 0, 3, args, progress)).toBe(EMPTY);
    expect(decoder.next).toBe(2);
  });
});

describe('requests in pieces', () => {
  it('takes a million arguments in 64 KiB pieces and a large bulk without parsing anything twice', () => {
    const count = 1_000_000;
    const body = latin1('$1\r\na\r\n'.repeat(count));
    const head = latin1(`*${count + 1}\r\n`);
    const bulk = latin1(`$${8 * MIB}\r\n`);
    const bytes = new Uint8Array(head.length + body.length + bulk.length + 8 * MIB + 2);
    bytes.set(head);
    bytes.set(body, head.length);
    bytes.set(bulk, head.length + body.length);
    for (let end = 65536; end < bytes.length; end += 65536) {
      const before = progress.parsed;
      expect(decoder.decode(bytes, 0, end, args, progress)).toBe(INCOMPLETE);
      expect(progress.parsed).toBeGreaterThanOrEqual(before);
      expect(progress.bytesNeeded).toBeGreaterThan(end);
      if (end > head.length + body.length + bulk.length) expect(progress.bytesNeeded).toBe(bytes.length);
    }
    expect(decoder.decode(bytes, 0, bytes.length, args, progress)).toBe(COMPLETE);
    expect(args.count).toBe(count + 1);
    expect(args.length(count)).toBe(8 * MIB);
    expect(decoder.next).toBe(bytes.length);
    // What a huge request needed is given back.
    expect(progress.starts.length).toBe(0);
  });

  it('goes on after the connection moved its buffer', () => {
    const text = '*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n';
    const first = latin1(`junk${text.slice(0, 20)}`);
    expect(decoder.decode(first, 4, first.length, args, progress)).toBe(INCOMPLETE);
    const second = latin1(`moved elsewhere${text}`);
    expect(decoder.decode(second, 15, second.length, args, progress)).toBe(COMPLETE);
    expect([args.latin1(0), args.latin1(1)]).toEqual(['ECHO', 'hello']);
    expect(decoder.next).toBe(second.length);
  });
});
