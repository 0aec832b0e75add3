// Words of a configuration line, quoted as Redis quotes them (and as redis-cli and inline commands do):
//
//   plain words, "double quotes" with \n \r \t \b \a \" \\ and \xHH, 'single quotes' with \' only.
//
// A closing quote ends its word: a blank or the end of the line must follow. Texts are JavaScript strings that stand for
// their UTF-8 bytes; \xHH gives a byte, so that several of them can spell one character.

const BLANKS = new Set([' ', '\n', '\r', '\t', '\v', '\f']);
/** What ends a word outside quotes. */
const WORD_ENDS = new Set([' ', '\n', '\r', '\t']);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07'],
]);
const PATTERN_HEX = /^[0-9a-fA-F]{2}$/;

/** The words of `line`; undefined when its quotes are not balanced. */
export function splitWords(line: string): string[] | undefined {
  // One character per byte while escapes are resolved, text again at the end.
  const bytes = Buffer.from(line, 'utf8').toString('latin1');
  const words: string[] = [];
  let at = 0;
  while (true) {
    while (at < bytes.length && BLANKS.has(bytes.charAt(at))) at++;
    if (at >= bytes.length) return words;
    let word = '';
    let open = '';
    for (; at < bytes.length; at++) {
      const char = bytes.charAt(at);
      if (open === '"' && char === '\\' && at + 1 < bytes.length) {
        const hex = bytes.slice(at + 2, at + 4);
        if (bytes.charAt(at + 1) === 'x' && PATTERN_HEX.test(hex)) {
          word += String.fromCharCode(parseInt(hex, 16));
          at += 3;
        } else {
          at++;
          word += ESCAPES.get(bytes.charAt(at)) ?? bytes.charAt(at);
        }
      } else if (open === "'" && char === '\\' && bytes.charAt(at + 1) === "'") {
        at++;
        word += "'";
      } else if (open !== '') {
        if (char === open) {
          const next = bytes.charAt(at + 1);
          if (next !== '' && !BLANKS.has(next)) return undefined;
          open = '';
          at++;
          break;
        }
        word += char;
      } else if (WORD_ENDS.has(char)) {
        break;
      } else if (char === '"' || char === "'") {
        open = char;
      } else {
        word += char;
      }
    }
    if (open !== '') return undefined;
    words.push(Buffer.from(word, 'latin1').toString('utf8'));
  }
}

const QUOTED: ReadonlyMap<number, string> = new Map([
  [0x5c, '\\\\'],
  [0x22, '\\"'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x07, '\\a'],
  [0x08, '\\b'],
]);

/** `text` in double quotes, every byte that is not printable ASCII escaped: `splitWords` reads it back. */
export function quote(text: string): string {
  let quoted = '"';
  for (const byte of Buffer.from(text, 'utf8')) {
    const escape = QUOTED.get(byte);
    if (escape !== undefined) quoted += escape;
    else if (byte >= 0x20 && byte < 0x7f) quoted += String.fromCharCode(byte);
    else quoted += '\\x' + byte.toString(16).padStart(2, '0');
  }
  return quoted + '"';
}
