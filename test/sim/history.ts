// What happened, as the clients saw it, for the report of a violation: the last events, and those of them that concern
// certain keys as readable lines.

import type { KeyId } from './cells.js';
import type { Operation } from './configuration.js';

/** Events kept. */
const EVENTS_MAX = 20_000;
const EXCERPT_LINES = 60;
const TEXT_CHARS_MAX = 120;

interface Event {
  readonly step: number;
  readonly ms: number;
  readonly operation: Operation | undefined;
  readonly text: string;
}

export class History {
  readonly #events: Event[] = [];
  /** Events that are kept no longer. */
  #dropped = 0;
  #step = 0;

  /** The scheduler's step that the events belong to. */
  set step(step: number) {
    this.#step = step;
  }

  get step(): number {
    return this.#step;
  }

  add(ms: number, text: string, operation?: Operation): void {
    this.#events.push({ step: this.#step, ms, operation, text });
    if (this.#events.length <= EVENTS_MAX * 2) return;
    this.#events.splice(0, EVENTS_MAX);
    this.#dropped += EVENTS_MAX;
  }

  /** Events so far. */
  get length(): number {
    return this.#dropped + this.#events.length;
  }

  /** The last of the first `length` events that touch one of `keys`, oldest first. */
  excerpt(keys: readonly KeyId[], length = this.length): string {
    const lines: string[] = [];
    for (let i = length - this.#dropped - 1; i >= 0 && lines.length < EXCERPT_LINES; i--) {
      const event = this.#events[i];
      const { operation } = event;
      const concerns =
        operation === undefined || operation.isGlobal || operation.keys.some((key) => keys.includes(key));
      if (concerns) lines.push(`  step ${event.step}  ${event.ms} ms  ${event.text}`);
    }
    return lines.reverse().join('\n');
  }
}

/** Bytes as one line of readable text. */
export function shown(text: string): string {
  const plain = text.replace(/\r\n$/, '').replace(/[^\x20-\x7e]/g, (character) => {
    const named: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n' };
    return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return plain.length > TEXT_CHARS_MAX ? `${plain.slice(0, TEXT_CHARS_MAX)}...` : plain;
}
