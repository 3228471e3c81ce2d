// gpu.js kernel of contracts/warp.ts: every block of the cell with the box of the window that it draws on.
import { BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../../../compute/constants.js';
import type { warp as contract } from '../../../compute/contracts/warp.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { GpujsEngine } from '../engine.js';
import { blankTile, cutBox, pasteTile } from '../tiles.js';
import { warpBlock } from '../warp-code.js';

interface WarpBuffers {
  readonly planes: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly lanczos: Float32Array;
  readonly cube: Float32Array;
}

/** Blank pixels around the window that a box may hold: a position off the window finds nothing else. */
const RIM = 6;
/** Smallest box that is compiled for; larger ones double, so that few sizes serve all. */
const LEAST_BOX = 8192;

/** Resamples a frame window onto one slot of the cube; see the contract. */
export async function warp(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: WarpBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const { cellWidth: width, cellHeight: height, windowWidth, windowHeight } = p;
  let box = new Float32Array(LEAST_BOX);
  for (let y = 0, block = 0; y < height; y += BLOCK_SIZE) {
    for (let x = 0; x < width; x += BLOCK_SIZE, block += MAP_STRIDE) {
      const map = b.map.slice(block, block + MAP_STRIDE);
      const [fromX, toX] = tapsOf(map[0] - p.windowX, map.subarray(2, 11), windowWidth);
      const [fromY, toY] = tapsOf(map[1] - p.windowY, map.subarray(11, 20), windowHeight);
      const [boxWidth, boxHeight] = [toX - fromX, toY - fromY];
      const empty = toX <= 0 || fromX >= windowWidth || toY <= 0 || fromY >= windowHeight;
      if (!empty && boxWidth * boxHeight > box.length) {
        box = new Float32Array(2 ** Math.ceil(Math.log2(boxWidth * boxHeight)));
      }
      for (let c = 0; c < p.planes; c++) {
        const out = { data: b.cube, start: (p.slot * p.planes + c) * width * height, width, height };
        if (empty) {
          blankTile(out, x, y, BLOCK_SIZE);
          continue;
        }
        const start = c * windowWidth * windowHeight;
        const window = { data: b.planes, start, width: windowWidth, height: windowHeight };
        cutBox(window, { x: fromX, y: fromY, width: boxWidth, height: boxHeight }, box);
        const rows = engine.launch(warpBlock, [
          box,
          map,
          b.levels.slice(c * (1 + LEVEL_TERMS), (c + 1) * (1 + LEVEL_TERMS)),
          b.lanczos,
          boxWidth,
          boxHeight,
          map[0] - p.windowX - fromX,
          map[1] - p.windowY - fromY,
          map[0],
          map[1],
          p.frameWidth - 1,
          p.frameHeight - 1,
          p.kernel,
          p.clampThreshold,
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

/**
 * Window pixels [from, to) along one axis that the taps of a block may touch, the window's rim included: |u| and |v| are below 1, so the
 * polynomial stays within its constant term plus and minus the other terms' sizes.
 */
function tapsOf(base: number, coefficients: Float32Array, size: number): [number, number] {
  let reach = 0;
  for (let k = 1; k < 9; k++) reach += Math.abs(coefficients[k]);
  const from = Math.floor(base + coefficients[0] - reach) - 3;
  const to = Math.ceil(base + coefficients[0] + reach) + 5;
  return [Math.max(from, -RIM), Math.min(to, size + RIM)];
}
