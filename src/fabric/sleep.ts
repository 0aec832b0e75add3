// Standing still on purpose: DEBUG SLEEP stops a shard for a time. Atomics.wait is the only way to do so without
// burning the processor, and it lives here because this folder alone uses Atomics.

const word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Blocks the calling thread for `ms` milliseconds. */
export function sleepMs(ms: number): void {
  if (ms > 0) Atomics.wait(word, 0, 0, ms);
}
