// Conformance scripts: requests with the replies they must get, byte by byte, in text files that a person can read.
//
//   # comment
//   > SET k "a\x00b"            a request, words quoted as in redis-cli; several `>` in a row go out as one pipeline
//   < +OK                       one reply: the bytes with CRLF as \r\n, the last CRLF left out
//   b> GET k                    the same on a connection named b (connections open at their first use)
//   b< $1\r\nv                  the next reply, or message, on b; without a name: on the connection used last
//   >> PING\r\n                 bytes as they are (\r \n \t \xNN \\); as many replies are read as `<` lines follow
//   !sleep 20                   milliseconds
//   !closed, b!closed           the server has closed the connection used last, or b (a later request opens a new one)
//   !close                      this side closes it
//   !since 7.2                  from here on only servers of this version take part; ends with `!since 0`
//
// Before a reply stands how it is compared, exact if nothing does:
//   <unordered *2\r\n...        elements of aggregates in any order
//   <near:100 :5000             an integer at most 100 away
//   <match /^\$\d+/             a regular expression over the escaped reply
//
// Every script starts on an empty server. In wirings of several threads its keys lie on several shards.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './anax-process.js';
import { encodeRequest, RawClient } from './raw-client.js';
import { escapeReply, parseReply, sortedText, unescapeReply } from './resp-tree.js';

export type Step =
  | { readonly kind: 'send'; readonly line: number; readonly connection: string; readonly bytes: Buffer }
  | { readonly kind: 'expect'; readonly line: number; readonly connection: string; readonly how: Comparison }
  | { readonly kind: 'sleep'; readonly line: number; readonly ms: number }
  | { readonly kind: 'closed' | 'close'; readonly line: number; readonly connection: string }
  | { readonly kind: 'since'; readonly line: number; readonly version: string };

export interface Comparison {
  readonly mode: 'exact' | 'unordered' | 'near' | 'match';
  /** The reply waits to be recorded (`<?`, `<?unordered`): anything passes. */
  readonly open: boolean;
  readonly tolerance: number;
  readonly text: string;
}

/** Reads a script. Throws on a line that is none of the above. */
export function parseScript(text: string): Step[] {
  const steps: Step[] = [];
  let connection = 'a';
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return;
    const expectation = /^([a-z]*)(<.*)$/.exec(trimmed);
    const request = /^([a-z]*)(>>?) ?(.*)$/.exec(trimmed);
    if (request !== null) {
      connection = request[1] === '' ? 'a' : request[1];
      const bytes = request[2] === '>>' ? unescapeReply(request[3]) : encodeRequest(...splitWords(request[3]));
      steps.push({ kind: 'send', line, connection, bytes });
    } else if (expectation !== null) {
      connection = expectation[1] === '' ? connection : expectation[1];
      steps.push({ kind: 'expect', line, connection, how: parseComparison(expectation[2], line) });
    } else {
      steps.push(parseDirective(trimmed, line, connection));
    }
  });
  return steps;
}

function parseComparison(text: string, line: number): Comparison {
  const match = /^<(\??)(unordered|near:(\d+)|match)?(?: (.*))?$/.exec(text);
  if (match === null) throw new Error(`line ${line}: ${text}`);
  const [, open, mode = 'exact', tolerance = '0', reply = ''] = match;
  const how = { open: open !== '', text: reply, tolerance: Number(tolerance) };
  return mode === 'unordered' || mode === 'match' || mode === 'exact' ? { ...how, mode } : { ...how, mode: 'near' };
}

function parseDirective(text: string, line: number, connection: string): Step {
  const [, prefix, name, argument] = /^([a-z]*)(!\w+) ?(.*)$/.exec(text) ?? [text, '', '', ''];
  if (prefix !== '') connection = prefix;
  if (name === '!sleep') return { kind: 'sleep', line, ms: Number(argument) };
  if (name === '!closed') return { kind: 'closed', line, connection };
  if (name === '!close') return { kind: 'close', line, connection };
  if (name === '!since') return { kind: 'since', line, version: argument };
  throw new Error(`line ${line}: ${text}`);
}

/** Words as redis-cli splits them: bare, '...' with \' inside, "..." with \n \r \t \a \b \xNN inside. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g;
  for (const [, double, single, bare] of line.matchAll(pattern) as Iterable<(string | undefined)[]>) {
    if (double !== undefined) words.push(unescapeDouble(double));
    else if (single !== undefined) words.push(single.replaceAll("\\'", "'"));
    else words.push(bare ?? '');
  }
  return words;
}

function unescapeDouble(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, letter: string) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    return { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }[letter] ?? letter;
  });
}

/** A reply that was not as expected. */
export interface Difference {
  readonly line: number;
  readonly expected: string;
  readonly received: string;
}

/** Why `received` does not satisfy `how`; undefined when it does. */
export function compareReply(received: Buffer, how: Comparison, line: number): Difference | undefined {
  const text = escapeReply(received);
  const same = ((): boolean => {
    if (how.mode === 'exact') return text === how.text;
    if (how.mode === 'match') return new RegExp(how.text.replace(/^\/|\/$/g, '')).test(text);
    const expected = parseReply(Buffer.concat([unescapeReply(how.text), Buffer.from('\r\n')]));
    const actual = parseReply(received);
    if (how.mode === 'unordered') return sortedText(actual) === sortedText(expected);
    const isInteger = actual.head.startsWith(':') && expected.head.startsWith(':');
    return isInteger && Math.abs(Number(actual.head.slice(1)) - Number(expected.head.slice(1))) <= how.tolerance;
  })();
  return same ? undefined : { line, expected: `${how.mode} ${how.text}`, received: text };
}

/** Differences for a person: one per line, '' when there is none. */
export function showDifferences(file: string, differences: readonly Difference[]): string {
  const lines = differences.map((one) => `${file}:${one.line}: expected ${one.expected}\n    received ${one.received}`);
  return lines.join('\n');
}

export interface ScriptRun {
  readonly differences: readonly Difference[];
  /** Every reply by the line that expected it, escaped. */
  readonly replies: ReadonlyMap<number, string>;
}

/**
 * Runs a script against a server that is emptied first. `knows` says whether the server takes part in what a version
 * brought. Rejects when a reply does not come, or one comes that no line expects.
 */
export async function runScript(
  steps: readonly Step[],
  address: Address,
  knows: (version: string) => boolean,
): Promise<ScriptRun> {
  const connections = new Map<string, RawClient>();
  const differences: Difference[] = [];
  const replies = new Map<number, string>();
  const open = async (name: string): Promise<RawClient> => {
    const client = connections.get(name) ?? (await RawClient.connect(address, 5000));
    connections.set(name, client);
    return client;
  };
  const run = async (step: Step): Promise<void> => {
    if (step.kind === 'since') return;
    if (step.kind === 'sleep') await sleep(step.ms);
    else if (step.kind === 'send') (await open(step.connection)).write(step.bytes);
    else if (step.kind === 'expect') {
      const reply = await (await open(step.connection)).reply();
      replies.set(step.line, escapeReply(reply));
      const difference = step.how.open ? undefined : compareReply(reply, step.how, step.line);
      if (difference !== undefined) differences.push(difference);
    } else {
      const client = await open(step.connection);
      connections.delete(step.connection);
      if (step.kind === 'close') await client.end();
      else if ((await client.closed()).length > 0) throw new Error('bytes that no line expects before the end');
    }
  };

  const admin = await RawClient.connect(address);
  await admin.call('FLUSHALL');
  await admin.end();
  let version = '0';
  try {
    for (const step of steps) {
      if (step.kind === 'since') version = step.version;
      if (!knows(version)) continue;
      await run(step).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`line ${step.line}: ${reason}\n${showDifferences('before it, line', differences)}`);
      });
    }
    // A reply too many would show up as the answer to this.
    for (const [name, client] of connections) await expectNothingLeft(name, client);
  } finally {
    for (const client of connections.values()) client.destroy();
  }
  return { differences, replies };
}

async function expectNothingLeft(name: string, client: RawClient): Promise<void> {
  client.write('*2\r\n$4\r\nECHO\r\n$9\r\nthe end..\r\n');
  const reply = escapeReply(await client.reply());
  const passes = reply === '$9\\r\\nthe end..' || reply.startsWith('-NOAUTH') || reply.startsWith("-ERR Can't execute");
  if (!passes) throw new Error(`connection ${name}: a reply that no line expects: ${reply}`);
}
