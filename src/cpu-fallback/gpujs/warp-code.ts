// The device function of the warp: one block of the cell, one plane. Its taps are written out one by one, as gpu.js has no arrays to hold
// their weights.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { LANCZOS_TABLE_SIZE } from '../../compute/contracts/warp.js';
import type { DeviceKernel, DeviceThis } from './device-code.js';

/**
 * `box` holds the samples around the block, of the window or of one colour's sites in it, blank outside the window, and at least the taps of every
 * position in it: its pixel (0, 0) is frame pixel, or site, (left, top); `frame` is the block's base in frame pixels. `lattice` says what a sample is:
 * 0 a pixel, 1 every second pixel of every second row from (siteX, siteY) on, 2 a green site, siteX being the parity of x + y. `levels` = gain and level terms of the plane;
 * a negative `clampThreshold` never clamps;
 * `fromCentre` = base minus the centre of the level coordinates.
 */
export const warpBlock: DeviceKernel = {
  name: 'warp',
  arguments: {
    box: 'Array',
    map: 'Array',
    levels: 'Array',
    lanczos: 'Array',
    boxWidth: 'Integer',
    boxHeight: 'Integer',
    left: 'Integer',
    top: 'Integer',
    lattice: 'Integer',
    siteX: 'Integer',
    siteY: 'Integer',
    frameX: 'Integer',
    frameY: 'Integer',
    lastX: 'Integer',
    lastY: 'Integer',
    kernel: 'Integer',
    clampThreshold: 'Float',
    fromCentreX: 'Float',
    fromCentreY: 'Float',
    invScale: 'Float',
  },
  output: [BLOCK_SIZE, BLOCK_SIZE],
  constants: { half: BLOCK_SIZE / 2, tableSize: LANCZOS_TABLE_SIZE },
  code: function (
    this: DeviceThis,
    box: Float32Array,
    map: Float32Array,
    levels: Float32Array,
    lanczos: Float32Array,
    boxWidth: number,
    boxHeight: number,
    left: number,
    top: number,
    lattice: number,
    siteX: number,
    siteY: number,
    frameX: number,
    frameY: number,
    lastX: number,
    lastY: number,
    kernel: number,
    clampThreshold: number,
    fromCentreX: number,
    fromCentreY: number,
    invScale: number,
  ) {
    const limit = this.constants.blankLimit;
    const half = this.constants.half;
    const size = this.constants.tableSize;
    const u = (this.thread.x - half + 0.5) / half;
    const v = (this.thread.y - half + 0.5) / half;
    // Rounded after every operation, as the contract says, in mode cpu too.
    const x0 = Math.fround(map[2] + Math.fround(u * Math.fround(map[3] + Math.fround(u * map[4]))));
    const x1 = Math.fround(map[5] + Math.fround(u * Math.fround(map[6] + Math.fround(u * map[7]))));
    const x2 = Math.fround(map[8] + Math.fround(u * Math.fround(map[9] + Math.fround(u * map[10]))));
    const y0 = Math.fround(map[11] + Math.fround(u * Math.fround(map[12] + Math.fround(u * map[13]))));
    const y1 = Math.fround(map[14] + Math.fround(u * Math.fround(map[15] + Math.fround(u * map[16]))));
    const y2 = Math.fround(map[17] + Math.fround(u * Math.fround(map[18] + Math.fround(u * map[19]))));
    const sumX = Math.fround(x0 + Math.fround(v * Math.fround(x1 + Math.fround(v * x2))));
    const sumY = Math.fround(y0 + Math.fround(v * Math.fround(y1 + Math.fround(v * y2))));
    const floorX = Math.floor(sumX);
    const floorY = Math.floor(sumY);
    const frameFx = Math.fround(sumX - floorX);
    const frameFy = Math.fround(sumY - floorY);
    // Within [-0.5, size - 0.5] of the frame, decided on whole pixels and fractions apart.
    const pixelX = frameX + floorX;
    const pixelY = frameY + floorY;
    let inside = 1;
    if (pixelX < -1 || pixelX > lastX || pixelY < -1 || pixelY > lastY) inside = 0;
    if (pixelX === -1 && frameFx < 0.5) inside = 0;
    if (pixelX === lastX && frameFx > 0.5) inside = 0;
    if (pixelY === -1 && frameFy < 0.5) inside = 0;
    if (pixelY === lastY && frameFy > 0.5) inside = 0;
    // The same place among the samples of the box.
    let placeX = pixelX;
    let placeY = pixelY;
    let fx = frameFx;
    let fy = frameFy;
    if (lattice === 1) {
      placeX = Math.floor((pixelX - siteX) / 2);
      placeY = Math.floor((pixelY - siteY) / 2);
      fx = Math.fround(pixelX - siteX - 2 * placeX + frameFx) / 2;
      fy = Math.fround(pixelY - siteY - 2 * placeY + frameFy) / 2;
    }
    if (lattice === 2) {
      const sum = Math.fround(frameFx + frameFy);
      const difference = Math.fround(frameFx - frameFy);
      const s = pixelX + pixelY - siteX + Math.floor(sum);
      const t = pixelX - pixelY - siteX + Math.floor(difference);
      placeX = Math.floor(s / 2);
      placeY = Math.floor(t / 2);
      fx = Math.fround(s - 2 * placeX + Math.fround(sum - Math.floor(sum))) / 2;
      fy = Math.fround(t - 2 * placeY + Math.fround(difference - Math.floor(difference))) / 2;
    }
    // A position off the window finds blanks in the box's rim, wherever it is held; one off the frame reads on and is blanked at the end.
    const heldX = Math.min(Math.max(placeX - left, 2), boxWidth - 4) | 0;
    const heldY = Math.min(Math.max(placeY - top, 2), boxHeight - 4) | 0;
    let value = this.constants.blankValue;
    if (kernel === 0) {
      let nearX = heldX;
      let nearY = heldY;
      if (fx >= 0.5) nearX = heldX + 1;
      if (fy >= 0.5) nearY = heldY + 1;
      value = box[nearY * boxWidth + nearX];
    }
    if (kernel === 1) {
      const at = heldY * boxWidth + heldX;
      const a = box[at];
      const b = box[at + 1];
      const c = box[at + boxWidth];
      const d = box[at + boxWidth + 1];
      // About a valid tap: float32 keeps the digits, and a constant stays exactly constant.
      const origin = Math.max(Math.max(a, b), Math.max(c, d));
      const wa = a > limit ? (1 - fx) * (1 - fy) : 0;
      const wb = b > limit ? fx * (1 - fy) : 0;
      const wc = c > limit ? (1 - fx) * fy : 0;
      const wd = d > limit ? fx * fy : 0;
      const da = a > limit ? a - origin : 0;
      const db = b > limit ? b - origin : 0;
      const dc = c > limit ? c - origin : 0;
      const dd = d > limit ? d - origin : 0;
      const weights = wa + wb + wc + wd;
      if (weights >= 0.5) value = origin + (wa * da + wb * db + wc * dc + wd * dd) / weights;
    }
    if (kernel >= 2) {
      const first = (heldY - 2) * boxWidth + heldX - 2;
      // Sums run about a valid tap, so that float32 keeps the digits, and are moved to the least one afterwards.
      let origin = box[first + 2 * boxWidth + 2];
      // The cubic has the inner 4 x 4 taps, as if its outer ones were blank.
      const outer = kernel === 2 ? 0 : 1;
      if (origin <= limit) {
        for (let j = outer; j < 6 - outer; j++) {
          for (let i = outer; i < 6 - outer; i++) origin = Math.max(origin, box[first + j * boxWidth + i]);
        }
      }
      let least = 0.0;
      const at = fx * size;
      // A fraction may be rounded up to 1, and nothing stands before the table.
      const interval = Math.min(Math.floor(at), size - 1);
      const entry = interval | 0;
      const rest = at - interval;
      const left0 = lanczos[2 * size + entry];
      let w0 = left0 + (lanczos[2 * size + entry + 1] - left0) * rest;
      const left1 = lanczos[1 * size + entry];
      let w1 = left1 + (lanczos[1 * size + entry + 1] - left1) * rest;
      const left2 = lanczos[0 * size + entry];
      let w2 = left2 + (lanczos[0 * size + entry + 1] - left2) * rest;
      const right3 = lanczos[1 * size - entry];
      let w3 = right3 + (lanczos[1 * size - entry - 1] - right3) * rest;
      const right4 = lanczos[2 * size - entry];
      let w4 = right4 + (lanczos[2 * size - entry - 1] - right4) * rest;
      const right5 = lanczos[3 * size - entry];
      let w5 = right5 + (lanczos[3 * size - entry - 1] - right5) * rest;
      let wy1 = 0.0;
      let wy2 = 0.0;
      let wy3 = 0.0;
      let wy4 = 0.0;
      if (kernel === 3) {
        // Keys' cubic convolution, a = -1/2.
        const gx = 1 - fx;
        const gy = 1 - fy;
        w0 = 0;
        w1 = -0.5 * fx * gx * gx;
        w2 = 1 + fx * fx * (1.5 * fx - 2.5);
        w3 = 1 + gx * gx * (1.5 * gx - 2.5);
        w4 = -0.5 * gx * fx * fx;
        w5 = 0;
        wy1 = -0.5 * fy * gy * gy;
        wy2 = 1 + fy * fy * (1.5 * fy - 2.5);
        wy3 = 1 + gy * gy * (1.5 * gy - 2.5);
        wy4 = -0.5 * gy * fy * fy;
      }
      const atY = fy * size;
      const intervalY = Math.min(Math.floor(atY), size - 1);
      const entryY = intervalY | 0;
      const restY = atY - intervalY;
      const widthX = w0 + w1 + w2 + w3 + w4 + w5;
      // Weights of taps 0, 2, 3 and 5 (within one pixel, or two to three) are positive, those of 1 and 4 negative, along both axes.
      let full = 0;
      let plus = 0;
      let minus = 0;
      let above = 0;
      let below = 0;
      for (let j = outer; j < 6 - outer; j++) {
        let from = (2 - j) * size + entryY;
        let to = from + 1;
        if (j > 2) {
          from = (j - 2) * size - entryY;
          to = from - 1;
        }
        let wy = lanczos[from] + (lanczos[to] - lanczos[from]) * restY;
        if (kernel === 3) {
          wy = wy1;
          if (j === 2) wy = wy2;
          if (j === 3) wy = wy3;
          if (j === 4) wy = wy4;
        }
        const row = first + j * boxWidth;
        const s0 = box[row + 0];
        const s1 = box[row + 1];
        const s2 = box[row + 2];
        const s3 = box[row + 3];
        const s4 = box[row + 4];
        const s5 = box[row + 5];
        const g0 = s0 > limit ? w0 : 0;
        const g1 = s1 > limit ? w1 : 0;
        const g2 = s2 > limit ? w2 : 0;
        const g3 = s3 > limit ? w3 : 0;
        const g4 = s4 > limit ? w4 : 0;
        const g5 = s5 > limit ? w5 : 0;
        const d0 = s0 > limit && outer === 0 ? s0 - origin : 0;
        const d1 = s1 > limit ? s1 - origin : 0;
        const d2 = s2 > limit ? s2 - origin : 0;
        const d3 = s3 > limit ? s3 - origin : 0;
        const d4 = s4 > limit ? s4 - origin : 0;
        const d5 = s5 > limit && outer === 0 ? s5 - origin : 0;
        full = full + wy * widthX;
        least = Math.min(least, Math.min(Math.min(Math.min(d0, d1), Math.min(d2, d3)), Math.min(d4, d5)));
        const rowPlus = g0 + g2 + g3 + g5;
        const rowMinus = -g1 - g4;
        const rowAbove = g0 * d0 + g2 * d2 + g3 * d3 + g5 * d5;
        const rowBelow = -g1 * d1 - g4 * d4;
        if (j === 1 || j === 4) {
          plus = plus - wy * rowMinus;
          minus = minus - wy * rowPlus;
          above = above - wy * rowBelow;
          below = below - wy * rowAbove;
        } else {
          plus = plus + wy * rowPlus;
          minus = minus + wy * rowMinus;
          above = above + wy * rowAbove;
          below = below + wy * rowBelow;
        }
      }
      if (plus - minus >= 0.5 * full) {
        value = origin + (above - below) / (plus - minus);
        if (clampThreshold >= 0 && below - least * minus > clampThreshold * (above - least * plus)) {
          value = origin + above / plus;
        }
      }
    }
    let sample = this.constants.blankValue;
    if (inside === 1 && value > limit) {
      const levelX = (fromCentreX + sumX) * invScale;
      const levelY = (fromCentreY + sumY) * invScale;
      const level =
        levels[1] +
        levelX * (levels[2] + levelX * levels[4] + levelY * levels[5]) +
        levelY * (levels[3] + levelY * levels[6]);
      sample = levels[0] * (value - level);
    }
    return sample;
  },
};
