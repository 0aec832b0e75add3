// Replies cut out of a byte stream and taken apart, RESP2 and RESP3, without interpreting them: tests compare what the
// server really sent. Independent of src/protocol.

/** One reply. `head` is its first line without CRLF (`+OK`, `:3`, `$5`, `*2`, `_`, `%1`). */
export interface RespNode {
  readonly head: string;
  /** Content of a bulk, verbatim or blob error, one character per byte. */
  readonly content: string | undefined;
  /** Elements of an aggregate in order; a map's keys and values alternate. */
  readonly items: readonly RespNode[];
  /** Where the reply ends in the bytes it was read from. */
  readonly end: number;
}

const LINES = '+-:_,#(';
const BLOBS = '$=!';
const AGGREGATES = '*%~>|';

/** Offset behind the reply that starts at `start`, or -1 when it is not complete. Throws on bytes that are no reply. */
export function replyEnd(bytes: Buffer, start: number, end: number): number {
  const line = bytes.indexOf('\r\n', start);
  if (line < 0 || line + 2 > end) return -1;
  const type = String.fromCharCode(bytes[start]);
  if (LINES.includes(type)) return line + 2;
  const count = Number(bytes.toString('latin1', start + 1, line));
  if (!Number.isInteger(count) || count < -1)
    throw new Error(`no reply: ${bytes.toString('latin1', start, start + 60)}`);
  if (BLOBS.includes(type)) return blobEnd(line + 2, count, end);
  if (!AGGREGATES.includes(type)) throw new Error(`no reply: ${bytes.toString('latin1', start, start + 60)}`);
  let at = line + 2;
  for (let left = elements(type, count); left > 0 && at >= 0; left--) at = replyEnd(bytes, at, end);
  // An attribute precedes the reply it belongs to.
  return type === '|' && at >= 0 ? replyEnd(bytes, at, end) : at;
}

function blobEnd(start: number, length: number, end: number): number {
  if (length < 0) return start;
  const at = start + length + 2;
  return at <= end ? at : -1;
}

function elements(type: string, count: number): number {
  return type === '%' || type === '|' ? count * 2 : count;
}

/** Takes one complete reply apart. */
export function parseReply(bytes: Buffer, start = 0): RespNode {
  const line = bytes.indexOf('\r\n', start);
  const head = bytes.toString('latin1', start, line);
  const type = head[0];
  const count = Number(head.slice(1));
  let at = line + 2;
  if (BLOBS.includes(type) && count >= 0) {
    return { head, content: bytes.toString('latin1', at, at + count), items: [], end: at + count + 2 };
  }
  const items: RespNode[] = [];
  if (AGGREGATES.includes(type)) {
    for (let left = elements(type, count); left > 0; left--) {
      const item = parseReply(bytes, at);
      items.push(item);
      at = item.end;
    }
  }
  return { head, content: undefined, items, end: at };
}

/** A reply's bytes with the elements of every aggregate in one fixed order (a map's pairs stay together). */
export function sortedText(node: RespNode): string {
  if (node.content !== undefined) return `${node.head}\r\n${node.content}\r\n`;
  const texts = node.items.map(sortedText);
  const step = node.head.startsWith('%') ? 2 : 1;
  const groups: string[] = [];
  for (let i = 0; i < texts.length; i += step) groups.push(texts.slice(i, i + step).join(''));
  return `${node.head}\r\n${groups.sort().join('')}`;
}

/** Bytes as one line: CRLF, everything unprintable and a space at the end escaped, the CRLF at the end left out. */
export function escapeReply(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const body = text.endsWith('\r\n') ? text.slice(0, -2) : text;
  return body.replace(/[^\x20-\x7e]|\\| $/g, (character) => {
    const named: Record<string, string> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\' };
    return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The inverse of escapeReply, without the CRLF at the end. */
export function unescapeReply(text: string): Buffer {
  const body = text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, letter: string) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    return { r: '\r', n: '\n', t: '\t' }[letter] ?? letter;
  });
  return Buffer.from(body, 'latin1');
}
