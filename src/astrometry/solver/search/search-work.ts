// What a search has cost, counted and not timed: the same on every machine, in every thread, however busy others are.

/** Milliseconds of one core of a server of 2024; 44 searches of all optics took within a fifth of what this says, a few a third less. */
const COST_MS = { skyPattern: 9e-4, lookUp: 5.6e-3, hypothesis: 8.6e-3, test: 0.039, verification: 10 };

/** Of one search with a budget in such milliseconds. */
export class SearchWork {
  readonly #budgetMs: number;
  #ms = 0;

  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  get ms(): number {
    return this.#ms;
  }

  get isSpent(): boolean {
    return this.#ms > this.#budgetMs;
  }

  add(what: keyof typeof COST_MS, count = 1): void {
    this.#ms += count * COST_MS[what];
  }
}
