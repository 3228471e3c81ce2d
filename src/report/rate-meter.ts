// How fast a phase goes and when it will be done.

/** Half of the weight lies on the last so many milliseconds: long enough to be steady, short enough to follow. */
const HALF_LIFE_MS = 5000;

/** Rate and remaining time from a series of (count, time) readings; the clock is the caller's. */
export class RateMeter {
  private rate: number | undefined;
  private lastDone: number;
  private lastMs: number;

  constructor(startMs: number, done = 0) {
    this.lastMs = startMs;
    this.lastDone = done;
  }

  /** Takes a reading: `done` items at `nowMs`. Readings at the same moment are gathered into the next one. */
  update(done: number, nowMs: number): void {
    const elapsed = nowMs - this.lastMs;
    if (elapsed <= 0) return;
    const current = (done - this.lastDone) / elapsed;
    const keep = 0.5 ** (elapsed / HALF_LIFE_MS);
    this.rate = this.rate === undefined ? current : keep * this.rate + (1 - keep) * current;
    this.lastDone = done;
    this.lastMs = nowMs;
  }

  /** Items a second; undefined before the first reading. */
  get perSecond(): number | undefined {
    return this.rate === undefined ? undefined : this.rate * 1000;
  }

  /** Milliseconds until `total` is reached; undefined while the rate is unknown or zero. */
  remainingMs(total: number): number | undefined {
    return this.rate !== undefined && this.rate > 0
      ? Math.max(0, total - this.lastDone) / this.rate
      : undefined;
  }
}
