// LZF, the compression of strings in RDB files (format of liblzf by Marc Lehmann): literals and references to what came
// before, byte by byte.
//
//   000lllll                             l + 1 literal bytes follow
//   lllooooo oooooooo                    l + 2 bytes (l = 1 to 6) from offset o + 1 back
//   111ooooo llllllll oooooooo           l + 9 bytes from offset o + 1 back
//
// The compressor remembers one place for each hash of three bytes and takes the first match that it meets.

const LITERALS_MAX = 32;
const OFFSET_MAX = 8192;
const MATCH_MIN = 3;
const MATCH_MAX = 264;
const SHORT_LENGTH_MAX = 6;
const LONG_MARK = 7 << 5;
/** What one byte of input may become at most, about. */
export const LZF_EXPANSION_MAX = MATCH_MAX / 2;

const HASH_BITS = 14;
const HASH_MULTIPLIER = 0x9e3779b1 | 0;
/** Where three bytes of that hash stood, as position + `epoch`: what another input left is below `epoch`. */
const places = new Int32Array(1 << HASH_BITS);
let epoch = 1;
const EPOCH_MAX = 2 ** 30;

function hashAt(bytes: Uint8Array, at: number): number {
  const three = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  return Math.imul(three, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
}

/**
 * Compresses `bytes[start, end)` into `into` from `at` on; returns the end, or -1 when that would be behind `limit`, and then
 * `into` holds anything.
 */
export function compressLzf(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
): number {
  if (epoch + (end - start) > EPOCH_MAX) {
    places.fill(0);
    epoch = 1;
  }
  const base = epoch - start;
  epoch += end - start;
  let out = at + 1; // the byte before the literals says how many they are
  let literals = 0;
  let i = start;
  while (i < end) {
    const length = i + MATCH_MIN <= end ? matchAt(bytes, start, i, end, base) : 0;
    if (length === 0) {
      if (out >= limit) return -1;
      into[out++] = bytes[i++];
      if (++literals < LITERALS_MAX) continue;
      into[out - literals - 1] = literals - 1;
      literals = 0;
      out++;
      continue;
    }
    if (literals === 0) out--;
    else into[out - literals - 1] = literals - 1;
    literals = 0;
    if (out + MATCH_MIN + 1 >= limit) return -1;
    const offset = i - matched - 1;
    const rest = length - 2;
    if (rest <= SHORT_LENGTH_MAX) {
      into[out++] = (rest << 5) | (offset >>> 8);
    } else {
      into[out++] = LONG_MARK | (offset >>> 8);
      into[out++] = rest - SHORT_LENGTH_MAX - 1;
    }
    into[out++] = offset & 0xff;
    out++;
    i += length;
  }
  if (literals === 0) out--;
  else into[out - literals - 1] = literals - 1;
  return out > limit ? -1 : out;
}

/** Where the match that `matchAt` found begins. */
let matched = 0;

/** Bytes from `at` on that came before within reach; 0: none. Remembers the place. */
function matchAt(bytes: Uint8Array, start: number, at: number, end: number, base: number): number {
  const hash = hashAt(bytes, at);
  const place = places[hash] - base;
  places[hash] = at + base;
  if (place < start || at - place > OFFSET_MAX) return 0;
  if (bytes[place] !== bytes[at] || bytes[place + 1] !== bytes[at + 1] || bytes[place + 2] !== bytes[at + 2]) return 0;
  const most = Math.min(end - at, MATCH_MAX);
  let length = MATCH_MIN;
  while (length < most && bytes[place + length] === bytes[at + length]) length++;
  matched = place;
  return length;
}

/**
 * Expands `bytes[start, end)` into `into[at, limit)`, which it must fill exactly; false when it does not, or is broken.
 * Nothing is read or written outside.
 */
export function expandLzf(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
): boolean {
  let out = at;
  for (let i = start; i < end;) {
    const head = bytes[i++];
    if (head < LITERALS_MAX) {
      const literals = head + 1;
      if (i + literals > end || out + literals > limit) return false;
      for (let k = 0; k < literals; k++) into[out++] = bytes[i++];
      continue;
    }
    let length = head >>> 5;
    if (length === LONG_MARK >>> 5) {
      if (i >= end) return false;
      length += bytes[i++];
    }
    length += 2;
    if (i >= end) return false;
    let from = out - (((head & 0x1f) << 8) | bytes[i++]) - 1;
    if (from < at || out + length > limit) return false;
    for (let k = 0; k < length; k++) into[out++] = into[from++];
  }
  return out === limit;
}
