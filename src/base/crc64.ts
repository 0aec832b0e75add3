// CRC-64 with the polynomial of Jones, as Redis closes RDB files and DUMP payloads: reflected, starting at 0, not inverted.
// The check value of "123456789" is e9c6d914c4b8d9ca.
//
// A value is two halves of 32 bits. Eight bytes are taken at a time (slicing: one table for each of them).

/** The polynomial 0xad93d23594c935a9, its bits reversed: 0x95ac9329ac4bc9b5. */
const POLYNOMIAL_HIGH = 0x95ac9329 | 0;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const SLICES = 8;
const ENTRIES = 256;

const lows = new Int32Array(SLICES * ENTRIES);
const highs = new Int32Array(SLICES * ENTRIES);

for (let i = 0; i < ENTRIES; i++) {
  let low = i;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd === 0) continue;
    low ^= POLYNOMIAL_LOW;
    high ^= POLYNOMIAL_HIGH;
  }
  lows[i] = low;
  highs[i] = high;
}
for (let i = ENTRIES; i < SLICES * ENTRIES; i++) {
  const low = lows[i - ENTRIES];
  const high = highs[i - ENTRIES];
  lows[i] = ((low >>> 8) | (high << 24)) ^ lows[low & 0xff];
  highs[i] = (high >>> 8) ^ highs[low & 0xff];
}

/** A running checksum. */
export class Crc64 {
  /** Bits 0 to 31, and 32 to 63. */
  low = 0;
  high = 0;

  reset(): void {
    this.low = 0;
    this.high = 0;
  }

  /** Goes on over `bytes[start, end)`. */
  update(bytes: Uint8Array, start: number, end: number): void {
    let { low, high } = this;
    let at = start;
    for (; at + SLICES <= end; at += SLICES) {
      const a = low ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
      const b = high ^ (bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24));
      const a0 = 1792 + (a & 0xff);
      const a1 = 1536 + ((a >>> 8) & 0xff);
      const a2 = 1280 + ((a >>> 16) & 0xff);
      const a3 = 1024 + (a >>> 24);
      const b0 = 768 + (b & 0xff);
      const b1 = 512 + ((b >>> 8) & 0xff);
      const b2 = 256 + ((b >>> 16) & 0xff);
      const b3 = b >>> 24;
      low = lows[a0] ^ lows[a1] ^ lows[a2] ^ lows[a3] ^ lows[b0] ^ lows[b1] ^ lows[b2] ^ lows[b3];
      high = highs[a0] ^ highs[a1] ^ highs[a2] ^ highs[a3] ^ highs[b0] ^ highs[b1] ^ highs[b2] ^ highs[b3];
    }
    for (; at < end; at++) {
      const i = (low ^ bytes[at]) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ lows[i];
      high = (high >>> 8) ^ highs[i];
    }
    this.low = low;
    this.high = high;
  }

  /** True when the eight bytes at `at` hold the checksum, least significant first. */
  stands(bytes: Uint8Array, at: number): boolean {
    this.write(scratch, 0);
    for (let i = 0; i < CRC64_BYTES; i++) if (bytes[at + i] !== scratch[i]) return false;
    return true;
  }

  /** Writes the checksum, least significant byte first. */
  write(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      bytes[at + i] = this.low >>> (8 * i);
      bytes[at + 4 + i] = this.high >>> (8 * i);
    }
  }
}

export const CRC64_BYTES = 8;
const scratch = new Uint8Array(CRC64_BYTES);
