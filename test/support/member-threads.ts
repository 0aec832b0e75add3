// Starts one worker thread per member of a mesh from a plain .mjs file of this folder; a thread that fails rejects.
import { Worker } from 'node:worker_threads';

export interface MemberThreads {
  /** The next message of every thread. */
  next(): Promise<unknown[]>;
  post(message: unknown): void;
  end(): Promise<void>;
}

/** `file` is a name in test/support; `dataOf(self)` becomes the thread's workerData. */
export function startMembers(size: number, file: string, dataOf: (self: number) => unknown): MemberThreads {
  const workers = Array.from(
    { length: size },
    (_, self) => new Worker(new URL(file, import.meta.url), { workerData: dataOf(self) }),
  );
  const inboxes = workers.map((worker) => new Mailbox(worker));
  return {
    next: () => Promise.all(inboxes.map((inbox) => inbox.next())),
    post: (message) => {
      for (const worker of workers) worker.postMessage(message);
    },
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Keeps messages until they are asked for. */
class Mailbox {
  readonly #messages: unknown[] = [];
  #error: unknown;
  #waiting: { resolve: (message: unknown) => void; reject: (error: unknown) => void } | undefined;

  constructor(worker: Worker) {
    worker.on('message', (message: unknown) => {
      this.#messages.push(message);
      this.#settle();
    });
    worker.on('error', (error: unknown) => {
      this.#error = error;
      this.#settle();
    });
  }

  next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#settle();
    });
  }

  #settle(): void {
    if (this.#waiting === undefined) return;
    const { resolve, reject } = this.#waiting;
    if (this.#error !== undefined) reject(this.#error);
    else if (this.#messages.length !== 0) resolve(this.#messages.shift());
    else return;
    this.#waiting = undefined;
  }
}
