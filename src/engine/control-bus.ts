// Questions that one core asks all others (CLIENT LIST, CONFIG SET, ...). A star with the main thread in its middle:
//
//   asking core -> main: ask      main -> every core: question
//   every core -> main: answer    main -> asking core: answers
//
// The main thread passes questions on in the order in which it gets them, so all cores see them in one order.

import type { EventEmitter } from 'node:events';
import type { MessagePort, Worker } from 'node:worker_threads';
import { assert } from '../base/assert.js';
import type { ControlAnswers, ControlRequest } from '../contract/control.js';
import type { ShutdownMode } from '../contract/client.js';

/** What only the main thread can do. The answer is an error text, or undefined when it is done. */
export type MainRequest =
  | {
      readonly topic: 'config-set';
      readonly pairs: readonly (readonly [string, string])[];
      /** The client that asks is on this host. */
      readonly isLocal: boolean;
    }
  | { readonly topic: 'config-rewrite' }
  | { readonly topic: 'shutdown'; readonly mode: ShutdownMode };

export type MainHandler = (request: MainRequest) => Promise<string | undefined>;

export type ControlMessage =
  | { readonly kind: 'ask'; readonly ask: number; readonly request: ControlRequest }
  | { readonly kind: 'ask-main'; readonly ask: number; readonly request: MainRequest }
  | { readonly kind: 'main-answer'; readonly ask: number; readonly answer: string | undefined }
  | { readonly kind: 'question'; readonly question: number; readonly request: ControlRequest }
  | { readonly kind: 'answer'; readonly question: number; readonly answer: unknown }
  | { readonly kind: 'answers'; readonly ask: number; readonly answers: unknown[] };

/** One end of the way between the main thread and a core. */
export interface ControlPort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** A port over a worker (on the main thread) or a message port (on the other side). */
export function controlPort(port: MessagePort | Worker): ControlPort {
  return {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => {
      (port as EventEmitter).on('message', listener);
    },
  };
}

/** Answers a question on one core, between two of its commands. */
export type ControlHandler = (request: ControlRequest) => unknown;

function isControlMessage(message: unknown): message is ControlMessage {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

/** One core's end. */
export class ControlEnd {
  readonly #port: ControlPort;
  readonly #waiting = new Map<number, (answers: unknown[]) => void>();
  readonly #waitingForMain = new Map<number, (answer: string | undefined) => void>();
  #nextAsk = 1;

  constructor(port: ControlPort, handler: ControlHandler) {
    this.#port = port;
    port.onMessage((message) => {
      if (!isControlMessage(message)) return;
      if (message.kind === 'question') {
        const answer = handler(message.request);
        port.send({ kind: 'answer', question: message.question, answer } satisfies ControlMessage);
      } else if (message.kind === 'answers') {
        const resolve = this.#waiting.get(message.ask);
        assert(resolve !== undefined, 'answers belong to an ask');
        this.#waiting.delete(message.ask);
        resolve(message.answers);
      } else if (message.kind === 'main-answer') {
        const resolve = this.#waitingForMain.get(message.ask);
        assert(resolve !== undefined, 'an answer of the main thread belongs to an ask');
        this.#waitingForMain.delete(message.ask);
        resolve(message.answer);
      }
    });
  }

  /** Has the main thread do something; resolves to an error text, or undefined. */
  askMain(request: MainRequest): Promise<string | undefined> {
    const ask = this.#nextAsk++;
    return new Promise((resolve) => {
      this.#waitingForMain.set(ask, resolve);
      this.#port.send({ kind: 'ask-main', ask, request } satisfies ControlMessage);
    });
  }

  /** Asks every core; the answers come by core number. */
  everyCore<T extends keyof ControlAnswers>(request: ControlRequest & { topic: T }): Promise<ControlAnswers[T][]> {
    const ask = this.#nextAsk++;
    return new Promise((resolve) => {
      this.#waiting.set(ask, (answers) => {
        resolve(answers as ControlAnswers[T][]);
      });
      this.#port.send({ kind: 'ask', ask, request } satisfies ControlMessage);
    });
  }
}

/** The middle of the star, on the main thread. */
export class ControlHub {
  readonly #ports: ControlPort[] = [];
  readonly #open = new Map<number, { readonly answers: unknown[]; owed: number; readonly done: () => void }>();
  readonly #onMainRequest: MainHandler;
  #nextQuestion = 1;

  /** @param onMainRequest does what cores ask of the main thread itself */
  constructor(onMainRequest: MainHandler) {
    this.#onMainRequest = onMainRequest;
  }

  /** Adds the next core; all cores are added before the first question. */
  add(port: ControlPort): void {
    const core = this.#ports.length;
    this.#ports.push(port);
    port.onMessage((message) => {
      if (!isControlMessage(message)) return;
      if (message.kind === 'ask') {
        const { ask } = message;
        void this.askAll(message.request).then((answers) => {
          port.send({ kind: 'answers', ask, answers } satisfies ControlMessage);
        });
      } else if (message.kind === 'ask-main') {
        const { ask } = message;
        void this.#onMainRequest(message.request).then((answer) => {
          port.send({ kind: 'main-answer', ask, answer } satisfies ControlMessage);
        });
      } else if (message.kind === 'answer') {
        this.#onAnswer(core, message.question, message.answer);
      }
    });
  }

  /** Asks every core on behalf of the main thread. */
  askAll(request: ControlRequest): Promise<unknown[]> {
    const question = this.#nextQuestion++;
    return new Promise((resolve) => {
      const answers: unknown[] = new Array<unknown>(this.#ports.length).fill(undefined);
      this.#open.set(question, {
        answers,
        owed: this.#ports.length,
        done: () => {
          resolve(answers);
        },
      });
      for (const port of this.#ports) port.send({ kind: 'question', question, request } satisfies ControlMessage);
    });
  }

  #onAnswer(core: number, question: number, answer: unknown): void {
    const open = this.#open.get(question);
    assert(open !== undefined, 'an answer belongs to a question');
    open.answers[core] = answer;
    if (--open.owed > 0) return;
    this.#open.delete(question);
    open.done();
  }
}
