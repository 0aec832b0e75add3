// Progress of a run: a bar on a terminal, one plain line per step otherwise (a log, a pipe).
import { SingleBar, Presets } from 'cli-progress';
import type { Progress } from './scenario.js';

/** Progress on stderr, so that stdout holds the result only. */
export function createProgress(): Progress {
  return process.stderr.isTTY ? new BarProgress() : new LineProgress();
}

class BarProgress implements Progress {
  readonly #bar = new SingleBar(
    {
      format: '{bar} {value}/{total}  {label}  {detail}',
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  #steps = 0;

  plan(steps: number): void {
    this.#steps = 0;
    this.#bar.start(steps, 0, { label: '', detail: '' });
  }

  step(label: string): void {
    // The bar counts steps that are done.
    this.#bar.update(this.#steps++, { label, detail: '' });
  }

  detail(text: string): void {
    this.#bar.update({ detail: text });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class LineProgress implements Progress {
  #steps = 0;
  #done = 0;

  plan(steps: number): void {
    this.#steps = steps;
    this.#done = 0;
  }

  step(label: string): void {
    this.#done++;
    process.stderr.write(`[${this.#done}/${this.#steps}] ${label}\n`);
  }

  detail(): void {
    // Lines come once a step.
  }

  stop(): void {
    // Nothing to take back.
  }
}
