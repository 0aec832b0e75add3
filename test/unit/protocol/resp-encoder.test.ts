// Replies as bytes, in RESP2 and RESP3.

import { describe, expect, it } from 'vitest';
import { RespEncoder } from '../../../src/protocol/resp-encoder.js';

/** What `write` puts out in RESP2 and RESP3, one character per byte. */
function both(write: (encoder: RespEncoder) => void): [string, string] {
  const texts = ([2, 3] as const).map((protocol) => {
    const encoder = new RespEncoder();
    encoder.protocol = protocol;
    write(encoder);
    return Buffer.from(encoder.take()).toString('latin1');
  });
  return [texts[0], texts[1]];
}

describe('RespEncoder', () => {
  it.each<[string, (e: RespEncoder) => void, string, string]>([
    ['ok', (e) => { e.ok(); }, '+OK\r\n', '+OK\r\n'],
    ['simple', (e) => { e.simple('PONG'); }, '+PONG\r\n', '+PONG\r\n'],
    ['error', (e) => { e.error("ERR no '\r\n' \xe9\r\n"); }, "-ERR no '  ' \xe9\r\n", "-ERR no '  ' \xe9\r\n"],
    ['integer', (e) => { e.integer(-42); }, ':-42\r\n', ':-42\r\n'],
    ['big integer', (e) => { e.bigInteger(-9223372036854775808n); }, ':-9223372036854775808\r\n', ':-9223372036854775808\r\n'],
    ['double', (e) => { e.double(0.5); }, '$3\r\n0.5\r\n', ',0.5\r\n'],
    ['infinity', (e) => { e.double(-Infinity); }, '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['nan', (e) => { e.double(NaN); }, '$3\r\nnan\r\n', ',nan\r\n'],
    ['true', (e) => { e.boolean(true); }, ':1\r\n', '#t\r\n'],
    ['false', (e) => { e.boolean(false); }, ':0\r\n', '#f\r\n'],
    ['nil', (e) => { e.nil(); }, '$-1\r\n', '_\r\n'],
    ['nil array', (e) => { e.nilArray(); }, '*-1\r\n', '_\r\n'],
    ['empty bulk', (e) => { e.bulk(new Uint8Array(3), 2, 2); }, '$0\r\n\r\n', '$0\r\n\r\n'],
    ['utf-8', (e) => { e.bulkText('ü'); }, '$2\r\n\xc3\xbc\r\n', '$2\r\n\xc3\xbc\r\n'],
    ['bulk integer', (e) => { e.bulkInteger(-10); }, '$3\r\n-10\r\n', '$3\r\n-10\r\n'],
    ['verbatim', (e) => { e.verbatim('hi'); }, '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
    ['array', (e) => { e.array(12); }, '*12\r\n', '*12\r\n'],
    ['map', (e) => { e.map(6); }, '*12\r\n', '%6\r\n'],
    ['set', (e) => { e.set(0); }, '*0\r\n', '~0\r\n'],
    ['push', (e) => { e.push(3); }, '*3\r\n', '>3\r\n'],
  ])('%s', (_name, write, resp2, resp3) => {
    expect(both(write)).toEqual([resp2, resp3]);
  }); // prettier-ignore

  it.each([0, 9, 10, 99, 100, 999, 65535])('heads a bulk of %d bytes', (length) => {
    const bytes = new Uint8Array(length).fill(0x78);
    const text = `$${length}\r\n${'x'.repeat(length)}\r\n`;
    expect(both((e) => { e.bulk(bytes, 0, length); })).toEqual([text, text]); // prettier-ignore
  });

  it('writes a head before what stands already, and takes back', () => {
    const write = (e: RespEncoder): void => {
      e.ok();
      const mark = e.mark();
      e.integer(1);
      const inner = e.mark();
      e.integer(2);
      e.rewind(inner);
      e.integer(3);
      e.wrapMap(mark, 1);
    };
    expect(both(write)).toEqual(['+OK\r\n*2\r\n:1\r\n:3\r\n', '+OK\r\n%1\r\n:1\r\n:3\r\n']);
  });

  it('writes the same when it may copy by words, at any length and place', () => {
    const bytes = new Uint8Array(300).map((_, i) => i * 7);
    const data = new DataView(bytes.buffer);
    const byBytes = new RespEncoder();
    const byWords = new RespEncoder();
    for (let length = 0; length <= 130; length++) {
      const start = (length * 31) % 17;
      byBytes.bulk(bytes, start, start + length);
      byWords.bulk(bytes, start, start + length, data);
      byWords.bulk(bytes, bytes.length - length, bytes.length, data);
      byBytes.bulk(bytes, bytes.length - length, bytes.length);
      if (length === 70) byWords.take();
      if (length === 70) byBytes.take();
    }
    expect(byWords.take()).toEqual(byBytes.take());
  });

  it('grows to what a large bulk needs, and gives it back', () => {
    const encoder = new RespEncoder();
    expect(encoder.bytes.length).toBe(0);
    encoder.ok();
    const huge = 64 * 1024 * 1024;
    encoder.bulkSpace(huge);
    expect(encoder.length).toBe(5 + '$67108864\r\n'.length + huge + 2);
    expect(encoder.bytes.length).toBeLessThan(huge + 64);
    // Small replies behind it do not copy it each time.
    encoder.ok();
    encoder.ok();
    const block = encoder.bytes;
    for (let i = 0; i < 1000; i++) encoder.ok();
    expect(encoder.bytes).toBe(block);
    encoder.reset();
    expect(encoder.length).toBe(0);
    expect(encoder.bytes.length).toBe(0);
  });

  it('keeps a block of ordinary size', () => {
    const encoder = new RespEncoder();
    encoder.bulkSpace(100_000);
    const block = encoder.bytes;
    encoder.reset();
    expect(encoder.bytes).toBe(block);
  });

  it('hands its block over and goes on in another', () => {
    const encoder = new RespEncoder();
    encoder.ok();
    const first = encoder.take();
    encoder.integer(7);
    expect(Buffer.from(first).toString()).toBe('+OK\r\n');
    expect(encoder.bytes.buffer).not.toBe(first.buffer);
    const spare = new Uint8Array(64);
    encoder.take(spare);
    encoder.ok();
    expect(encoder.bytes).toBe(spare);
  });

  it('appends what is RESP already', () => {
    const encoder = new RespEncoder();
    const reply = new Uint8Array(Buffer.from('xx:1\r\nyy'));
    encoder.raw(reply, 2, 6);
    expect(Buffer.from(encoder.take()).toString()).toBe(':1\r\n');
  });
});
