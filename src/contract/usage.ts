// The grammar of `CommandSpec.usage`: one line per command from which COMMAND DOCS prints its argument tree and the
// fuzzers build requests.
//
//   usage     sequence
//   sequence  element*                        alternatives are sequences joined by `|`
//   element   name | TOKEN | [ alternatives ] | ( alternatives ) | < alternatives >        each may end in a suffix
//   name      lower case: an argument. Its type comes from NAME_TYPES, or is given: `increment:double`
//   TOKEN     capitals, one of `= ~ * $ + - #`, or `""`: a literal word
//   suffix    #n key specification index, @6.2.0 since, !7.0.0 deprecated since; without a space: `[GET]@6.2.0`
//   label=    before an element names what it becomes: `condition=[NX | XX]`, `increment=INCR`
//
// What a line becomes:
//   (1) `TOKEN name` is one argument with a token; `TOKEN a b` is a block with a token. A token takes the names and
//       groups that follow it, up to the next token or bracket; parentheses end its reach: `(BYBOX width) height`.
//   (2) `[ ]` is optional. More than one alternative is a `oneof`, more than one element is a `block`.
//   (3) `x [x ...]` makes the elements x before the bracket one argument that repeats; `[x ...]` is optional and repeats;
//       `(a | b) ...` repeats the group. A repetition that spells its token again has a repeating token.
//   (4) `( )` and `< >` mean the same; round one element that needs no grouping they mean nothing.
//   (5) A block or choice without a label is named by CHOICE_NAMES or by its parts joined with `_`, as Redis does.
//   (6) Keys without `#n` count through the key specifications from 0.
//
// Limit: nesting is as deep as the lines that the authors of commands write; the parser recurses.

export type UsageType =
  'string' | 'integer' | 'double' | 'key' | 'pattern' | 'unix-time' | 'pure-token' | 'oneof' | 'block';

export type UsageFlag = 'optional' | 'multiple' | 'multiple_token';

/** One argument as COMMAND DOCS describes it. A field that Redis would leave out is undefined. */
export interface UsageArgument {
  readonly name: string;
  readonly type: UsageType;
  /** What a reader sees; undefined for `oneof` and `block`, which show their parts. */
  readonly displayText: string | undefined;
  readonly keySpecIndex: number | undefined;
  /** The literal word before the value, or the whole of a pure token. May be empty. */
  readonly token: string | undefined;
  readonly since: string | undefined;
  readonly deprecatedSince: string | undefined;
  /** In the order in which Redis prints them; empty when there are none. */
  readonly flags: readonly UsageFlag[];
  /** The parts of a `oneof` or `block`; empty otherwise. */
  readonly arguments: readonly UsageArgument[];
}

/** A usage line that does not follow the grammar: a mistake in a command's declaration. */
export class UsageSyntaxError extends Error {
  override readonly name = 'UsageSyntaxError';

  constructor(usage: string, at: number, expected: string) {
    super(`usage "${usage}", column ${at + 1}: ${expected}`);
  }
}

/** Types of well-known names; any other name is a string. */
const NAME_TYPES: Readonly<Record<string, UsageType>> = {
  key: 'key',
  key1: 'key',
  key2: 'key',
  source: 'key',
  src: 'key',
  destination: 'key',
  dst: 'key',
  newkey: 'key',
  numkeys: 'integer',
  pattern: 'pattern',
  seconds: 'integer',
  milliseconds: 'integer',
  'unix-time-seconds': 'unix-time',
  'unix-time-milliseconds': 'unix-time',
  increment: 'integer',
  decrement: 'integer',
  offset: 'integer',
  count: 'integer',
  start: 'integer',
  end: 'integer',
  stop: 'integer',
  bit: 'integer',
  index: 'integer',
  cursor: 'integer',
  db: 'integer',
  index1: 'integer',
  index2: 'integer',
  'destination-db': 'integer',
  protover: 'integer',
  'client-id': 'integer',
  timeout: 'integer',
  ttl: 'integer',
  frequency: 'integer',
  weight: 'integer',
  rank: 'integer',
  maxlen: 'integer',
  'num-matches': 'integer',
  len: 'integer',
  'min-match-len': 'integer',
  maxage: 'integer',
  version: 'integer',
  port: 'integer',
  numreplicas: 'integer',
  numlocal: 'integer',
  score: 'double',
  longitude: 'double',
  latitude: 'double',
  radius: 'double',
  width: 'double',
  height: 'double',
};

/** Names of choices between tokens, by their sorted tokens. */
const CHOICE_NAMES: Readonly<Record<string, string>> = {
  'NX XX': 'condition',
  'GT LT NX XX': 'condition',
  'GT LT': 'comparison',
  'BIT BYTE': 'index_unit',
  'LEFT RIGHT': 'where',
  'AFTER BEFORE': 'where',
  'ASC DESC': 'order',
  'FT KM M MI': 'unit',
  'BYLEX BYSCORE': 'sortby',
  'OFF ON': 'status',
  'ALL WRITE': 'mode',
  'ASYNC SYNC': 'async',
  'MAXLEN MINID': 'strategy',
  '= ~': 'operator',
};

/** A choice that offers one of these tokens sets a time to live. */
const EXPIRATION_TOKENS: ReadonlySet<string> = new Set(['EX', 'PX', 'EXAT', 'PXAT']);

/** Names of tokens that are no words. */
const SYMBOL_NAMES: Readonly<Record<string, string | undefined>> = {
  '=': 'equal',
  '~': 'approximately',
  '*': 'auto_id',
  $: 'new_id',
  '+': 'plus',
  '-': 'minus',
  '#': 'number',
  '': 'empty_string',
};

/** The argument tree of a usage line. Throws {@link UsageSyntaxError}. */
export function parseUsage(usage: string): UsageArgument[] {
  const parser = new UsageParser(usage);
  const alternatives = parser.alternatives('');
  if (alternatives.length !== 1) throw new UsageSyntaxError(usage, 0, 'a choice needs brackets');
  const builder = new TreeBuilder();
  return builder.sequence(alternatives[0]);
}

// ---------------------------------------------------------------------- from text to elements

interface Suffix {
  readonly keySpecIndex: number | undefined;
  readonly since: string | undefined;
  readonly deprecatedSince: string | undefined;
}

interface ElementBase {
  readonly label: string | undefined;
  readonly suffix: Suffix;
  /** The element spelt out in one way, for finding its repetition. */
  readonly spelling: string;
}

type Element =
  | (ElementBase & { readonly kind: 'name'; readonly name: string; readonly type: UsageType })
  | (ElementBase & { readonly kind: 'token'; readonly token: string })
  | (ElementBase & { readonly kind: 'optional' | 'group'; readonly alternatives: readonly Sequence[] });

interface Sequence {
  readonly elements: readonly RepeatableElement[];
  /** It ends with `...` as in `[key ...]`: the whole repeats. */
  readonly repeats: boolean;
}

type RepeatableElement = Element & {
  /** A group followed by `...`. */
  readonly repeats: boolean;
};

const CLOSERS: Readonly<Record<string, string | undefined>> = { '[': ']', '(': ')', '<': '>' };
const WORD = /[^\s[\]()<>|]+/y;
const SUFFIX = /(?:#\d+|[@!]\d+(?:\.\d+)*)+/y;
const SUFFIX_AT_END = /(?<=.)(?:#\d+|[@!]\d+(?:\.\d+)*)+$/;
const NAME = /^[a-z][a-z0-9_/:-]*$/;
const TOKEN = /^(?:[A-Z0-9_-]*[A-Z][A-Z0-9_-]*|[=~*$+#-]|"")$/;
const EXPLICIT_TYPE = /^(.+):(string|integer|double|key|pattern|unix-time)$/;
const LABEL = /([a-z][a-z0-9_/:-]*)=(?=[^\s|\])>])/y;

class UsageParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Sequences joined by `|` up to `closer` ('': the end of the text), which is consumed. */
  alternatives(closer: string): Sequence[] {
    const found: Sequence[] = [];
    for (;;) {
      found.push(this.#sequence());
      const next = this.#text.charAt(this.#at);
      if (next === closer) {
        this.#at++;
        break;
      }
      if (next !== '|') throw this.#error(closer === '' ? 'an element expected' : `${closer} expected`);
      this.#at++;
    }
    if (found.length > 1 || closer !== '') {
      for (const one of found) if (one.elements.length === 0) throw this.#error('an empty alternative');
    }
    return found;
  }

  #sequence(): Sequence {
    const elements: RepeatableElement[] = [];
    for (;;) {
      this.#skipSpaces();
      const next = this.#text.charAt(this.#at);
      if (next === '' || next === '|' || next === ']' || next === ')' || next === '>') {
        return { elements, repeats: false };
      }
      if (this.#text.startsWith('...', this.#at)) {
        this.#at += 3;
        this.#skipSpaces();
        const last = elements.pop();
        if (last === undefined) throw this.#error('something to repeat expected before ...');
        if (last.kind === 'group') {
          elements.push({ ...last, repeats: true });
          continue;
        }
        elements.push(last);
        if (this.#text.charAt(this.#at) !== ']') throw this.#error('] expected after ...');
        return { elements, repeats: true };
      }
      elements.push(this.#element());
    }
  }

  #element(): RepeatableElement {
    LABEL.lastIndex = this.#at;
    const label = LABEL.exec(this.#text)?.[1];
    if (label !== undefined) this.#at += label.length + 1;
    const opener = this.#text.charAt(this.#at);
    const closer = CLOSERS[opener];
    if (closer !== undefined) {
      this.#at++;
      const alternatives = this.alternatives(closer);
      SUFFIX.lastIndex = this.#at;
      const suffixText = SUFFIX.exec(this.#text)?.[0] ?? '';
      this.#at += suffixText.length;
      const inner = alternatives.map((one) => one.elements.map((e) => e.spelling).join(' ')).join('|');
      const kind = opener === '[' ? 'optional' : 'group';
      const spelling = kind === 'optional' ? `[${inner}]` : `(${inner})`;
      return { kind, label, suffix: suffixOf(suffixText), spelling, alternatives, repeats: false };
    }
    return this.#word(label);
  }

  #word(label: string | undefined): RepeatableElement {
    WORD.lastIndex = this.#at;
    const whole = WORD.exec(this.#text)?.[0];
    if (whole === undefined) throw this.#error('an element expected');
    const suffixText = SUFFIX_AT_END.exec(whole)?.[0] ?? '';
    const word = whole.slice(0, whole.length - suffixText.length);
    const suffix = suffixOf(suffixText);
    if (TOKEN.test(word)) {
      this.#at += whole.length;
      const token = word === '""' ? '' : word;
      return { kind: 'token', label, suffix, spelling: word, token, repeats: false };
    }
    if (!NAME.test(word)) throw this.#error('a name in lower case or a TOKEN in capitals expected');
    this.#at += whole.length;
    const explicit = EXPLICIT_TYPE.exec(word);
    const name = explicit?.[1] ?? word;
    const type = (explicit?.[2] as UsageType | undefined) ?? typeOfName(name);
    return { kind: 'name', label, suffix, spelling: name, name, type, repeats: false };
  }

  #skipSpaces(): void {
    while (this.#text.charAt(this.#at) === ' ') this.#at++;
  }

  #error(expected: string): UsageSyntaxError {
    return new UsageSyntaxError(this.#text, this.#at, expected);
  }
}

function suffixOf(text: string): Suffix {
  const index = /#(\d+)/.exec(text)?.[1];
  return {
    keySpecIndex: index === undefined ? undefined : Number(index),
    since: /@([\d.]+)/.exec(text)?.[1],
    deprecatedSince: /!([\d.]+)/.exec(text)?.[1],
  };
}

function typeOfName(name: string): UsageType {
  return Object.hasOwn(NAME_TYPES, name) ? NAME_TYPES[name] : 'string';
}

// ---------------------------------------------------------------------- from elements to arguments

/** A tree while it is built: the same fields, not yet fixed. */
type Draft = { -readonly [K in keyof UsageArgument]: UsageArgument[K] };

class TreeBuilder {
  #nextKeySpec = 0;

  /** The arguments that a sequence becomes. */
  sequence(sequence: Sequence): UsageArgument[] {
    return this.#drafts(sequence);
  }

  #drafts(sequence: Sequence): Draft[] {
    const drafts: Draft[] = [];
    const { elements } = sequence;
    // `from` marks where each argument's elements begin, so that a repetition finds what it repeats.
    const from: number[] = [];
    let at = 0;
    while (at < elements.length) {
      const element = elements[at];
      const repeated = repeatedBy(element);
      if (repeated !== undefined) {
        this.#repeat(drafts, from, elements, at, repeated);
        at++;
        continue;
      }
      const begin = at;
      at = element.kind === 'token' ? tokenReach(elements, at) : at + 1;
      from.push(begin);
      drafts.push(
        element.kind === 'token' ? this.#withToken(element, elements.slice(begin + 1, at)) : this.#one(element),
      );
    }
    return drafts;
  }

  /** Turns the arguments before `at` that `repeated` spells again into one that repeats. */
  #repeat(
    drafts: Draft[],
    from: number[],
    elements: readonly RepeatableElement[],
    at: number,
    repeated: readonly RepeatableElement[],
  ): void {
    const begin = at - repeated.length;
    const same =
      begin >= 0 &&
      repeated.every((element, i) => element.spelling === elements[begin + i].spelling) &&
      drafts.length > 0;
    const first = from.indexOf(begin);
    if (!same || first < 0) {
      // `[key ...]` after something else: optional and repeating.
      const draft = this.#block(this.#drafts({ elements: repeated, repeats: false }), undefined);
      draft.flags = ['optional', 'multiple'];
      from.push(at);
      drafts.push(draft);
      return;
    }
    const draft = this.#block(drafts.splice(first), undefined);
    from.splice(first + 1);
    draft.flags = repeated[0].kind === 'token' ? ['multiple', 'multiple_token'] : ['multiple'];
    drafts.push(draft);
  }

  /** A name or a bracket without a token before it. */
  #one(element: RepeatableElement): Draft {
    switch (element.kind) {
      case 'name':
        return this.#leaf(element);
      case 'token':
        return this.#pureToken(element);
      case 'group':
      case 'optional': {
        const draft = this.#group(element.alternatives, element.label);
        if (element.label !== undefined) rename(draft, element.label);
        applySuffix(draft, element.suffix);
        if (element.kind === 'optional') draft.flags = ['optional', ...draft.flags.filter((f) => f !== 'optional')];
        if (element.repeats) draft.flags = [...draft.flags, 'multiple'];
        return draft;
      }
    }
  }

  #group(alternatives: readonly Sequence[], label: string | undefined): Draft {
    if (alternatives.length === 1) {
      const [only] = alternatives;
      const draft = this.#block(this.#drafts({ ...only, repeats: false }), label);
      if (only.repeats) draft.flags = [...draft.flags, 'multiple'];
      return draft;
    }
    const parts = alternatives.map((one) => this.#block(this.#drafts(one), undefined));
    return emptyDraft(label ?? choiceName(parts), 'oneof', parts);
  }

  /** Several arguments as one block; a single one as it is. */
  #block(parts: Draft[], label: string | undefined): Draft {
    if (parts.length === 1) return parts[0];
    return emptyDraft(label ?? parts.map((part) => part.name).join('_'), 'block', parts);
  }

  #leaf(element: Extract<RepeatableElement, { kind: 'name' }>): Draft {
    const draft = emptyDraft(element.label ?? element.name, element.type, []);
    draft.displayText = draft.name;
    applySuffix(draft, element.suffix);
    if (element.type === 'key') draft.keySpecIndex ??= this.#nextKeySpec;
    if (draft.keySpecIndex !== undefined) this.#nextKeySpec = Math.max(this.#nextKeySpec, draft.keySpecIndex + 1);
    return draft;
  }

  #pureToken(element: Extract<RepeatableElement, { kind: 'token' }>): Draft {
    const name = SYMBOL_NAMES[element.token] ?? element.token.toLowerCase();
    const draft = emptyDraft(element.label ?? name, 'pure-token', []);
    draft.displayText = draft.name;
    draft.token = element.token;
    applySuffix(draft, element.suffix);
    return draft;
  }

  /** A token with what it takes. */
  #withToken(element: Extract<RepeatableElement, { kind: 'token' }>, taken: readonly RepeatableElement[]): Draft {
    if (taken.length === 0) return this.#pureToken(element);
    const parts = this.#drafts({ elements: taken, repeats: false });
    let draft = this.#block(parts, undefined);
    // A part that has a token of its own, or is optional, cannot carry this one.
    if (draft.token !== undefined || draft.flags.includes('optional')) draft = emptyDraft(draft.name, 'block', [draft]);
    draft.token = element.token;
    const [only] = taken;
    const unnamedChoice = draft.type === 'oneof' && only.label === undefined && !isKnownChoice(draft.arguments);
    if (unnamedChoice) draft.name = element.token.toLowerCase();
    if (element.label !== undefined) rename(draft, element.label);
    applySuffix(draft, element.suffix);
    return draft;
  }
}

/** The elements of `[x ...]`, undefined for anything else. */
function repeatedBy(element: RepeatableElement): readonly RepeatableElement[] | undefined {
  if (element.kind !== 'optional' || element.label !== undefined || element.alternatives.length !== 1) return undefined;
  const [only] = element.alternatives;
  return only.repeats ? only.elements : undefined;
}

/** The end of the elements that the token at `at` takes. */
function tokenReach(elements: readonly RepeatableElement[], at: number): number {
  let end = at + 1;
  for (; end < elements.length; end++) {
    const element = elements[end];
    if (element.kind === 'token') break;
    if (element.kind !== 'optional') continue;
    // A repetition belongs to the token only when it repeats what the token took, not the token itself.
    const repeated = repeatedBy(element);
    if (repeated === undefined || repeated[0].kind === 'token') break;
  }
  return end;
}

function emptyDraft(name: string, type: UsageType, parts: readonly UsageArgument[]): Draft {
  return {
    name,
    type,
    displayText: undefined,
    keySpecIndex: undefined,
    token: undefined,
    since: undefined,
    deprecatedSince: undefined,
    flags: [],
    arguments: parts,
  };
}

function rename(draft: Draft, name: string): void {
  draft.name = name;
  if (draft.displayText !== undefined) draft.displayText = name;
}

function applySuffix(draft: Draft, suffix: Suffix): void {
  draft.keySpecIndex = suffix.keySpecIndex ?? draft.keySpecIndex;
  draft.since = suffix.since ?? draft.since;
  draft.deprecatedSince = suffix.deprecatedSince ?? draft.deprecatedSince;
}

function choiceKey(parts: readonly UsageArgument[]): string {
  return parts
    .map((part) => (part.type === 'pure-token' ? part.token : '?'))
    .sort()
    .join(' ');
}

function isKnownChoice(parts: readonly UsageArgument[]): boolean {
  return Object.hasOwn(CHOICE_NAMES, choiceKey(parts));
}

function choiceName(parts: readonly UsageArgument[]): string {
  if (parts.some((part) => part.token !== undefined && EXPIRATION_TOKENS.has(part.token))) return 'expiration';
  if (isKnownChoice(parts)) return CHOICE_NAMES[choiceKey(parts)];
  return parts.map((part) => part.name).join('_');
}
