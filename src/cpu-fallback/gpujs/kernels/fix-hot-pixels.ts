// gpu.js kernel of contracts/fix-hot-pixels.ts: the medians of all samples first, then the test against those of the neighbours.
import type { fixHotPixels as contract } from '../../../compute/contracts/fix-hot-pixels.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { cutBox, pasteTile, TILE, tileCorners } from '../tiles.js';

/**
 * Median of the valid ones among the 8 samples at distance `step`, by a sorting network of 19 comparators (the fewest for 8); blanks sort
 * to the low end. Blank where none is valid. The input reaches `step` pixels around the tile.
 */
const medianOfEight: DeviceKernel = {
  name: 'fix-hot-pixels median',
  arguments: { image: 'Array', step: 'Integer', stride: 'Integer' },
  output: [TILE, TILE],
  code: function (this: DeviceThis, image: Float32Array, step: number, stride: number) {
    const limit = this.constants.blankLimit;
    const above = this.thread.y * stride + this.thread.x + step;
    const level = above + step * stride;
    const below = level + step * stride;
    let a = image[above - step];
    let b = image[above];
    let c = image[above + step];
    let d = image[level - step];
    let e = image[level + step];
    let f = image[below - step];
    let g = image[below];
    let h = image[below + step];
    let n = 0;
    if (a > limit) n = n + 1;
    if (b > limit) n = n + 1;
    if (c > limit) n = n + 1;
    if (d > limit) n = n + 1;
    if (e > limit) n = n + 1;
    if (f > limit) n = n + 1;
    if (g > limit) n = n + 1;
    if (h > limit) n = n + 1;
    let t = Math.min(a, c);
    c = Math.max(a, c);
    a = t;
    t = Math.min(b, d);
    d = Math.max(b, d);
    b = t;
    t = Math.min(e, g);
    g = Math.max(e, g);
    e = t;
    t = Math.min(f, h);
    h = Math.max(f, h);
    f = t;
    t = Math.min(a, e);
    e = Math.max(a, e);
    a = t;
    t = Math.min(b, f);
    f = Math.max(b, f);
    b = t;
    t = Math.min(c, g);
    g = Math.max(c, g);
    c = t;
    t = Math.min(d, h);
    h = Math.max(d, h);
    d = t;
    t = Math.min(a, b);
    b = Math.max(a, b);
    a = t;
    t = Math.min(c, d);
    d = Math.max(c, d);
    c = t;
    t = Math.min(e, f);
    f = Math.max(e, f);
    e = t;
    t = Math.min(g, h);
    h = Math.max(g, h);
    g = t;
    t = Math.min(c, e);
    e = Math.max(c, e);
    c = t;
    t = Math.min(d, f);
    f = Math.max(d, f);
    d = t;
    t = Math.min(b, e);
    e = Math.max(b, e);
    b = t;
    t = Math.min(d, g);
    g = Math.max(d, g);
    d = t;
    t = Math.min(b, c);
    c = Math.max(b, c);
    b = t;
    t = Math.min(d, e);
    e = Math.max(d, e);
    d = t;
    t = Math.min(f, g);
    g = Math.max(f, g);
    f = t;
    let median = this.constants.blankValue;
    if (n === 8) median = (d + e) / 2;
    if (n === 7) median = e;
    if (n === 6) median = (e + f) / 2;
    if (n === 5) median = f;
    if (n === 4) median = (f + g) / 2;
    if (n === 3) median = g;
    if (n === 2) median = (g + h) / 2;
    if (n === 1) median = h;
    return median;
  },
};

/** Input of a tile with the direct neighbours. */
const EDGE = TILE + 2;

/** Thresholds by parity (y, x) within the tile. */
const replaceIsolated: DeviceKernel = {
  name: 'fix-hot-pixels',
  arguments: {
    image: 'Array',
    medians: 'Array',
    threshold00: 'Float',
    threshold01: 'Float',
    threshold10: 'Float',
    threshold11: 'Float',
    isolation: 'Float',
    blanks: 'Integer',
  },
  output: [TILE, TILE],
  constants: { stride: EDGE },
  code: function (
    this: DeviceThis,
    image: Float32Array,
    medians: Float32Array,
    threshold00: number,
    threshold01: number,
    threshold10: number,
    threshold11: number,
    isolation: number,
    blanks: number,
  ) {
    const limit = this.constants.blankLimit;
    const stride = this.constants.stride;
    const at = (this.thread.y + 1) * stride + this.thread.x + 1;
    const site = (this.thread.y & 1) * 2 + (this.thread.x & 1);
    let threshold = threshold00;
    if (site === 1) threshold = threshold01;
    if (site === 2) threshold = threshold10;
    if (site === 3) threshold = threshold11;
    const v = image[at];
    const m = medians[at];
    let value = v;
    if (v > limit && m > limit) {
      const e = v - m;
      if (Math.abs(e) > threshold) {
        let sign = 1;
        if (e < 0) sign = -1;
        // Less than any excess: where no neighbour counts, the sample counts as alone.
        let most = this.constants.blankValue;
        for (let k = 0; k < 4; k++) {
          let near = at - 1;
          if (k === 1) near = at + 1;
          if (k === 2) near = at - stride;
          if (k === 3) near = at + stride;
          const other = image[near];
          const median = medians[near];
          if (other > limit && median > limit) most = Math.max(most, sign * (other - median));
        }
        if (most < isolation * Math.abs(e)) {
          value = m;
          if (blanks === 1) value = this.constants.blankValue;
        }
      }
    }
    return value;
  },
};

/** Replaces isolated hot and cold samples by the median of their like neighbours, or leaves them out; see the contract. */
export async function fixHotPixels(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: { image: Float32Array; fixed: Float32Array },
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, originX, originY, step, isolation, blanks } = p;
  const image = { data: b.image, start: 0, width, height };
  const medians = { ...image, data: new Float32Array(width * height) };
  const reach = TILE + 2 * step;
  const wide = new Float32Array(reach * reach);
  for (const [x, y] of tileCorners(width, height)) {
    cutBox(image, { x: x - step, y: y - step, width: reach, height: reach }, wide);
    pasteTile(engine.launch(medianOfEight, [wide, step, reach]), medians, x, y);
    await turn();
  }
  const bySite = [p.threshold00, p.threshold01, p.threshold10, p.threshold11];
  const thresholds = [0, 1, 2, 3].map(
    (site) => bySite[(((site >> 1) + originY) & 1) * 2 + ((site + originX) & 1)],
  );
  const imageTile = new Float32Array(EDGE * EDGE);
  const medianTile = new Float32Array(EDGE * EDGE);
  for (const [x, y] of tileCorners(width, height)) {
    const box = { x: x - 1, y: y - 1, width: EDGE, height: EDGE };
    const tiles = [cutBox(image, box, imageTile), cutBox(medians, box, medianTile)];
    const rows = engine.launch(replaceIsolated, [...tiles, ...thresholds, isolation, blanks]);
    pasteTile(rows, { ...image, data: b.fixed }, x, y);
    await turn();
  }
}
