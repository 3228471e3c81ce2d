// What the two warps share on gpu.js: every block of the cell, with the box of samples that it draws on, goes through one device function.
import { BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../../compute/constants.js';
import type { WARP_PARAMS } from '../../compute/contracts/warp.js';
import type { ParamsOf } from '../../compute/params.js';
import type { PlaneWindow } from '../warp-taps.js';
import type { GpujsEngine } from './engine.js';
import { blankTile, cutBox, pasteTile } from './tiles.js';
import { warpBlock } from './warp-code.js';

interface WarpBuffers {
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

/** Least and greatest value of a coordinate. */
type Range = readonly [number, number];

/** Samples of one plane of the result: pixels of a window, or the sites of a colour; coordinates are those of the frame's pixels, or sites. */
export interface WarpSource {
  readonly plane: PlaneWindow;
  /** Coordinates of the plane's first sample. */
  readonly x0: number;
  readonly y0: number;
  /** `lattice`, `siteX` and `siteY` of the device function. */
  readonly lattice: number;
  readonly siteX: number;
  readonly siteY: number;
  /** Coordinates of the samples before the frame positions of a block. */
  readonly rangesOf: (x: Range, y: Range) => readonly [Range, Range];
}

/** Blank samples around the plane that a box may hold: a position off the plane finds nothing else. */
const RIM = 6;
/** Smallest box that is compiled for; larger ones double, so that few sizes serve all. */
const LEAST_BOX = 8192;

/** Resamples every source onto its plane of the slot. */
export async function warpBlocks(
  engine: GpujsEngine,
  p: ParamsOf<typeof WARP_PARAMS>,
  clampThreshold: number,
  b: WarpBuffers,
  sources: readonly WarpSource[],
  turn: () => Promise<void>,
): Promise<void> {
  const { cellWidth: width, cellHeight: height } = p;
  let box = new Float32Array(LEAST_BOX);
  for (let y = 0, block = 0; y < height; y += BLOCK_SIZE) {
    for (let x = 0; x < width; x += BLOCK_SIZE, block += MAP_STRIDE) {
      const map = b.map.slice(block, block + MAP_STRIDE);
      const positions = [positionsOf(map[0], map.subarray(2, 11)), positionsOf(map[1], map.subarray(11, 20))];
      for (const [c, source] of sources.entries()) {
        const start = (p.slot * sources.length + c) * width * height;
        const out = { data: b.cube, start, width, height };
        const ranges = source.rangesOf(positions[0], positions[1]);
        const [fromX, toX] = tapsOf(ranges[0], source.x0, source.plane.width);
        const [fromY, toY] = tapsOf(ranges[1], source.y0, source.plane.height);
        if (toX <= 0 || fromX >= source.plane.width || toY <= 0 || fromY >= source.plane.height) {
          blankTile(out, x, y, BLOCK_SIZE);
          continue;
        }
        const [boxWidth, boxHeight] = [toX - fromX, toY - fromY];
        if (boxWidth * boxHeight > box.length) {
          box = new Float32Array(2 ** Math.ceil(Math.log2(boxWidth * boxHeight)));
        }
        cutBox(source.plane, { x: fromX, y: fromY, width: boxWidth, height: boxHeight }, box);
        const rows = engine.launch(warpBlock, [
          box,
          map,
          b.levels.slice(c * (1 + LEVEL_TERMS), (c + 1) * (1 + LEVEL_TERMS)),
          b.lanczos,
          boxWidth,
          boxHeight,
          source.x0 + fromX,
          source.y0 + fromY,
          source.lattice,
          source.siteX,
          source.siteY,
          map[0],
          map[1],
          p.frameWidth - 1,
          p.frameHeight - 1,
          p.kernel,
          clampThreshold,
          map[0] - p.centreX,
          map[1] - p.centreY,
          p.invScale,
        ]);
        pasteTile(rows, out, x, y);
        await turn();
      }
    }
  }
}

/** Frame positions of a block along one axis: |u| and |v| are below 1, so the polynomial stays within its constant term plus and minus the other terms' sizes. */
export function positionsOf(base: number, coefficients: Float32Array): Range {
  let reach = 0;
  for (let k = 1; k < 9; k++) reach += Math.abs(coefficients[k]);
  return [base + coefficients[0] - reach, base + coefficients[0] + reach];
}

/** Samples [from, to) of a plane that the taps around a range of coordinates may touch, the plane's rim included. */
function tapsOf([least, greatest]: Range, first: number, size: number): [number, number] {
  const from = Math.floor(least - first) - 3;
  const to = Math.ceil(greatest - first) + 5;
  return [Math.max(from, -RIM), Math.min(to, size + RIM)];
}
