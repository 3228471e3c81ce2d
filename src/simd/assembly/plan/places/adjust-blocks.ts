// An approximate inverse of the normal equations, block by block: what makes conjugate gradients take few steps.
import { addPrior, mask } from './adjust-normal';
import { AdjustProblem, DISTORTION_TERMS, FRAME_TERMS, MOMENTS, termAllowed } from './adjust-problem';
import { factorBlock, solveBlock } from '../cholesky';
import { addF64, f32At, f64At, putF64, u32At } from '../../words';

/** Blocks of the frames, exact. */
export function prepareFrames(a: AdjustProblem): void {
  memory.fill(a.blocks, 0, <usize>(FRAME_TERMS * FRAME_TERMS * a.frames) << 3);
  addLinkBlocks(a);
  const unit = memory.data(48);
  const column = memory.data(48);
  for (let f: u32 = 0; f < a.frames; f++) {
    const block = a.blocks + (<usize>(FRAME_TERMS * FRAME_TERMS * f) << 3);
    for (let i: u32 = 0; i < FRAME_TERMS; i++) {
      memory.fill(unit, 0, 48);
      memory.fill(column, 0, 48);
      putF64(unit, i, 1);
      addPrior(a, f, unit, column);
      for (let k: u32 = 0; k < FRAME_TERMS; k++) addF64(block, FRAME_TERMS * k + i, f64At(column, k));
      if (load<u8>(a.held + f)) addF64(block, (FRAME_TERMS + 1) * i, 1);
    }
    factorBlock(block, FRAME_TERMS);
  }
}

/** Blocks of the distortions, by their orders, without their stars' freedom, which only makes them larger. */
export function prepareOptics(a: AdjustProblem): void {
  weightMoments(a);
  for (let o: u32 = 0; o < a.optics; o++) opticsBlock(a, o);
}

/** `r` becomes the approximate inverse times `r`. */
export function precondition(a: AdjustProblem, r: usize): void {
  for (let f: u32 = 0; f < a.frames; f++) {
    const block = a.blocks + (<usize>(FRAME_TERMS * FRAME_TERMS * f) << 3);
    solveBlock(block, FRAME_TERMS, r + (<usize>(FRAME_TERMS * f) << 3));
  }
  for (let o: u32 = 0; o < a.optics; o++) {
    const block = a.opticsBlocks + (<usize>(DISTORTION_TERMS * DISTORTION_TERMS * o) << 3);
    solveBlock(block, DISTORTION_TERMS, r + (<usize>a.opticsAt(o) << 3));
  }
  mask(a, r);
}

function addLinkBlocks(a: AdjustProblem): void {
  const factors = memory.data(24);
  for (let f: u32 = 0; f < a.frames; f++) {
    const block = a.blocks + (<usize>(FRAME_TERMS * FRAME_TERMS * f) << 3);
    const end = u32At(a.start, f + 1);
    for (let l = u32At(a.start, f); l < end; l++) {
      const w = f32At(a.weight, l);
      const xe = f32At(a.jacobian, 4 * l), xn = f32At(a.jacobian, 4 * l + 1);
      const ye = f32At(a.jacobian, 4 * l + 2), yn = f32At(a.jacobian, 4 * l + 3);
      const at: u32 = 3 * u32At(a.node, l);
      const ee = f64At(a.inverse, at), en = f64At(a.inverse, at + 1), nn = f64At(a.inverse, at + 2);
      // weight left to the frame once the star has taken its part: w - w^2 J inverse J^T
      const xx = w - w * w * (xe * (ee * xe + en * xn) + xn * (en * xe + nn * xn));
      const xy = -w * w * (xe * (ee * ye + en * yn) + xn * (en * ye + nn * yn));
      const yy = w - w * w * (ye * (ee * ye + en * yn) + yn * (en * ye + nn * yn));
      putF64(factors, 0, 1);
      putF64(factors, 1, f32At(a.base, 2 * l));
      putF64(factors, 2, f32At(a.base, 2 * l + 1));
      for (let i: u32 = 0; i < 3; i++) {
        const row: u32 = i == 0 ? 0 : i + 1, rowY: u32 = i == 0 ? 1 : i + 3;
        for (let k: u32 = 0; k < 3; k++) {
          const product = f64At(factors, i) * f64At(factors, k);
          const column: u32 = k == 0 ? 0 : k + 1, columnY: u32 = k == 0 ? 1 : k + 3;
          addF64(block, FRAME_TERMS * row + column, product * xx);
          addF64(block, FRAME_TERMS * row + columnY, product * xy);
          addF64(block, FRAME_TERMS * rowY + column, product * xy);
          addF64(block, FRAME_TERMS * rowY + columnY, product * yy);
        }
      }
    }
  }
}

/** Sums of w u^i v^j over the links of each distortion at `[optics, i, j]`, for the i + j that products of its terms reach. */
function weightMoments(a: AdjustProblem): void {
  memory.fill(a.moments, 0, <usize>(MOMENTS * MOMENTS * a.optics) << 3);
  for (let f: u32 = 0; f < a.frames; f++) {
    const o = u32At(a.opticsOf, f);
    const moments = a.moments + (<usize>(MOMENTS * MOMENTS * o) << 3);
    const highest: u32 = 2 * u32At(a.order, o);
    const end = u32At(a.start, f + 1);
    for (let l = u32At(a.start, f); l < end; l++) {
      const u = f32At(a.raw, 2 * l), v = f32At(a.raw, 2 * l + 1);
      let column = f32At(a.weight, l);
      for (let i: u32 = 0; i <= highest; i++) {
        let product = column;
        for (let j: u32 = 0; i + j <= highest; j++) {
          addF64(moments, MOMENTS * i + j, product);
          product *= v;
        }
        column *= u;
      }
    }
  }
}

function opticsBlock(a: AdjustProblem, o: u32): void {
  const n = DISTORTION_TERMS;
  const block = a.opticsBlocks + (<usize>(n * n * o) << 3);
  const moments = a.moments + (<usize>(MOMENTS * MOMENTS * o) << 3);
  const order = u32At(a.order, o);
  const sigma = f64At(a.distortionSigma, 0);
  for (let i: u32 = 0; i < n; i++) {
    for (let k: u32 = 0; k <= i; k++) {
      const both = termAllowed(i, order) && termAllowed(k, order);
      const sum = both ? moment(a, moments, 6 * i, 6 * k) + moment(a, moments, 6 * i + 3, 6 * k + 3) : 0;
      putF64(block, n * i + k, sum);
    }
    if (termAllowed(i, order)) addF64(block, n * i + i, 1 / (sigma * sigma));
    else putF64(block, n * i + i, 1);
  }
  factorBlock(block, n);
}

/** Sum over the links of what two terms do along one axis; `row` and `column` are where their factors stand in `parts`. */
function moment(a: AdjustProblem, moments: usize, row: u32, column: u32): f64 {
  const factor = <i32>u32At(a.parts, row) * <i32>u32At(a.parts, column);
  if (factor == 0) return 0;
  const i = u32At(a.parts, row + 1) + u32At(a.parts, column + 1);
  const j = u32At(a.parts, row + 2) + u32At(a.parts, column + 2);
  return <f64>factor * f64At(moments, MOMENTS * i + j);
}
