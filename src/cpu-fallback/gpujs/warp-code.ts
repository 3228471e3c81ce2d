// The device function of the warp: one block of the cell, one plane. Its taps are written out one by one, as gpu.js has no arrays to hold
// their weights.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { LANCZOS_TABLE_SIZE } from '../../compute/contracts/warp.js';
import type { DeviceKernel, DeviceThis } from './device-code.js';

/**
 * `box` holds the window's samples around the block, blank outside the window, and at least the taps of every position in it: pixel (0, 0) of
 * the box lies `offset` before the block's base, `frame` is the base itself in frame pixels. `levels` = gain and level terms of the plane;
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
    offsetX: 'Integer',
    offsetY: 'Integer',
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
    offsetX: number,
    offsetY: number,
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
    const fx = Math.fround(sumX - floorX);
    const fy = Math.fround(sumY - floorY);
    // Within [-0.5, size - 0.5] of the frame, decided on whole pixels and fractions apart.
    const pixelX = frameX + floorX;
    const pixelY = frameY + floorY;
    let inside = 1;
    if (pixelX < -1 || pixelX > lastX || pixelY < -1 || pixelY > lastY) inside = 0;
    if (pixelX === -1 && fx < 0.5) inside = 0;
    if (pixelX === lastX && fx > 0.5) inside = 0;
    if (pixelY === -1 && fy < 0.5) inside = 0;
    if (pixelY === lastY && fy > 0.5) inside = 0;
    // A position off the window finds blanks in the box's rim, wherever it is held.
    const heldX = Math.min(Math.max(offsetX + floorX, 2), boxWidth - 4) | 0;
    const heldY = Math.min(Math.max(offsetY + floorY, 2), boxHeight - 4) | 0;
    let value = this.constants.blankValue;
    if (inside === 1) {
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
      if (kernel === 2) {
        const first = (heldY - 2) * boxWidth + heldX - 2;
        let least = 3e38;
        for (let j = 0; j < 6; j++) {
          for (let i = 0; i < 6; i++) {
            const tap = box[first + j * boxWidth + i];
            least = tap > limit ? Math.min(least, tap) : least;
          }
        }
        const at = fx * size;
        const entry = Math.floor(at) | 0;
        const rest = at - Math.floor(at);
        const left0 = lanczos[2 * size + entry];
        const w0 = left0 + (lanczos[2 * size + entry + 1] - left0) * rest;
        const left1 = lanczos[1 * size + entry];
        const w1 = left1 + (lanczos[1 * size + entry + 1] - left1) * rest;
        const left2 = lanczos[0 * size + entry];
        const w2 = left2 + (lanczos[0 * size + entry + 1] - left2) * rest;
        const right3 = lanczos[1 * size - entry];
        const w3 = right3 + (lanczos[1 * size - entry - 1] - right3) * rest;
        const right4 = lanczos[2 * size - entry];
        const w4 = right4 + (lanczos[2 * size - entry - 1] - right4) * rest;
        const right5 = lanczos[3 * size - entry];
        const w5 = right5 + (lanczos[3 * size - entry - 1] - right5) * rest;
        const atY = fy * size;
        const entryY = Math.floor(atY) | 0;
        const restY = atY - Math.floor(atY);
        const widthX = w0 + w1 + w2 + w3 + w4 + w5;
        let full = 0;
        let plus = 0;
        let minus = 0;
        let above = 0;
        let below = 0;
        let s = 0.0;
        let w = 0.0;
        let d = 0.0;
        for (let j = 0; j < 6; j++) {
          let from = (2 - j) * size + entryY;
          let to = from + 1;
          if (j > 2) {
            from = (j - 2) * size - entryY;
            to = from - 1;
          }
          const wy = lanczos[from] + (lanczos[to] - lanczos[from]) * restY;
          const row = first + j * boxWidth;
          full = full + wy * widthX;
          s = box[row + 0];
          w = s > limit ? wy * w0 : 0;
          d = s > limit ? s - least : 0;
          plus = plus + Math.max(w, 0);
          minus = minus + Math.max(-w, 0);
          above = above + Math.max(w, 0) * d;
          below = below + Math.max(-w, 0) * d;
          s = box[row + 1];
          w = s > limit ? wy * w1 : 0;
          d = s > limit ? s - least : 0;
          plus = plus + Math.max(w, 0);
          minus = minus + Math.max(-w, 0);
          above = above + Math.max(w, 0) * d;
          below = below + Math.max(-w, 0) * d;
          s = box[row + 2];
          w = s > limit ? wy * w2 : 0;
          d = s > limit ? s - least : 0;
          plus = plus + Math.max(w, 0);
          minus = minus + Math.max(-w, 0);
          above = above + Math.max(w, 0) * d;
          below = below + Math.max(-w, 0) * d;
          s = box[row + 3];
          w = s > limit ? wy * w3 : 0;
          d = s > limit ? s - least : 0;
          plus = plus + Math.max(w, 0);
          minus = minus + Math.max(-w, 0);
          above = above + Math.max(w, 0) * d;
          below = below + Math.max(-w, 0) * d;
          s = box[row + 4];
          w = s > limit ? wy * w4 : 0;
          d = s > limit ? s - least : 0;
          plus = plus + Math.max(w, 0);
          minus = minus + Math.max(-w, 0);
          above = above + Math.max(w, 0) * d;
          below = below + Math.max(-w, 0) * d;
          s = box[row + 5];
          w = s > limit ? wy * w5 : 0;
          d = s > limit ? s - least : 0;
          plus = plus + Math.max(w, 0);
          minus = minus + Math.max(-w, 0);
          above = above + Math.max(w, 0) * d;
          below = below + Math.max(-w, 0) * d;
        }
        if (plus - minus >= 0.5 * full) {
          value = least + (above - below) / (plus - minus);
          if (below > clampThreshold * above) value = least + above / plus;
        }
      }
    }
    let sample = this.constants.blankValue;
    if (value > limit) {
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
