// The kinds of option values with a syntax of their own: save points, output buffer limits, event classes, addresses,
// percentiles, scores, replication, threads. Error texts and odd inputs as Redis has them.

import { resolve } from 'node:path';

import { accept, reject, type Kind, type OutputLimit, type OutputLimits, type SavePoint } from './kind.js';
import { quote } from './quoting.js';
import { INT64_MAX, memoryOf, memoryText } from './values.js';

/** Most addresses that `bind` takes. */
export const BIND_ADDRESSES_MAX = 16;
/** Most threads that `threads` takes. */
export const THREADS_MAX = 128;

const PATTERN_LENIENT = /^\s*([+-]?)([0-9]+)$/;

/** C's strtoll over a whole argument: blanks, a sign and leading zeros pass, an empty text is 0, the ends saturate. */
function lenientInt64(text: string): bigint | undefined {
  if (text === '') return 0n;
  const match = PATTERN_LENIENT.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt(match[2]);
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (value > INT64_MAX) return INT64_MAX;
  return value < -INT64_MAX - 1n ? -INT64_MAX - 1n : value;
}

/** What is left of an int64 in a C int. */
function toInt32(value: bigint): bigint {
  return BigInt.asIntN(32, value);
}

/** `<seconds> <changes> ...`: repeated lines of one file add up, an empty value clears. */
export function savePoints(): Kind {
  return {
    shape: 'seconds changes ...',
    multi: true,
    parse(args, current, again) {
      const empty = args.length === 0 || (args.length === 1 && args[0] === '');
      if (empty) return accept('', []);
      if (args.length % 2 !== 0) return reject('Invalid save parameters');
      const words: string[] = again && current !== '' ? current.split(' ') : [];
      for (let i = 0; i < args.length; i += 2) {
        const seconds = lenientInt64(args[i]);
        const changes = lenientInt64(args[i + 1]);
        if (seconds === undefined || changes === undefined || seconds < 1n || changes < 0n) {
          return reject('Invalid save parameters');
        }
        words.push(String(seconds), String(toInt32(changes)));
      }
      const points: SavePoint[] = [];
      for (let i = 0; i < words.length; i += 2)
        points.push({ seconds: Number(words[i]), changes: Number(words[i + 1]) });
      return accept(words.join(' '), points);
    },
    lines(text) {
      if (text === '') return ['""'];
      const words = text.split(' ');
      return words.flatMap((word, i) => (i % 2 === 0 ? [`${word} ${words[i + 1]}`] : []));
    },
  };
}

const OUTPUT_CLASSES = ['normal', 'slave', 'pubsub'] as const;

/** `<class> <hard> <soft> <seconds> ...`; classes that are not named keep their limits. */
export function outputLimits(): Kind {
  return {
    shape: 'class hard soft seconds ...',
    multi: true,
    independentLines: true,
    parse(args, current) {
      if (args.length % 4 !== 0) return reject('Wrong number of arguments in buffer limit configuration.');
      const words = current.split(' ');
      for (let i = 0; i < args.length; i += 4) {
        const name = args[i].toLowerCase();
        const index = OUTPUT_CLASSES.findIndex((known) => known === (name === 'replica' ? 'slave' : name));
        if (index < 0) return reject('Invalid client class specified in buffer limit configuration.');
        const hard = memoryOf(args[i + 1]);
        const soft = memoryOf(args[i + 2]);
        const parsed = lenientInt64(args[i + 3]);
        const seconds = parsed === undefined ? undefined : toInt32(parsed);
        if (hard === undefined || soft === undefined || seconds === undefined || seconds < 0n) {
          return reject('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
        }
        words.splice(index * 4 + 1, 3, String(hard), String(soft), String(seconds));
      }
      const limit = (index: number): OutputLimit => ({
        hardBytes: Number(words[index * 4 + 1]),
        softBytes: Number(words[index * 4 + 2]),
        softSeconds: Number(words[index * 4 + 3]),
      });
      const value: OutputLimits = { normal: limit(0), replica: limit(1), pubsub: limit(2) };
      return accept(words.join(' '), value);
    },
    lines(text) {
      const words = text.split(' ');
      return OUTPUT_CLASSES.map((name, i) => {
        const [hard, soft] = [words[i * 4 + 1], words[i * 4 + 2]].map((bytes) => memoryText(BigInt(bytes)));
        return `${name === 'slave' ? 'replica' : name} ${hard} ${soft} ${words[i * 4 + 3]}`;
      });
    },
  };
}

/** Event classes in the order in which they are spelt; the first ten together are `A`. */
const EVENT_CLASSES = 'g$lshzxetdnKEm';
const ALL_EVENTS = 'g$lshzxetd';

/** The letters of notify-keyspace-events, brought into one order. Decoded: that text. */
export function eventClasses(): Kind {
  return {
    shape: 'letters of Ag$lshzxeKEtmdn',
    multi: false,
    parse(args) {
      if (args.length !== 1) return reject('wrong number of arguments');
      const letters = new Set<string>();
      for (const letter of args[0]) {
        if (letter === 'A') for (const each of ALL_EVENTS) letters.add(each);
        else if (EVENT_CLASSES.includes(letter)) letters.add(letter);
        else return reject("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
      }
      const all = Array.from(ALL_EVENTS).every((letter) => letters.has(letter));
      // With `A` Redis does not list `n` again, although it stays on.
      const listed = all ? 'KEm' : EVENT_CLASSES;
      const text =
        (all ? 'A' : '') +
        Array.from(listed)
          .filter((letter) => letters.has(letter))
          .join('');
      return accept(text, text);
    },
    lines: (text) => [`"${text}"`],
  };
}

/** Addresses to bind to; none means no TCP at all. Decoded: the list without empty words. */
export function addresses(): Kind {
  return {
    shape: 'address ...',
    multi: true,
    parse(args) {
      if (args.length > BIND_ADDRESSES_MAX) return reject('Too many bind addresses specified.');
      return accept(
        args.join(' '),
        args.filter((address) => address !== ''),
      );
    },
    lines: (text) => [text === '' ? '""' : text],
  };
}

const PATTERN_FLOAT =
  /^[+-]?(?:[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?|0x[0-9a-f]+|inf(?:inity)?)$/i;

function percentileOf(text: string): number {
  if (!PATTERN_FLOAT.test(text)) return NaN;
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const magnitude = Number(text.replace(/^[+-]/, ''));
  if (magnitude === Infinity) return NaN;
  return text.startsWith('-') ? -magnitude : magnitude;
}

function percentText(value: number): string {
  return (Object.is(value, -0) ? '-' : '') + value.toFixed(6).replace(/\.?0+$/, '');
}

/** Percentiles of [0, 100], spelt with at most six decimals. */
export function percentiles(): Kind {
  const name = 'latency-tracking-info-percentiles';
  return {
    shape: 'percent ...',
    multi: true,
    parse(args) {
      const values: number[] = [];
      for (const arg of args) {
        const value = percentileOf(arg);
        if (Number.isNaN(value)) return reject(`Invalid ${name} parameters`);
        if (value < 0 || value > 100) return reject(`${name} parameters should sit between [0.0,100.0]`);
        values.push(value);
      }
      return accept(values.map(percentText).join(' '), values);
    },
    lines: (text) => [text === '' ? '""' : text],
  };
}

const SCORE_MAX = 2000n;

/** Three OOM scores: of a master, a replica, a child process. */
export function oomScores(): Kind {
  return {
    shape: 'master replica child',
    multi: true,
    parse(args) {
      if (args.length !== 3) return reject('wrong number of arguments');
      const scores: bigint[] = [];
      for (const arg of args) {
        const score = lenientInt64(arg);
        if (score === undefined || score < -SCORE_MAX || score > SCORE_MAX) {
          return reject('Invalid oom-score-adj-values, elements must be between -2000 and 2000.');
        }
        scores.push(score);
      }
      return accept(scores.join(' '), scores.map(Number));
    },
    lines: (text) => [text],
  };
}

const PORT_MAX = 65535n;

/** `<host> <port>` of a master, `no one` for none. */
export function masterAddress(): Kind {
  return {
    shape: 'host port',
    multi: true,
    parse(args) {
      if (args.length === 0) return accept('', '');
      if (args.length !== 2) return reject('wrong number of arguments');
      const [host, port] = args;
      if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') return accept('', '');
      const number = lenientInt64(port);
      if (number === undefined || number < 0n || number > PORT_MAX) return reject('Invalid master port');
      const text = `${host} ${String(number)}`;
      return accept(text, text);
    },
    lines: (text) => (text === '' ? [] : [text]),
  };
}

/** A number of threads or `auto` (decoded as 0). */
export function threadCount(): Kind {
  return {
    shape: `1-${THREADS_MAX}|auto`,
    multi: false,
    parse(args) {
      if (args.length !== 1) return reject('wrong number of arguments');
      const word = args[0].toLowerCase();
      if (word === 'auto') return accept('auto', 0);
      const count = /^[1-9][0-9]{0,8}$/.test(word) ? Number(word) : 0;
      if (count < 1 || count > THREADS_MAX)
        return reject(`argument must be 'auto' or between 1 and ${THREADS_MAX} inclusive`);
      return accept(String(count), count);
    },
    lines: (text) => [text],
  };
}

/** A directory, made absolute. Whether it can be entered shows when it is entered. */
export function directory(): Kind {
  return {
    shape: 'path',
    multi: false,
    parse(args) {
      if (args.length !== 1) return reject('wrong number of arguments');
      const absolute = args[0] === '' ? '' : resolve(args[0]);
      return accept(absolute, absolute);
    },
    lines: (text) => [quote(text)],
  };
}

const TITLE_FIELDS = new Set(['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file']);

/** The check of proc-title-template: known {fields} only, and something to show. */
export function checkTitle(text: string): string | undefined {
  const bare = text.replace(/\{([^{}]*)\}/g, (whole, field: string) => (TITLE_FIELDS.has(field) ? '' : whole));
  if (text !== '' && !bare.includes('{')) return undefined;
  return 'template format is invalid or contains unknown variables';
}

const HOSTNAME_BYTES_MAX = 255;

export function checkHostname(text: string): string | undefined {
  if (text.length > HOSTNAME_BYTES_MAX) return 'Hostnames must be less than 256 characters';
  if (/^[A-Za-z0-9.-]*$/.test(text)) return undefined;
  return 'Hostnames may only contain alphanumeric characters, hyphens or dots';
}

/** The check of a name that must stay within its directory. `what` is the option, `noun` what it names. */
export function checkFileName(what: string, noun: string, mayBeEmpty: boolean): (text: string) => string | undefined {
  return (text) => {
    if (text === '' && !mayBeEmpty) return `${what} can't be empty`;
    return text.includes('/') ? `${what} can't be a path, just a ${noun}` : undefined;
  };
}
