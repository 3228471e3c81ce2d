// The parts of a buffer that nothing has written yet: they count as zero, and are cleared only when something would see them.

const NONE: readonly (readonly [number, number])[] = [];

/** Ascending, separate ranges [start, end) of elements. */
export class Unwritten {
  /** Undefined while nothing has been written. */
  private ranges: readonly (readonly [number, number])[] | undefined;

  constructor(private readonly length: number) {}

  get isEmpty(): boolean {
    return this.ranges === NONE;
  }

  /** The range [start, end) has been written whole. */
  wrote(start: number, end: number): void {
    if (start >= end || this.ranges === NONE) return;
    // nearly every buffer is written whole, once
    if (start <= 0 && end >= this.length) {
      this.ranges = NONE;
      return;
    }
    const rest = this.all().flatMap(([a, b]) => {
      const left: [number, number] = [a, Math.min(b, start)];
      const right: [number, number] = [Math.max(a, end), b];
      return [left, right].filter(([from, to]) => from < to);
    });
    this.ranges = rest.length > 0 ? rest : NONE;
  }

  /** What has to be cleared now; afterwards nothing is unwritten. */
  takeAll(): readonly (readonly [number, number])[] {
    const all = this.all();
    this.ranges = NONE;
    return all;
  }

  private all(): readonly (readonly [number, number])[] {
    return this.ranges ?? [[0, this.length]];
  }
}
