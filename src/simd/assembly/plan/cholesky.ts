import { f64At, putF64 } from '../words';

/** `factorBlock` of `src/photometry/small-cholesky.ts`, at address `a`. */
export function factorBlock(a: usize, order: u32): void {
  for (let i: u32 = 0; i < order; i++) {
    const row = a + (<usize>(i * order) << 3);
    for (let j: u32 = 0; j <= i; j++) {
      const other = a + (<usize>(j * order) << 3);
      let sum = f64At(row, j);
      for (let k: u32 = 0; k < j; k++) sum -= f64At(row, k) * f64At(other, k);
      putF64(row, j, i == j ? sqrt<f64>(max<f64>(sum, f64.MIN_VALUE)) : sum / f64At(other, j));
    }
  }
}

/** `solveBlock` of `src/photometry/small-cholesky.ts`: the factored block at address `l`, right side and solution at `x`. */
export function solveBlock(l: usize, order: u32, x: usize): void {
  for (let i: u32 = 0; i < order; i++) {
    const row = i * order;
    let sum = f64At(x, i);
    for (let k: u32 = 0; k < i; k++) sum -= f64At(l, row + k) * f64At(x, k);
    putF64(x, i, sum / f64At(l, row + i));
  }
  for (let i: i32 = order - 1; i >= 0; i--) {
    let sum = f64At(x, i);
    for (let k: u32 = i + 1; k < order; k++) sum -= f64At(l, k * order + i) * f64At(x, k);
    putF64(x, i, sum / f64At(l, i * order + i));
  }
}
