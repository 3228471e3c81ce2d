// What the offsets of frames add up to in their weighted mean, row by row: steps where frames end, and nothing else.
import type { RowSurface } from './corrected-source.js';
import type { HealFrame } from './frame-offsets.js';

/** Rows of `nx` columns; outlines are crossed twice by a row (quadrangles without dents). Memory: a few rows. */
export function offsetSurface(frames: readonly HealFrame[], offsets: Float64Array, nx: number): RowSurface {
  const spans = frames.map(({ outline }) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 1; i < outline.length; i += 2)
      [low, high] = [Math.min(low, outline[i]), Math.max(high, outline[i])];
    return [low, high] as const;
  });
  const light = new Float64Array(nx + 1);
  const weight = new Float64Array(nx + 1);
  const count = new Int32Array(nx + 1);
  return {
    row(y, out) {
      light.fill(0);
      weight.fill(0);
      count.fill(0);
      frames.forEach((frame, f) => {
        if (y < spans[f][0] || y > spans[f][1]) return;
        const [from, to] = crossings(frame.outline, y);
        const first = Math.max(0, Math.ceil(from));
        const end = Math.min(nx, Math.floor(to) + 1);
        if (!(end > first)) return;
        light[first] += frame.weight * offsets[f];
        light[end] -= frame.weight * offsets[f];
        weight[first] += frame.weight;
        weight[end] -= frame.weight;
        count[first]++;
        count[end]--;
      });
      let [l, w, n] = [0, 0, 0];
      for (let x = 0; x < nx; x++) {
        l += light[x];
        w += weight[x];
        n += count[x];
        // where sums should be 0 rounding is left
        out[x] = n > 0 ? l / w : 0;
      }
    },
  };
}

function crossings(outline: Float64Array, y: number): [number, number] {
  let [from, to] = [Infinity, -Infinity];
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [y1, y2] = [outline[i + 1], outline[j + 1]];
    if (y1 > y === y2 > y) continue;
    const x = outline[i] + ((y - y1) * (outline[j] - outline[i])) / (y2 - y1);
    if (x < from) from = x;
    if (x > to) to = x;
  }
  return [from, to];
}
