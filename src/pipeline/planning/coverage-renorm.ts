// The two-pass coverage renormalisation of the reference program: frames over thin parts are scaled towards their surroundings' coverage.
// It makes flux depend on coverage, not on anything measured: off by default, and the header says when it is on.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import type { BlockSpans } from './grid/block-spans.js';
import type { OutputGrid } from './grid/output-grid.js';

/** Limits of the local ratio, and the blurred coverage from which on it counts. */
const RATIO_CLIP = [0.5, 2] as const;
const MIN_COVERAGE = 2;

/**
 * Factor per frame: the median, over the blocks under it, of blurred coverage / coverage, the blur being G(C) / G(C > 0). Coverage is counted in
 * frames per block of the output grid. 1 for a frame without a block that counts. `sigmaPx`: width of the blur; `limits`: the least and the most that a factor may be.
 */
export function coverageGains(
  grid: OutputGrid,
  frames: readonly BlockSpans[],
  sigmaPx: number,
  limits: readonly [number, number],
): number[] {
  const nx = Math.ceil(grid.nx / BLOCK_SIZE);
  const ny = Math.ceil(grid.ny / BLOCK_SIZE);
  const coverage = new Float64Array(nx * ny);
  for (const frame of frames) eachBlock(frame, nx, (block) => coverage[block]++);
  const blurred = blur(coverage, nx, ny, sigmaPx);
  const mask = blur(
    coverage.map((c) => (c > 0 ? 1 : 0)),
    nx,
    ny,
    sigmaPx,
  );
  return frames.map((frame) => {
    const ratios: number[] = [];
    eachBlock(frame, nx, (block) => {
      const level = blurred[block] / mask[block];
      if (level >= MIN_COVERAGE) ratios.push(clip(level / coverage[block], RATIO_CLIP));
    });
    return ratios.length === 0 ? 1 : clip(medianOf(ratios), limits);
  });
}

function eachBlock({ firstRow, spans }: BlockSpans, nx: number, visit: (block: number) => void): void {
  for (let r = 0; r < spans.length / 2; r++) {
    for (let b = spans[2 * r]; b <= spans[2 * r + 1]; b++) visit((firstRow + r) * nx + b);
  }
}

/** Gaussian blur over blocks, separable, nothing beyond the edges. */
function blur(values: Float64Array, nx: number, ny: number, sigmaPx: number): Float64Array {
  const sigma = sigmaPx / BLOCK_SIZE;
  const reach = Math.ceil(4 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / sigma) ** 2));
  const pass = (from: Float64Array, stepX: number, stepY: number) =>
    from.map((_, i) => {
      const [x, y] = [i % nx, Math.floor(i / nx)];
      let sum = 0;
      kernel.forEach((w, k) => {
        const [px, py] = [x + (k - reach) * stepX, y + (k - reach) * stepY];
        if (px >= 0 && py >= 0 && px < nx && py < ny) sum += w * from[py * nx + px];
      });
      return sum;
    });
  return pass(pass(values, 1, 0), 0, 1);
}

function clip(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(value, least), most);
}
