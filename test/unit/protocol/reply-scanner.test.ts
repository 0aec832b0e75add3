// Heads and ends of encoded replies, whole and cut.

import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../src/base/assert.js';
import { endOfReply, readHead, ReplyHead, RESP, skipValues } from '../../../src/protocol/reply-scanner.js';

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

describe('endOfReply', () => {
  it.each([
    '+OK\r\n',
    '-ERR no\r\n',
    ':-12\r\n',
    '$5\r\nhe\r\no\r\n',
    '$0\r\n\r\n',
    '$-1\r\n',
    '*-1\r\n',
    '*0\r\n',
    '*2\r\n:1\r\n*1\r\n$1\r\na\r\n',
    '%2\r\n+a\r\n:1\r\n+b\r\n~1\r\n,1.5\r\n',
    '>2\r\n+message\r\n#t\r\n',
    '_\r\n',
    '(12345678901234567890\r\n',
    '!5\r\nERR x\r\n',
    '=6\r\ntxt:hi\r\n',
    '|1\r\n+ttl\r\n:3\r\n*1\r\n:1\r\n',
    '*2\r\n|1\r\n+ttl\r\n:3\r\n:1\r\n:2\r\n',
  ])('%j', (text) => {
    const bytes = latin1(`${text}:9\r\n`);
    expect(endOfReply(bytes, 0, bytes.length)).toBe(text.length);
    for (let end = 0; end < text.length; end++) expect(endOfReply(bytes, 0, end)).toBe(-1);
    expect(skipValues(bytes, 0, bytes.length, 2)).toBe(bytes.length);
    expect(skipValues(bytes, 0, bytes.length, 0)).toBe(0);
  });

  it('has no trouble with a hundred thousand levels', () => {
    const bytes = latin1(`${'*1\r\n'.repeat(100_000)}:1\r\n`);
    expect(endOfReply(bytes, 0, bytes.length)).toBe(bytes.length);
    expect(endOfReply(bytes, 0, bytes.length - 1)).toBe(-1);
  });

  it('asserts that replies are RESP', () => {
    expect(() => endOfReply(latin1('PONG\r\n'), 0, 6)).toThrow(AssertionError);
    expect(() => endOfReply(latin1('$x\r\n'), 0, 4)).toThrow(AssertionError);
  });
});

describe('readHead', () => {
  it('tells type, value and where the rest begins', () => {
    const head = new ReplyHead();
    const bytes = latin1('..*12\r\n');
    expect(readHead(bytes, 2, bytes.length, head)).toBe(true);
    expect([head.type, head.value, head.next, head.elements]).toEqual([RESP.array, 12, 7, 12]);
    expect(readHead(bytes, 2, bytes.length - 1, head)).toBe(false);
    expect(readHead(bytes, 7, 7, head)).toBe(false);
  });

  it.each([
    ['*-1\r\n', 0, true, false],
    ['$-1\r\n', 0, true, false],
    ['_\r\n', 0, true, false],
    ['%3\r\n', 6, false, false],
    ['~3\r\n', 3, false, false],
    ['$3\r\n', 0, false, false],
    ['-ERR\r\n', 0, false, true],
    ['!5\r\n', 0, false, true],
  ])('%j', (text, elements, isNull, isError) => {
    const head = new ReplyHead();
    readHead(latin1(text), 0, text.length, head);
    expect([head.elements, head.isNull, head.isError]).toEqual([elements, isNull, isError]);
  });
});
