// The Lanczos-3 table rearranged by phase, so that the weights of all taps of one axis are two vector loads. Derived once from the table buffer;
// one unit.
import { LANCZOS_TABLE_SIZE, WarpJob as Job, WarpWindowJob as Window } from '../layout';

/** Phases between two taps: a fourth of the table's entries, between which weights are right to 5e-7 of the largest and lie in fewer lines of the cache. */
export const PHASES: u32 = LANCZOS_TABLE_SIZE / 4;
const ENTRIES: usize = LANCZOS_TABLE_SIZE / PHASES;
/**
 * Bytes of a phase, a cache line: w0 w1 w2 w3 and their steps to the next phase, then w4 w5 and the steps of these. The six are divided by their sum, so that those of two
 * axes are together 1.
 */
export const PHASE_BYTES: usize = 64;

export function lanczosPhases(job: usize, _from: u32, _to: u32, _scratch: usize): void {
  makePhases(Job.lanczos_at(job), Job.lanczosPhases_at(job));
}

/** The same of a call of warp-window. */
export function windowPhases(job: usize, _from: u32, _to: u32, _scratch: usize): void {
  makePhases(Window.lanczos_at(job), Window.windowPhases_at(job));
}

function makePhases(table: usize, target: usize): void {
  for (let e: usize = 0; e <= PHASES; e++) {
    const at = target + e * PHASE_BYTES;
    for (let k: usize = 0; k < PHASE_BYTES; k += 16) v128.store(at + k, f32x4.splat(0));
    let sum: f64 = 0;
    for (let i: usize = 0; i < 6; i++) sum += tableWeight(table, i, e);
    for (let i: usize = 0; i < 6; i++) {
      const w = <f32>(tableWeight(table, i, e) / sum);
      const own = at + (i < 4 ? i : i + 4) * 4;
      store<f32>(own, w);
      if (e > 0) store<f32>(own - PHASE_BYTES + (i < 4 ? 16 : 8), w - load<f32>(own - PHASE_BYTES));
    }
  }
}

/** Weight of tap `i` at phase `e`: |t| = f + 2 - i rises with f on the left, falls on the right. */
function tableWeight(table: usize, i: usize, e: usize): f64 {
  const entry = i < 3 ? (2 - i) * LANCZOS_TABLE_SIZE + e * ENTRIES : (i - 2) * LANCZOS_TABLE_SIZE - e * ENTRIES;
  return <f64>load<f32>(table + entry * 4);
}
