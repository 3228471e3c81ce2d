// gpu.js kernel of contracts/drizzle.ts: every block of the cell, with the box of raw pixels around it, goes through one device function.
import { BLANK_VALUE, BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../../../compute/constants.js';
import { RADIAL_TABLE_SIZE } from '../../../compute/contracts/coadd-radial.js';
import { type drizzle as contract, DRIZZLE_LEAST } from '../../../compute/contracts/drizzle.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { cutBox } from '../tiles.js';
import { positionsOf } from '../warp-blocks.js';

/**
 * What the drops leave in a pixel: sum, weight, square, and 1 where there were any. `box` holds raw pixels, (left, top) the first of them, in pixels
 * from the base of the block; `taken` 1 or 0 by site parity of the box's own rows and columns; `fromCentre` = base minus the centre.
 */
const drops: DeviceKernel = {
  name: 'drizzle',
  arguments: {
    box: 'Array',
    samples: 'Array',
    map: 'Array',
    levels: 'Array',
    radial: 'Array',
    taken: 'Array',
    boxWidth: 'Integer',
    boxHeight: 'Integer',
    left: 'Integer',
    top: 'Integer',
    frameWeight: 'Float',
    pixfrac: 'Float',
    leastPart: 'Float',
    fromCentreX: 'Float',
    fromCentreY: 'Float',
    invScale: 'Float',
    invRadius: 'Float',
  },
  output: [BLOCK_SIZE * BLOCK_SIZE],
  constants: { half: BLOCK_SIZE / 2, side: BLOCK_SIZE, tableSize: RADIAL_TABLE_SIZE },
  code: function (
    this: DeviceThis,
    box: Float32Array,
    samples: Float32Array,
    map: Float32Array,
    levels: Float32Array,
    radial: Float32Array,
    taken: Float32Array,
    boxWidth: number,
    boxHeight: number,
    left: number,
    top: number,
    frameWeight: number,
    pixfrac: number,
    leastPart: number,
    fromCentreX: number,
    fromCentreY: number,
    invScale: number,
    invRadius: number,
  ) {
    const half = this.constants.half;
    const side = this.constants.side;
    const limit = this.constants.blankLimit;
    const row = Math.floor(this.thread.x / side);
    const column = this.thread.x - row * side;
    // The corners, written out one by one: gpu.js cannot write into arrays of its own.
    const u0 = (column - half) / half;
    const u1 = (column - half + 1) / half;
    const v0 = (row - half) / half;
    const v1 = (row - half + 1) / half;
    // Rows of the biquadratics at the left and at the right side.
    const xl0 = map[2] + u0 * (map[3] + u0 * map[4]);
    const xl1 = map[5] + u0 * (map[6] + u0 * map[7]);
    const xl2 = map[8] + u0 * (map[9] + u0 * map[10]);
    const yl0 = map[11] + u0 * (map[12] + u0 * map[13]);
    const yl1 = map[14] + u0 * (map[15] + u0 * map[16]);
    const yl2 = map[17] + u0 * (map[18] + u0 * map[19]);
    const xr0 = map[2] + u1 * (map[3] + u1 * map[4]);
    const xr1 = map[5] + u1 * (map[6] + u1 * map[7]);
    const xr2 = map[8] + u1 * (map[9] + u1 * map[10]);
    const yr0 = map[11] + u1 * (map[12] + u1 * map[13]);
    const yr1 = map[14] + u1 * (map[15] + u1 * map[16]);
    const yr2 = map[17] + u1 * (map[18] + u1 * map[19]);
    const ax = xl0 + v0 * (xl1 + v0 * xl2);
    const ay = yl0 + v0 * (yl1 + v0 * yl2);
    const bx = xr0 + v0 * (xr1 + v0 * xr2);
    const by = yr0 + v0 * (yr1 + v0 * yr2);
    const cx = xr0 + v1 * (xr1 + v1 * xr2);
    const cy = yr0 + v1 * (yr1 + v1 * yr2);
    const dx = xl0 + v1 * (xl1 + v1 * xl2);
    const dy = yl0 + v1 * (yl1 + v1 * yl2);
    const leastX = Math.min(Math.min(ax, bx), Math.min(cx, dx));
    const leastY = Math.min(Math.min(ay, by), Math.min(cy, dy));
    const mostX = Math.max(Math.max(ax, bx), Math.max(cx, dx));
    const mostY = Math.max(Math.max(ay, by), Math.max(cy, dy));
    let fromX = Math.ceil(leastX - 0.5 * pixfrac) - left;
    let fromY = Math.ceil(leastY - 0.5 * pixfrac) - top;
    let toX = Math.floor(mostX + 0.5 * pixfrac) - left;
    let toY = Math.floor(mostY + 0.5 * pixfrac) - top;
    fromX = Math.max(fromX, 0);
    fromY = Math.max(fromY, 0);
    toX = Math.min(toX, boxWidth - 1);
    toY = Math.min(toY, boxHeight - 1);
    if (samples[this.thread.x] <= limit) toY = -1;
    let sum = 0.0;
    let weight = 0.0;
    let square = 0.0;
    let any = 0.0;
    for (let boxY = fromY; boxY <= toY; boxY++) {
      for (let boxX = fromX; boxX <= toX; boxX++) {
        const at = boxY * boxWidth + boxX;
        const parity = (boxY - 2 * Math.floor(boxY / 2)) * 2 + (boxX - 2 * Math.floor(boxX / 2));
        const value = box[at];
        const siteX = boxX + left;
        const siteY = boxY + top;
        let area = 0.0;
        for (let k = 0; k < 4; k++) {
          let startX = ax;
          let startY = ay;
          let endX = bx;
          let endY = by;
          if (k === 1) {
            startX = bx;
            startY = by;
            endX = cx;
            endY = cy;
          }
          if (k === 2) {
            startX = cx;
            startY = cy;
            endX = dx;
            endY = dy;
          }
          if (k === 3) {
            startX = dx;
            startY = dy;
            endX = ax;
            endY = ay;
          }
          const x1 = (startX - siteX) / pixfrac + 0.5;
          const y1 = (startY - siteY) / pixfrac + 0.5;
          const x2 = (endX - siteX) / pixfrac + 0.5;
          const y2 = (endY - siteY) / pixfrac + 0.5;
          const start = Math.min(Math.max(x1, 0), 1);
          const end = Math.min(Math.max(x2, 0), 1);
          if (start !== end) {
            const slope = (y2 - y1) / (x2 - x1);
            const a = y1 + (start - x1) * slope;
            const b = y1 + (end - x1) * slope;
            // Means of max(y, 0) and of max(y - 1, 0) along the edge.
            const low = Math.min(a, b);
            const high = Math.max(Math.max(a, b), 0);
            let mean = (high * high) / (2 * Math.max(high - low, 1e-30));
            if (low >= 0) mean = 0.5 * (a + b);
            const beyond = Math.max(high - 1, 0);
            let over = (beyond * beyond) / (2 * Math.max(beyond - low + 1, 1e-30));
            if (low >= 1) over = 0.5 * (a + b) - 1;
            area = area + (end - start) * (mean - over);
          }
        }
        area = Math.abs(area);
        if (value > limit && taken[parity] > 0 && area >= leastPart) {
          const asideX = siteX + fromCentreX;
          const asideY = siteY + fromCentreY;
          const place =
            Math.min(1, Math.sqrt(asideX * asideX + asideY * asideY) * invRadius) * this.constants.tableSize;
          const entry = Math.floor(place) | 0;
          const r = radial[entry] + (place - Math.floor(place)) * (radial[entry + 1] - radial[entry]);
          const x = asideX * invScale;
          const y = asideY * invScale;
          const level =
            levels[1] + x * (levels[2] + x * levels[4] + y * levels[5]) + y * (levels[3] + y * levels[6]);
          sum = sum + frameWeight * r * area * levels[0] * (value - level);
          weight = weight + frameWeight * r * area;
          square = square + frameWeight * r * r * area * area;
          any = 1.0;
        }
      }
    }
    return [sum, weight, square, any];
  },
};

interface DrizzleBuffers {
  readonly image: Float32Array;
  readonly map: Float32Array;
  readonly levels: Float32Array;
  readonly radial: Float32Array;
  readonly frame_weights: Float32Array;
  readonly cube: Float32Array;
  readonly sums: Float32Array;
}

/** Smallest box; larger ones double, so that few sizes serve all. */
const LEAST_BOX = 8192;

/** Drops the raw samples of a frame window onto the cell; see the contract. */
export async function drizzle(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: DrizzleBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const { cellWidth: width, cellHeight: height, planes } = p;
  const samples = new Float32Array(BLOCK_SIZE ** 2);
  let box = new Float32Array(LEAST_BOX);
  for (let y0 = 0, block = 0; y0 < height; y0 += BLOCK_SIZE) {
    for (let x0 = 0; x0 < width; x0 += BLOCK_SIZE, block += MAP_STRIDE) {
      const map = b.map.slice(block, block + MAP_STRIDE);
      const [fromX, toX] = pixelsOf(positionsOf(map[0], map.subarray(2, 11)), p.windowX, p.windowWidth);
      const [fromY, toY] = pixelsOf(positionsOf(map[1], map.subarray(11, 20)), p.windowY, p.windowHeight);
      if (toX <= fromX || toY <= fromY) continue;
      const [boxWidth, boxHeight] = [toX - fromX, toY - fromY];
      if (boxWidth * boxHeight > box.length)
        box = new Float32Array(2 ** Math.ceil(Math.log2(boxWidth * boxHeight)));
      for (let c = 0; c < planes; c++) {
        const start = p.bayer === 1 ? 0 : c * p.windowWidth * p.windowHeight;
        const plane = { data: b.image, start, width: p.windowWidth, height: p.windowHeight };
        const corner = { x: fromX - p.windowX, y: fromY - p.windowY };
        cutBox(plane, { ...corner, width: boxWidth, height: boxHeight }, box);
        const terms = engine.launch(drops, [
          box,
          cutSamples(p, b.cube, c, x0, y0, samples),
          map,
          b.levels.slice(c * (1 + LEVEL_TERMS), (c + 1) * (1 + LEVEL_TERMS)),
          b.radial,
          sitesTaken(p, c, fromX, fromY),
          boxWidth,
          boxHeight,
          fromX - map[0],
          fromY - map[1],
          b.frame_weights[p.slot * planes + c],
          p.pixfrac,
          DRIZZLE_LEAST,
          map[0] - p.centreX,
          map[1] - p.centreY,
          p.invScale,
          p.invRadius,
        ]) as readonly Float32Array[];
        for (let y = y0; y < Math.min(height, y0 + BLOCK_SIZE); y++) {
          for (let x = x0; x < Math.min(width, x0 + BLOCK_SIZE); x++) {
            const term = terms[(y - y0) * BLOCK_SIZE + x - x0];
            for (let k = 0; k < 4; k++) b.sums[((k * planes + c) * height + y) * width + x] += term[k];
          }
        }
        await turn();
      }
    }
  }
}

/** Pixels [from, to) of the window whose drops may reach a block that lies between these positions, by their frame coordinates. */
function pixelsOf([least, most]: readonly [number, number], first: number, size: number): [number, number] {
  return [Math.max(first, Math.floor(least) - 2), Math.min(first + size, Math.ceil(most) + 3)];
}

/** The slot's samples of a block; blank outside the cell. */
function cutSamples(
  p: ParamsOf<typeof contract.params>,
  cube: Float32Array,
  c: number,
  x: number,
  y: number,
  out: Float32Array,
): Float32Array {
  const start = (p.slot * p.planes + c) * p.cellWidth * p.cellHeight;
  const plane = { data: cube, start, width: p.cellWidth, height: p.cellHeight };
  return cutBox(plane, { x, y, width: BLOCK_SIZE, height: BLOCK_SIZE }, out.fill(BLANK_VALUE));
}

/** 1 where pixels of this parity, counted from the box's first, belong to the plane. */
function sitesTaken(p: ParamsOf<typeof contract.params>, c: number, x: number, y: number): Float32Array {
  return Float32Array.from({ length: 4 }, (_, k) => {
    const site = ((y + (k >> 1)) & 1) * 2 + ((x + (k & 1)) & 1);
    return p.bayer !== 1 || ((p.pattern >> (2 * site)) & 3) === c ? 1 : 0;
  });
}
