// Requests and replies without sockets: our decoder against redis-parser on the same pipelines (a request is an array of
// bulks, which is a reply, too), and the encoder.

import { createRequire } from 'node:module';
import { bytesOf } from '../../src/base/bytes.js';
import { Args } from '../../src/contract/args.js';
import { COMPLETE, DecodeProgress, RequestDecoder } from '../../src/protocol/request-decoder.js';
import { RespEncoder } from '../../src/protocol/resp-encoder.js';
import { nanosecondsPer, ns, report } from './measure.js';

interface Parser {
  execute(chunk: Buffer): void;
}
type ParserClass = new (options: Record<string, unknown>) => Parser;
const RedisParser = createRequire(import.meta.url)('redis-parser') as ParserClass;

const PIPELINE = 512;
const VALUE = 'abcdefghijklmnop';

function pipelineOf(request: (i: number) => readonly string[]): Buffer {
  const texts = Array.from({ length: PIPELINE }, (_, i) => {
    const words = request(i);
    return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  });
  return Buffer.from(texts.join(''));
}

function decoding(bytes: Uint8Array, requests: number): number {
  const decoder = new RequestDecoder({ bulkBytesMax: 512 * 1024 * 1024 });
  const args = new Args(1);
  const progress = new DecodeProgress();
  return nanosecondsPer(requests, () => {
    let at = 0;
    let sum = 0;
    while (decoder.decode(bytes, at, bytes.length, args, progress) === COMPLETE) {
      sum += args.count;
      at = decoder.next;
    }
    return sum;
  });
}

function byRedisParser(bytes: Buffer): number {
  let count = 0;
  const parser = new RedisParser({
    returnBuffers: true,
    returnReply: () => {
      count++;
    },
    returnError: () => undefined,
  });
  return nanosecondsPer(PIPELINE, () => {
    parser.execute(bytes);
    return count;
  });
}

const key = (i: number): string => `key:${String(i).padStart(12, '0')}`;
const workloads: readonly (readonly [string, Buffer])[] = [
  ['SET, 16-byte key and value', pipelineOf((i) => ['SET', key(i), VALUE])],
  ['GET, 16-byte key', pipelineOf((i) => ['GET', key(i)])],
  ['MSET of 10', pipelineOf((i) => ['MSET', ...Array.from({ length: 20 }, (_, k) => (k % 2 ? VALUE : key(i)))])],
];

report('requests', 'ours', 'redis-parser');
for (const [name, buffer] of workloads) {
  const plain = new Uint8Array(buffer);
  report(name, ns(decoding(plain, PIPELINE)), ns(byRedisParser(buffer)));
}
const inline = bytesOf('SET key:000000000001 abcdefghijklmnop\r\n'.repeat(PIPELINE));
report('inline SET', ns(decoding(inline, PIPELINE)));

const encoder = new RespEncoder();
const value = bytesOf(VALUE);
const long = new Uint8Array(1024);
/** Few enough that the encoder keeps its block between rounds. */
const REPLIES = 128;

function encoding(write: (i: number) => void): string {
  return ns(
    nanosecondsPer(REPLIES, () => {
      encoder.reset();
      for (let i = 0; i < REPLIES; i++) write(i);
      return encoder.length;
    }),
  );
}

report('');
report('replies', 'RESP2');
report('+OK', encoding(() => { encoder.ok(); })); // prettier-ignore
report('integer of one digit', encoding((i) => { encoder.integer(i & 7); })); // prettier-ignore
report('integer of six digits', encoding((i) => { encoder.integer(123456 + i); })); // prettier-ignore
report('nil', encoding(() => { encoder.nil(); })); // prettier-ignore
report('bulk of 16 bytes', encoding(() => { encoder.bulk(value, 0, 16); })); // prettier-ignore
report('bulk of 1 KiB', encoding(() => { encoder.bulk(long, 0, 1024); })); // prettier-ignore
report('bulk text of 16 characters', encoding(() => { encoder.bulkText(VALUE); })); // prettier-ignore
report('double 3.25', encoding(() => { encoder.double(3.25); })); // prettier-ignore
