// The one loop of the micro benchmarks: warm up, then several rounds of one kind of work, the median round reported.

const WARM_UP_MS = 60;
const ROUND_MS = 40;
const ROUNDS = 7;

/** Nanoseconds per operation; `work` does `operations` of them and returns something that depends on all. */
export function nanosecondsPer(operations: number, work: () => number): number {
  let sink = 0;
  const rate = (budgetMs: number): number => {
    const begin = performance.now();
    let runs = 0;
    let passedMs = 0;
    while (passedMs < budgetMs) {
      sink ^= work();
      runs++;
      passedMs = performance.now() - begin;
    }
    return (passedMs * 1e6) / (runs * operations);
  };
  rate(WARM_UP_MS);
  const rounds = Array.from({ length: ROUNDS }, () => rate(ROUND_MS)).sort((a, b) => a - b);
  // Keeps the work from being optimised away.
  if (sink === 0x7fffffff) console.log('');
  return rounds[ROUNDS >> 1];
}

/** Prints one line of a table: a name and figures with their unit. */
export function report(name: string, ...figures: readonly string[]): void {
  console.log(name.padEnd(44) + figures.map((figure) => figure.padStart(16)).join(''));
}

/** `12.3 ns` */
export function ns(value: number): string {
  return `${value.toFixed(1)} ns`;
}
