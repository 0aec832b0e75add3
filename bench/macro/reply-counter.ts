// Counts the replies in a RESP2 byte stream that is cut anywhere. The load generator's hot path: no allocation but for the
// text of an error.
//
//   TYPE -> LINE (+ - :) -> TYPE            TYPE -> LENGTH ($) -> BODY (length + CRLF bytes) -> TYPE
//   TYPE -> LENGTH (*) -> TYPE, and the reply has so many values more

const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const MINUS = 0x2d;
const DOLLAR = 0x24;
const STAR = 0x2a;

const AT_TYPE = 0;
const IN_LINE = 1;
const IN_ERROR = 2;
const IN_LENGTH = 3;
const IN_BODY = 4;

export class ReplyCounter {
  /** Replies that are complete, errors included. */
  replies = 0;
  /** Error replies, also within arrays. */
  errors = 0;
  /** `$-1` and `*-1`, also within arrays. */
  nils = 0;
  /** Text of the first error. */
  firstError = '';
  #state = AT_TYPE;
  /** The reply's values that have not come yet. */
  #owed = 1;
  #isArray = false;
  #length = 0;
  #negative = false;
  #error = '';

  /** Takes the next bytes of the stream. */
  push(bytes: Uint8Array): void {
    const end = bytes.length;
    let i = 0;
    while (i < end) {
      if (this.#state === IN_BODY) {
        const step = Math.min(this.#length, end - i);
        this.#length -= step;
        i += step;
        if (this.#length === 0) this.#complete();
        continue;
      }
      const byte = bytes[i++];
      if (this.#state === AT_TYPE) this.#begin(byte);
      else if (this.#state === IN_LENGTH) this.#lengthByte(byte);
      else if (byte === LF) this.#complete();
      else if (this.#state === IN_ERROR && byte !== CR) this.#error += String.fromCharCode(byte);
    }
  }

  #begin(type: number): void {
    if (type === DOLLAR || type === STAR) {
      this.#state = IN_LENGTH;
      this.#isArray = type === STAR;
      this.#length = 0;
      this.#negative = false;
    } else if (type === MINUS) {
      this.#state = IN_ERROR;
      this.#error = '';
    } else if (type === 0x2b || type === 0x3a) {
      this.#state = IN_LINE;
    } else {
      throw new Error(`reply of unexpected type ${String.fromCharCode(type)}`);
    }
  }

  #lengthByte(byte: number): void {
    if (byte === MINUS) this.#negative = true;
    else if (byte === LF && this.#negative) this.#nil();
    else if (byte === LF && this.#isArray) {
      this.#owed += this.#length;
      this.#complete();
    } else if (byte === LF) {
      this.#state = IN_BODY;
      this.#length += 2;
    } else if (byte !== CR) this.#length = this.#length * 10 + byte - ZERO;
  }

  #nil(): void {
    this.nils++;
    this.#complete();
  }

  #complete(): void {
    if (this.#state === IN_ERROR) {
      if (this.errors === 0) this.firstError = this.#error;
      this.errors++;
    }
    this.#state = AT_TYPE;
    if (--this.#owed > 0) return;
    this.#owed = 1;
    this.replies++;
  }
}
