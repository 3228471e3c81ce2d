// Lanczos-3 values of one colour (contract warp-cfa), of which nothing is clamped.
import { PHASE_BYTES, PHASES } from '../warp/lanczos-phases';
import { fourWeights, lastWeights, storeSums } from '../warp/lanczos-taps';
import { laneSums } from '../warp/warp-rows';
import * as scratchOf from '../warp/warp-scratch';

/** Fills VALUE of columns `from` to `to` by the lists of sites at `sites`, whose rows lie `pitch` bytes apart. */
export function lanczosValues(pitch: usize, from: usize, to: usize, phases: usize, sites: usize, scratch: usize): void {
  const size = f32x4.splat(<f32>PHASES);
  const bytes = i32x4.splat(<i32>PHASE_BYTES);
  const sums = scratch + scratchOf.SUMS;
  for (let i = from; i < to; i += 4) {
    const list = scratch + i * 4;
    const site = sites + i * 4;
    // Exact: their number is a power of two.
    const phaseX = f32x4.mul(v128.load(site, scratchOf.SITE_FRACTION_X), size);
    const phaseY = f32x4.mul(v128.load(site, scratchOf.SITE_FRACTION_Y), size);
    const entryX = f32x4.floor(phaseX);
    const entryY = f32x4.floor(phaseY);
    v128.store(list, i32x4.mul(i32x4.trunc_sat_f32x4_s(entryX), bytes), scratchOf.ENTRY_X);
    v128.store(list, i32x4.mul(i32x4.trunc_sat_f32x4_s(entryY), bytes), scratchOf.ENTRY_Y);
    v128.store(site, f32x4.sub(phaseX, entryX), scratchOf.SITE_FRACTION_X);
    v128.store(site, f32x4.sub(phaseY, entryY), scratchOf.SITE_FRACTION_Y);
  }
  for (let i = from; i < to; i++) {
    const list = scratch + i * 4;
    const site = sites + i * 4;
    const p = load<u32>(site, scratchOf.SITE_TAP);
    const px = phases + load<u32>(list, scratchOf.ENTRY_X);
    const py = phases + load<u32>(list, scratchOf.ENTRY_Y);
    const rx = v128.load32_splat(site, scratchOf.SITE_FRACTION_X);
    const ry = v128.load32_splat(site, scratchOf.SITE_FRACTION_Y);
    const last = lastWeights(px, py, v128.shuffle<f32>(rx, ry, 0, 1, 4, 5));
    const centre = v128.load32_splat(p + 2 * pitch, 8);
    v128.store32_lane(sums + i * 4, centre, 0);
    storeSums(p, pitch, fourWeights(px, rx), fourWeights(py, ry), last, centre, sums + 256 + i * 48);
  }
  for (let i = from; i < to; i += 4) {
    const list = scratch + i * 4;
    v128.store(list, f32x4.add(v128.load(sums + i * 4), laneSums(sums + 256 + i * 48)), scratchOf.VALUE);
  }
}
