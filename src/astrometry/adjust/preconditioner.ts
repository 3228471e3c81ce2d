// An approximate inverse of the normal equations, block by block: what makes conjugate gradients take few steps.
import { factorBlock, solveBlock } from '../../photometry/small-cholesky.js';
import { addPrior } from './add-prior.js';
import { DISTORTION_SIGMA_PX, type NormalEquations } from './normal-equations.js';
import {
  DISTORTION_ORDER,
  DISTORTION_TERMS,
  TERM_PARTS,
  termAllowed,
  type TermParts,
} from './shared-distortion.js';
import { FRAME_TERMS } from './system-types.js';

/** Powers of a coordinate in products of two terms. */
const MOMENTS = 2 * DISTORTION_ORDER + 1;

/** Blocks of the frames, exact, and of the distortions, without their stars' freedom, which only makes them larger. */
export function preconditioner(system: NormalEquations): (r: Float64Array) => void {
  const blocks = new Float64Array(FRAME_TERMS ** 2 * system.frames.length);
  addLinkBlocks(system, blocks);
  const unit = new Float64Array(FRAME_TERMS);
  const column = new Float64Array(FRAME_TERMS);
  for (let f = 0; f < system.frames.length; f++) {
    const at = FRAME_TERMS ** 2 * f;
    for (let i = 0; i < FRAME_TERMS; i++) {
      unit.fill(0)[i] = 1;
      addPrior(system.frames[f].prior, unit, 0, column.fill(0), 0);
      for (let k = 0; k < FRAME_TERMS; k++) blocks[at + FRAME_TERMS * k + i] += column[k];
      if (!system.frames[f].prior) blocks[at + (FRAME_TERMS + 1) * i] += 1;
    }
    factorBlock(blocks, at, FRAME_TERMS);
  }
  const optics = opticsBlocks(system);
  return (r) => {
    for (let f = 0; f < system.frames.length; f++)
      solveBlock(blocks, FRAME_TERMS ** 2 * f, FRAME_TERMS, r, FRAME_TERMS * f);
    for (let o = 0; o < system.optics.length; o++) {
      const at = system.opticsAt + DISTORTION_TERMS * o;
      solveBlock(optics, DISTORTION_TERMS ** 2 * o, DISTORTION_TERMS, r, at);
    }
    system.mask(r);
  };
}

function addLinkBlocks(system: NormalEquations, blocks: Float64Array): void {
  const { frame, node, base, jacobian, weight } = system.rows;
  const a = new Float64Array(3);
  for (let l = 0; l < system.links; l++) {
    const w = weight[l];
    const xe = jacobian[4 * l];
    const xn = jacobian[4 * l + 1];
    const ye = jacobian[4 * l + 2];
    const yn = jacobian[4 * l + 3];
    const ee = system.elimination.inverse[3 * node[l]];
    const en = system.elimination.inverse[3 * node[l] + 1];
    const nn = system.elimination.inverse[3 * node[l] + 2];
    // weight left to the frame once the star has taken its part: w - w^2 J inverse J^T
    const xx = w - w * w * (xe * (ee * xe + en * xn) + xn * (en * xe + nn * xn));
    const xy = -w * w * (xe * (ee * ye + en * yn) + xn * (en * ye + nn * yn));
    const yy = w - w * w * (ye * (ee * ye + en * yn) + yn * (en * ye + nn * yn));
    a[0] = 1;
    a[1] = base[2 * l];
    a[2] = base[2 * l + 1];
    const at = FRAME_TERMS ** 2 * frame[l];
    for (let i = 0; i < 3; i++) {
      for (let k = 0; k < 3; k++) {
        const product = a[i] * a[k];
        const [row, column] = [i === 0 ? 0 : i + 1, k === 0 ? 0 : k + 1];
        const [rowY, columnY] = [i === 0 ? 1 : i + 3, k === 0 ? 1 : k + 3];
        blocks[at + FRAME_TERMS * row + column] += product * xx;
        blocks[at + FRAME_TERMS * row + columnY] += product * xy;
        blocks[at + FRAME_TERMS * rowY + column] += product * xy;
        blocks[at + FRAME_TERMS * rowY + columnY] += product * yy;
      }
    }
  }
}

function opticsBlocks(system: NormalEquations): Float64Array {
  const n = DISTORTION_TERMS;
  const blocks = new Float64Array(n * n * system.optics.length);
  const moments = weightMoments(system);
  system.optics.forEach((_, o) => {
    const moment = ([f, i, j]: TermParts['x'], [g, k, l]: TermParts['x']) =>
      f * g === 0 ? 0 : f * g * moments[MOMENTS ** 2 * o + MOMENTS * (i + k) + j + l];
    TERM_PARTS.forEach((row, i) => {
      for (let k = 0; k <= i; k++)
        blocks[n * n * o + n * i + k] = moment(row.x, TERM_PARTS[k].x) + moment(row.y, TERM_PARTS[k].y);
    });
  });
  system.optics.forEach(({ order }, o) => {
    for (let i = 0; i < n; i++) {
      const at = n * n * o + n * i;
      if (!termAllowed(i, order)) {
        for (let k = 0; k < n; k++) {
          blocks[at + k] = 0;
          blocks[n * n * o + n * k + i] = 0;
        }
        blocks[at + i] = 1;
      } else blocks[at + i] += 1 / DISTORTION_SIGMA_PX ** 2;
    }
    factorBlock(blocks, n * n * o, n);
  });
  return blocks;
}

/** Sums of w u^i v^j over the links of each distortion at `[optics, i, j]`, for the i + j that products of its terms reach. */
function weightMoments(system: NormalEquations): Float64Array {
  const { start, raw, weight } = system.rows;
  const moments = new Float64Array(MOMENTS ** 2 * system.optics.length);
  for (let f = 0; f < system.frames.length; f++) {
    const { optics } = system.frames[f];
    const highest = 2 * system.optics[optics].order;
    for (let l = start[f]; l < start[f + 1]; l++) {
      const u = raw[2 * l];
      const v = raw[2 * l + 1];
      let column = weight[l];
      for (let i = 0; i <= highest; i++) {
        let product = column;
        const at = MOMENTS * (MOMENTS * optics + i);
        for (let j = 0; i + j <= highest; j++) {
          moments[at + j] += product;
          product *= v;
        }
        column *= u;
      }
    }
  }
  return moments;
}
