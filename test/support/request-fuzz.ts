// Random requests for parser tests: well-formed ones, and broken ones made from them with a dictionary.

import type { Random } from '../../src/base/prng.js';

/** Pieces of protocol that turn a harmless request into a telling one. */
const DICTIONARY = [
  '*', '$', '\r', '\n', '\r\n', '\0', '"', "'", '\\', '\\x41', '\\n', ' ', '\t', '\x0b', '0', '-1', '-', '+', '1', '9',
  '*1\r\n', '*0\r\n', '*-1\r\n', '*2147483648\r\n', '*01\r\n', '$0\r\n\r\n', '$-1\r\n', '$00\r\n', '$536870912\r\n',
  '$536870913\r\n', '$9223372036854775808\r\n', '$4\r\nPING\r\n', '*1\r\n$4\r\nPING\r\n', 'PING\r\n', ' "a b" ', "'\\''",
].map((text) => Buffer.from(text, 'latin1')); // prettier-ignore

/** Random bytes, mostly readable ones, now and then protocol. */
export function randomWord(random: Random, lengthMax: number): Buffer {
  const length = random.below(4) === 0 ? random.below(lengthMax + 1) : random.below(12);
  const word = Buffer.alloc(length);
  for (let i = 0; i < length; i++) word[i] = random.below(8) === 0 ? random.below(256) : 0x61 + random.below(26);
  return word;
}

/** The array form of a request. */
export function encodeRequest(words: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n'));
  return Buffer.concat(parts);
}

/** An inline command whose words need no quotes. */
export function inlineRequest(words: readonly string[], random: Random): Buffer {
  const gap = (): string => ' \t'.charAt(random.below(2)).repeat(1 + random.below(2));
  return Buffer.from(words.join(gap()) + (random.below(2) === 0 ? '\r\n' : '\n'), 'latin1');
}

/** One to three random edits: bytes changed, cut out, doubled, or dictionary pieces put in. */
export function mutate(input: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(input);
  for (let edits = 1 + random.below(3); edits > 0; edits--) {
    const at = random.below(bytes.length + 1);
    const size = random.below(6);
    const rest = bytes.subarray(Math.min(bytes.length, at + size));
    const insert = DICTIONARY[random.below(DICTIONARY.length)];
    switch (random.below(4)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at)]);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), rest]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), insert, rest]);
        break;
      default:
        if (bytes.length > 0) bytes[at % bytes.length] = random.below(256);
    }
  }
  return bytes;
}

/** `bytes` cut at random places into non-empty pieces. */
export function randomPieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(random.below(3) === 0 ? 40 : 6);
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}
