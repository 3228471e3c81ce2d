// Programs under way on a backend, a bounded number at a time.

/** Work is started in order and may end in any. Of several failures the one of the earliest work is the cause of the others. */
export class InFlight {
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly order: number; readonly error: unknown } | undefined;
  private started = 0;

  /** `most`: number of works that may run at once. */
  constructor(private readonly most: number) {}

  /** Starts `work` once there is room, without waiting for its end. Rejects as `settle` when something has failed before. */
  async start(work: () => Promise<unknown>): Promise<void> {
    while (this.running.size >= this.most && !this.failure) await Promise.race(this.running);
    if (this.failure) await this.settle();
    const order = this.started++;
    const run: Promise<void> = work()
      .then(
        () => undefined,
        (error: unknown) => {
          if (!this.failure || order < this.failure.order) this.failure = { order, error };
        },
      )
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Resolves when all work has ended; rejects with the failure of the earliest that failed. */
  async settle(): Promise<void> {
    await Promise.all(this.running);
    if (this.failure) throw this.failure.error;
  }
}
