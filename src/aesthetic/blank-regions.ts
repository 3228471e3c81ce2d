// Which blank samples of a plane lie inside it: regions of blanks that do not reach its border.

/** Runs of blanks of one row as triples: first column, column behind the last, label. */
type Runs = readonly number[];

/**
 * Labels the blanks of a plane row by row (neighbours share a side; union of labels over runs: Rosenfeld & Pfaltz 1966, J. ACM 13, 471). Rows are added
 * once from the first to the last; then any strip of them can be asked for again. Memory: 4 bytes a region, the runs of one row a strip.
 */
export class BlankRegions {
  /** Label 0 is the outside; a root stands for itself. */
  #parent = new Int32Array(256);
  #count = 1;
  #above: Runs = [];
  #rows = 0;
  /** Before each strip: the runs of the row above, and the labels that were used up. */
  readonly #before: { readonly above: Runs; readonly count: number }[] = [];

  constructor(
    private readonly nx: number,
    private readonly ny: number,
    private readonly stripRows: number,
  ) {}

  /** The next row; blank is what is not finite. */
  addRow(row: Float32Array): void {
    if (this.#rows % this.stripRows === 0) this.#before.push({ above: this.#above, count: this.#count });
    const runs = this.#label(row, this.#above, () => this.#open());
    for (let k = 0; k < runs.length; k += 3) {
      const atBorder = runs[k] === 0 || runs[k + 1] === this.nx;
      if (atBorder || this.#rows === 0 || this.#rows === this.ny - 1) this.#join(runs[k + 2], 0);
      eachOver(this.#above, runs[k], runs[k + 1], (label) => this.#join(runs[k + 2], label));
    }
    this.#above = runs;
    this.#rows++;
  }

  /** Whether strip `s` holds blanks that lie inside; after the last row. */
  hasInside(s: number): boolean {
    const { above, count } = this.#before[s];
    const end = this.#before[s + 1]?.count ?? this.#count;
    for (let label = count; label < end; label++) if (this.#root(label) !== 0) return true;
    for (let k = 2; k < above.length; k += 3) if (this.#root(above[k]) !== 0) return true;
    return false;
  }

  /** Calls `visit(row, first, end)` for the runs of strip `s` that lie inside, `rows` being the strip's own, in order; after the last row. */
  insideOf(
    s: number,
    rows: readonly Float32Array[],
    visit: (row: number, first: number, end: number) => void,
  ): void {
    let { above, count } = this.#before[s];
    rows.forEach((row, y) => {
      above = this.#label(row, above, () => count++);
      for (let k = 0; k < above.length; k += 3)
        if (this.#root(above[k + 2]) !== 0) visit(y, above[k], above[k + 1]);
    });
  }

  /** The runs of a row, each with the label of one above it, or with one that `open` gives. */
  #label(row: Float32Array, above: Runs, open: () => number): number[] {
    const runs: number[] = [];
    for (let x = 0; x < this.nx; x++) {
      if (row[x] - row[x] === 0) continue;
      const first = x;
      while (x < this.nx && row[x] - row[x] !== 0) x++;
      let label = -1;
      eachOver(above, first, x, (one) => {
        if (label < 0) label = one;
      });
      runs.push(first, x, label < 0 ? open() : label);
    }
    return runs;
  }

  #open(): number {
    if (this.#count === this.#parent.length) {
      const more = new Int32Array(2 * this.#count);
      more.set(this.#parent);
      this.#parent = more;
    }
    this.#parent[this.#count] = this.#count;
    return this.#count++;
  }

  #root(label: number): number {
    const parent = this.#parent;
    while (parent[label] !== label) label = parent[label] = parent[parent[label]];
    return label;
  }

  #join(a: number, b: number): void {
    const [p, q] = [this.#root(a), this.#root(b)];
    // the smaller stands for both, so that the outside stays 0
    this.#parent[Math.max(p, q)] = Math.min(p, q);
  }
}

/** The labels of the runs that share columns with `first .. end - 1`. */
function eachOver(runs: Runs, first: number, end: number, visit: (label: number) => void): void {
  let [low, high] = [0, runs.length / 3];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[3 * middle + 1] <= first) low = middle + 1;
    else high = middle;
  }
  for (let k = 3 * low; k < runs.length && runs[k] < end; k += 3) visit(runs[k + 2]);
}
