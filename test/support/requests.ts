// Requests as the tests write them: a line in the syntax of inline commands (`SET k "a\x00b"`), one byte per character,
// or a list of words when the bytes would be awkward to quote.

import { Args } from '../../src/contract/args.js';
import { InlineSplitter } from '../../src/protocol/inline-splitter.js';

export type Request = string | readonly (string | Uint8Array)[];

const splitter = new InlineSplitter();
const splitArgs = new Args(0);

/** The words of a request. Throws when the quotes of a line do not match. */
export function wordsOf(request: Request): Buffer[] {
  if (typeof request !== 'string')
    return request.map((w) => (typeof w === 'string' ? Buffer.from(w, 'latin1') : Buffer.from(w)));
  const line = Buffer.from(request, 'latin1');
  if (!splitter.split(line, 0, line.length, splitArgs)) throw new Error(`unbalanced quotes: ${request}`);
  return Array.from({ length: splitArgs.count }, (_, i) => Buffer.from(splitArgs.copy(i)));
}

/** The request as a client sends it: an array of bulk strings. */
export function encodeRequest(request: Request): Buffer {
  const words = wordsOf(request);
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n'));
  return Buffer.concat(parts);
}

/** A request as one line for a failure message. */
export function showRequest(request: Request): string {
  return typeof request === 'string' ? request : wordsOf(request).map(showWord).join(' ');
}

function showWord(word: Buffer): string {
  const text =
    word.length > 80 ? `${word.subarray(0, 80).toString('latin1')}...(${word.length} bytes)` : word.toString('latin1');
  if (/^[\x21\x23-\x26\x28-\x7e]+$/.test(text)) return text;
  let shown = '"';
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === '"' || char === '\\') shown += `\\${char}`;
    else if (code < 0x20 || code > 0x7e) shown += `\\x${code.toString(16).padStart(2, '0')}`;
    else shown += char;
  }
  return `${shown}"`;
}

/** The reply that an example of a command spells: line breaks inside are CRLF, the last one is left out. */
export function exampleReply(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, 'latin1');
}
