// The configuration of one thread: the text and the decoded value of every option, the plain fields that hot code reads
// (`live`), and the rules of CONFIG GET and CONFIG SET.
//
//   main thread                                    every other thread
//   file + command line -> Config                  new Config(snapshot)        (workerData)
//   CONFIG SET -> set(): check all, apply, commit  -> adopt(the same pairs)    (message)
//
// (1) `set` changes all options or none. (2) What another thread adopts was checked and spelt out by `set` before: `text`
//     of each name after a successful `set` is what to send.
// (3) Changes are committed one request after another, also when one has to wait for a socket to open.

import { assert } from '../base/assert.js';
import { parseText, type OptionValue, type Parsed } from './kind.js';
import { feedLive, LiveValues } from './live.js';
import { nameMatcher } from './names.js';
import { defaultOf, findOption, OPTIONS } from './options.js';
import type { Option } from './option.js';

export type Pairs = readonly (readonly [name: string, value: string])[];

/** Everything that another thread needs to build the same Config; structured-clonable. */
export interface ConfigSnapshot {
  /** Options that differ from their default, in CONFIG GET's spelling. */
  readonly changed: Pairs;
  /** Absolute path of the configuration file; undefined without one. */
  readonly file: string | undefined;
}

/** Puts a new value into effect before it is committed; gives the error text for the client when that fails. */
export type Applier = (value: OptionValue, text: string) => string | undefined | Promise<string | undefined>;

export type ChangeListener = (value: OptionValue, text: string) => void;

interface Change {
  readonly option: Option;
  /** As the client spelt it. */
  readonly givenName: string;
  readonly text: string;
  readonly value: OptionValue;
}

/** A protected option may be set by everybody (`yes`), by clients of this host (`local`) or by nobody. */
export interface Asker {
  readonly isLocal: boolean;
}

const NOT_LOCAL: Asker = { isLocal: false };

export class Config {
  readonly live = new LiveValues();
  /** Absolute path of the configuration file; undefined without one. */
  file: string | undefined;

  readonly #texts = new Map<Option, string>();
  readonly #values = new Map<Option, OptionValue>();
  readonly #listeners = new Map<Option, Set<ChangeListener>>();
  readonly #appliers = new Map<Option, Applier>();
  #lastSet: Promise<unknown> = Promise.resolve();

  constructor(snapshot?: ConfigSnapshot) {
    for (const option of OPTIONS) {
      const parsed = defaultOf(option);
      this.#store(option, parsed.text, parsed.value);
    }
    this.file = snapshot?.file;
    if (snapshot !== undefined) this.adopt(snapshot.changed);
  }

  snapshot(): ConfigSnapshot {
    const changed: (readonly [string, string])[] = [];
    for (const option of OPTIONS) {
      const text = this.#textOf(option);
      if (text !== option.default) changed.push([option.name, text]);
    }
    return { changed, file: this.file };
  }

  // ------------------------------------------------------------------ reading

  /** The value in CONFIG GET's spelling; asserts that the option exists. */
  text(name: string): string {
    return this.#textOf(optionNamed(name));
  }

  /** The decoded value; asserts that the option exists. */
  value(name: string): OptionValue {
    return this.#valueOf(optionNamed(name));
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    assert(typeof value === 'boolean', 'the option is a yes or no');
    return value;
  }

  number(name: string): number {
    const value = this.value(name);
    assert(typeof value === 'number', 'the option is a number');
    return value;
  }

  /** The words of an option that holds a list of them (bind, shutdown-on-sigterm). */
  words(name: string): readonly string[] {
    const value = this.value(name);
    assert(Array.isArray(value), 'the option is a list');
    return value.map(String);
  }

  /**
   * CONFIG GET: pairs whose name fits one of `patterns` (any case), each once, in table order, aliases beside the names
   * they stand for. A pattern without wildcards is a name: it is given back as it was spelt, and finds hidden options too.
   */
  get(patterns: readonly string[]): (readonly [name: string, value: string])[] {
    const wanted = nameMatcher(patterns);
    const pairs: (readonly [string, string])[] = [];
    for (const option of OPTIONS) {
      for (const name of [option.name, ...(option.aliases ?? [])]) {
        const spelling = wanted(name, option.hidden === true);
        if (spelling !== undefined) pairs.push([spelling, this.#textOf(option)]);
      }
    }
    return pairs;
  }

  // ------------------------------------------------------------------ changing

  /** Calls `listener` after each change of `name` to another value; gives the function that ends this. */
  onChange(name: string, listener: ChangeListener): () => void {
    const option = optionNamed(name);
    const listeners = this.#listeners.get(option) ?? new Set();
    this.#listeners.set(option, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /**
   * Has `applier` put new values of `name` into effect (listening on another port) before `set` commits them; it is called
   * again with the old value when a later option of the same CONFIG SET fails. One per option.
   */
  onApply(name: string, applier: Applier): void {
    const option = optionNamed(name);
    assert(!this.#appliers.has(option), 'an option has one applier');
    this.#appliers.set(option, applier);
  }

  /** CONFIG SET: all pairs or none. Resolves to the error text for the client, or undefined. */
  set(pairs: Pairs, asker: Asker = NOT_LOCAL): Promise<string | undefined> {
    const result = this.#lastSet.then(() => this.#setNow(pairs, asker));
    // The queue goes on after a request that failed; its asker gets the rejection.
    this.#lastSet = result.catch(() => undefined);
    return result;
  }

  /** Takes over what another thread's `set` has checked. */
  adopt(pairs: Pairs): void {
    for (const [name, text] of pairs) {
      const option = optionNamed(name);
      const parsed = parseText(option.kind, text, this.#textOf(option));
      assert(parsed.ok, 'what another thread has checked is readable here');
      this.#commit(option, parsed.text, parsed.value);
    }
  }

  /**
   * A line of a configuration file or of the command line: sets `option` whatever its flags. `again`: the same load had a
   * line for it before. Gives the error text when `args` are no value of it, or one that Anax cannot honour.
   */
  load(option: Option, args: readonly string[], again: boolean): string | undefined {
    const parsed = parseLine(option, args, this.#textOf(option), again);
    if (!parsed.ok) return parsed.error;
    const refusal = option.refuse?.(parsed.text);
    if (refusal !== undefined) return refusal;
    this.#commit(option, parsed.text, parsed.value);
    return undefined;
  }

  /** One line for the log for each of `options` that is not at its default and has no effect. */
  warnings(options: readonly Option[] = OPTIONS): string[] {
    return options.flatMap((option) => this.#warning(option));
  }

  #warning(option: Option): string[] {
    if (option.effect === 'used' || this.#textOf(option) === option.default) return [];
    const value = option.secret === true ? '' : ` ${this.#textOf(option)}`;
    return [`${option.name}${value}: ${option.warning ?? 'is accepted but has no effect yet'}`];
  }

  async #setNow(pairs: Pairs, asker: Asker): Promise<string | undefined> {
    const options = this.#admit(pairs, asker);
    if (typeof options === 'string') return options;
    const changes = this.#parse(pairs, options);
    if (typeof changes === 'string') return changes;
    const applied: Change[] = [];
    for (const change of changes) {
      const applier = this.#appliers.get(change.option);
      if (applier === undefined || change.text === this.#textOf(change.option)) continue;
      const error = await applier(change.value, change.text);
      if (error !== undefined) {
        await this.#takeBack(applied);
        return setFailed(change.givenName, error);
      }
      applied.push(change);
    }
    for (const change of changes) this.#commit(change.option, change.text, change.value);
    return undefined;
  }

  /** The options of `pairs`, or the error when one is unknown, may not be set, or is named twice. */
  #admit(pairs: Pairs, asker: Asker): Option[] | string {
    const options: Option[] = [];
    const seen = new Set<string>();
    for (const [name] of pairs) {
      const option = findOption(name);
      if (option === undefined) return `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
      if (option.immutable === true) return setFailed(name, "can't set immutable config");
      if (option.protected === true && !this.#mayChangeProtected(asker)) {
        return setFailed(name, "can't set protected config");
      }
      if (seen.has(name.toLowerCase())) return setFailed(name, 'duplicate parameter');
      seen.add(name.toLowerCase());
      options.push(option);
    }
    return options;
  }

  #mayChangeProtected(asker: Asker): boolean {
    const allowed = this.text('enable-protected-configs');
    return allowed === 'yes' || (allowed === 'local' && asker.isLocal);
  }

  #parse(pairs: Pairs, options: readonly Option[]): Change[] | string {
    const changes: Change[] = [];
    for (const [i, option] of options.entries()) {
      const [givenName, given] = pairs[i];
      // An option and its alias may both be named: the second sees what the first set.
      const current = changes.findLast((change) => change.option === option)?.text ?? this.#textOf(option);
      const parsed = parseText(option.kind, given, current);
      if (!parsed.ok) return setFailed(givenName, parsed.error);
      const refusal = option.refuse?.(parsed.text);
      if (refusal !== undefined) return setFailed(givenName, refusal);
      changes.push({ option, givenName, text: parsed.text, value: parsed.value });
    }
    return changes;
  }

  async #takeBack(applied: readonly Change[]): Promise<void> {
    for (const { option } of applied.toReversed()) {
      // What was in effect a moment ago can be again; if not, the error that is on its way to the client says more.
      await this.#appliers.get(option)?.(this.#valueOf(option), this.#textOf(option));
    }
  }

  #commit(option: Option, text: string, value: OptionValue): void {
    if (text === this.#textOf(option)) return;
    this.#store(option, text, value);
    for (const listener of this.#listeners.get(option) ?? []) listener(value, text);
  }

  #store(option: Option, text: string, value: OptionValue): void {
    this.#texts.set(option, text);
    this.#values.set(option, value);
    feedLive(this.live, option.name, value);
  }

  #textOf(option: Option): string {
    const text = this.#texts.get(option);
    assert(text !== undefined, 'every option has a text');
    return text;
  }

  #valueOf(option: Option): OptionValue {
    const value = this.#values.get(option);
    assert(value !== undefined, 'every option has a value');
    return value;
  }
}

function optionNamed(name: string): Option {
  const option = findOption(name);
  assert(option !== undefined, 'code names options that exist');
  return option;
}

function setFailed(name: string, error: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${error}`;
}

/** A line's arguments: a single one of a kind that takes several is split at its spaces, as CONFIG SET's is. */
function parseLine(option: Option, args: readonly string[], current: string, again: boolean): Parsed {
  if (!option.kind.multi || args.length !== 1) return option.kind.parse(args, current, again);
  const only = args[0];
  return option.kind.parse(only === '' ? [] : only.split(' '), current, again);
}
