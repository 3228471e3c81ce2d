// The Lanczos-3 table rearranged by phase, so that the weights of all taps of one axis are two vector loads. Derived once from the table buffer;
// one unit.
import { LANCZOS_TABLE_SIZE, WarpJob as Job, WarpWindowJob as Window } from '../layout';

/**
 * Bytes of a phase: w0 w1 w2 w3, then sum and sum of magnitudes of all six, w4 w5. All lanes are linear in the phase between
 * two entries, as no weight changes its sign there.
 */
export const PHASE_BYTES: usize = 32;

export function lanczosPhases(job: usize, _from: u32, _to: u32, _scratch: usize): void {
  makePhases(Job.lanczos_at(job), Job.lanczosPhases_at(job));
}

/** The same of a call of warp-window. */
export function windowPhases(job: usize, _from: u32, _to: u32, _scratch: usize): void {
  makePhases(Window.lanczos_at(job), Window.windowPhases_at(job));
}

function makePhases(table: usize, target: usize): void {
  for (let e: usize = 0; e <= LANCZOS_TABLE_SIZE; e++) {
    let sum: f64 = 0;
    let magnitude: f64 = 0;
    for (let i: usize = 0; i < 6; i++) {
      // |t| = f + 2 - i rises with f on the left, falls on the right.
      const entry = i < 3 ? (2 - i) * LANCZOS_TABLE_SIZE + e : (i - 2) * LANCZOS_TABLE_SIZE - e;
      const w = load<f32>(table + entry * 4);
      store<f32>(target + (i < 4 ? i : i + 2) * 4, w);
      sum += w;
      magnitude += Math.abs(w);
    }
    store<f32>(target, <f32>sum, 16);
    store<f32>(target, <f32>magnitude, 20);
    target += PHASE_BYTES;
  }
  // A fraction may be rounded up to 1: the step from the last entry on counts nothing there, but must be a number.
  for (let at: usize = 0; at < PHASE_BYTES; at += 16) v128.store(target + at, f32x4.splat(0));
}
