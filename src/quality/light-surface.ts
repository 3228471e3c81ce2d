// What the light of frames adds up to in their weighted mean, row by row: it steps where frames end, and is a plane everywhere else.
import type { RowSurface } from '../output/sources/corrected-source.js';
import { LIGHT_TERMS, lightCoordinates, type LightFrame } from './light-frame.js';

/**
 * Rows of `nx` columns of `sum w_f e_f / sum w_f` over the frames of a place, e_f the plane of `light` (`[frames, 3]`); 0 where no frame is. Outlines are
 * crossed twice by a row (quadrangles without dents). Memory: a few rows.
 */
export function lightSurface(frames: readonly LightFrame[], light: Float64Array, nx: number): RowSurface {
  const placed = frames.map(({ outline }) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 1; i < outline.length; i += 2)
      [low, high] = [Math.min(low, outline[i]), Math.max(high, outline[i])];
    return { low, high, ...lightCoordinates(outline) };
  });
  const [level, slope, weight] = [0, 1, 2].map(() => new Float64Array(nx + 1));
  const count = new Int32Array(nx + 1);
  return {
    row(y, out) {
      for (const sums of [level, slope, weight, count]) sums.fill(0);
      frames.forEach((frame, f) => {
        const { low, high, centreX, centreY, invScale } = placed[f];
        if (y < low || y > high) return;
        const [from, to] = crossings(frame.outline, y);
        const first = Math.max(0, Math.ceil(from));
        const end = Math.min(nx, Math.floor(to) + 1);
        if (!(end > first)) return;
        const [a, b, c] = light.subarray(LIGHT_TERMS * f, LIGHT_TERMS * (f + 1));
        const along = frame.weight * b * invScale;
        const atZero = frame.weight * (a + (c * (y - centreY) - b * centreX) * invScale);
        level[first] += atZero;
        level[end] -= atZero;
        slope[first] += along;
        slope[end] -= along;
        weight[first] += frame.weight;
        weight[end] -= frame.weight;
        count[first]++;
        count[end]--;
      });
      let [l, s, w, n] = [0, 0, 0, 0];
      for (let x = 0; x < nx; x++) {
        l += level[x];
        s += slope[x];
        w += weight[x];
        n += count[x];
        // where sums should be 0 rounding is left
        out[x] = n > 0 ? (l + s * x) / w : 0;
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
