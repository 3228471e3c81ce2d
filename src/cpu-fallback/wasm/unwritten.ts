// The parts of a buffer that nothing has written yet: they count as zero, and are cleared only when something would see them.

/** Ascending, separate ranges [start, end) of elements. */
export class Unwritten {
  private ranges: (readonly [number, number])[];

  constructor(length: number) {
    this.ranges = [[0, length]];
  }

  /** The range [start, end) has been written whole. */
  wrote(start: number, end: number): void {
    if (start >= end) return;
    this.ranges = this.ranges.flatMap(([a, b]) => {
      const left: [number, number] = [a, Math.min(b, start)];
      const right: [number, number] = [Math.max(a, end), b];
      return [left, right].filter(([from, to]) => from < to);
    });
  }

  /** What has to be cleared now; afterwards nothing is unwritten. */
  takeAll(): readonly (readonly [number, number])[] {
    const all = this.ranges;
    this.ranges = [];
    return all;
  }
}
