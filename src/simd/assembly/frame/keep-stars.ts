// Which sources of a frame are its stars, and the list of these. `src/astrometry/stars/keep-stars.ts` says why, and makes the records.
import { orderOf } from '../order';
import { medianOf } from '../select';
import { addF64, f32At, f64At, i32At, putF32, putF64, putI32, putU32, u32At } from '../words';

@unmanaged
class FoundSources {
  count: u32;
  channels: u32;
  /** Of the detection image. */
  width: u32;
  /** f64 [count] each, and f32 [count]. */
  x: usize;
  y: usize;
  fwhm: usize;
  ellipticity: usize;
  angle: usize;
  snr: usize;
  /** f64 [count, channels]; u8 [count]. */
  flux: usize;
  saturated: usize;
  /** f64 [channels]: what a channel counts in the light of a star. */
  shares: usize;
  /** Room for 64 bytes a source. */
  scratch: usize;
  /** f64 [2, count]: x and y; f32 [4 + channels, count]: light, heights, widths, ellipticities, light of the channels; u8 [count]: saturated. */
  out: usize;
}

@unmanaged
class StarRules {
  /** Width of the frame's stars, and the coordinate of the first sample. */
  fwhm: f64;
  origin: f64;
  narrowest: f64;
  widest: f64;
  ellipticity: f64;
  excess: f64;
  goodSnr: f64;
  loss: f64;
  fewest: f64;
  /** What comes out: medians of the stars' widths and ellipticities. */
  medianFwhm: f64;
  medianEllipticity: f64;
}

/** Median of the values (f64 [count]) of the well exposed sources, of all where there are fewer than five; of those only that `counts` (u8, or 0 for all) names. NaN without any. `scratch` has room for three f64 each. */
export function typicalOf(values: usize, snr: usize, counts: usize, count: u32, goodSnr: f64, scratch: usize): f64 {
  for (let round = 0; round < 2; round++) {
    let n: u32 = 0;
    for (let k: u32 = 0; k < count; k++)
      if ((round == 1 || f32At(snr, k) >= goodSnr) && (counts == 0 || load<u8>(counts + k) == 1)) putF64(scratch, n++, f64At(values, k));
    if (n >= 5 || (n > 0 && round == 1)) return medianOf<f64>(scratch, n, scratch + (<usize>n << 3));
  }
  return NaN;
}

/** Places of `most` of those of `count` peaks that stand out by at least `goodSnr`, evenly taken, to `out` (u32), which has room for `count`; 0 where there are no more than these. */
export function wellExposed(snr: usize, count: u32, goodSnr: f64, most: u32, out: usize): u32 {
  let good: u32 = 0;
  for (let p: u32 = 0; p < count; p++) if (f32At(snr, p) >= goodSnr) putU32(out, good++, p);
  if (good <= most) return 0;
  const step = <f64>good / <f64>most;
  // none is read after it was written to
  for (let i: u32 = 0; i < most; i++) putU32(out, i, u32At(out, <u32>floor<f64>(<f64>i * step)));
  return most;
}

/** Factor for the light of stars (f64 [count] each, u8 for those that count) by what their elongations have in common; 1 where fewer than `fewest` count. */
export function elongationFactor(ellipticity: usize, angle: usize, counts: usize, count: u32, fewest: f64, loss: f64): f64 {
  let stars: f64 = 0, x: f64 = 0, y: f64 = 0, squares: f64 = 0;
  for (let k: u32 = 0; k < count; k++) {
    if (load<u8>(counts + k) == 0) continue;
    const length = -Math.log(1 - f64At(ellipticity, k));
    x += length * Math.cos(2 * f64At(angle, k));
    y += length * Math.sin(2 * f64At(angle, k));
    squares += length * length;
    stars++;
  }
  if (stars < fewest) return 1;
  return Math.exp((loss * (x * x + y * y - squares)) / (stars * (stars - 1)));
}

/** Lists the stars among the sources, brightest first; returns how many. */
export function keepStars(found: usize, how: usize): u32 {
  const q = changetype<FoundSources>(found);
  const rules = changetype<StarRules>(how);
  const count = q.count;
  const totals = q.scratch, order = totals + (<usize>count << 3), kept = order + (<usize>count << 2), counts = kept + (<usize>count << 2);
  const room = (counts + count + 15) & ~15;
  const longest = max<f64>(rules.ellipticity, typicalOf(q.ellipticity, q.snr, 0, count, rules.goodSnr, room) + rules.excess);
  for (let s: u32 = 0; s < count; s++)
    store<u8>(counts + s, u8(!isSaturated(q, s) && f32At(q.snr, s) >= rules.goodSnr && isStar(q, rules, s, longest)));
  const rounded = elongationFactor(q.ellipticity, q.angle, counts, count, rules.fewest, rules.loss);
  let stars: u32 = 0;
  const slots: u32 = 2048;
  // no source has this place
  for (let slot: u32 = 0; slot < slots; slot++) putI32(room, slot, i32.MIN_VALUE);
  for (let s: u32 = 0; s < count; s++) {
    if (!isStar(q, rules, s, longest)) continue;
    // two peaks whose centroids have run together are one star
    const place = <i32>floor<f64>(f64At(q.y, s) + 0.5) * <i32>q.width + <i32>floor<f64>(f64At(q.x, s) + 0.5);
    let slot = (<u32>place * 0x9e3779b1) >> 21;
    while (i32At(room, slot) != i32.MIN_VALUE && i32At(room, slot) != place) slot = (slot + 1) & (slots - 1);
    if (i32At(room, slot) == place) continue;
    putI32(room, slot, place);
    putF64(totals, stars, 0);
    for (let c: u32 = 0; c < q.channels; c++) addF64(totals, stars, rounded * f64At(q.flux, s * q.channels + c) * f64At(q.shares, c));
    if (!(f64At(totals, stars) > 0)) continue;
    // in the order of falling light
    putF64(totals, stars, -f64At(totals, stars));
    putU32(kept, stars++, s);
  }
  orderOf(totals, stars, order, room);
  list(q, rules, stars, rounded, totals, order, kept);
  typicalStars(q, rules, stars, kept, counts, room);
  return stars;
}

@inline
function isSaturated(q: FoundSources, s: u32): bool {
  return load<u8>(q.saturated + s) != 0;
}

function isStar(q: FoundSources, rules: StarRules, s: u32, longest: f64): bool {
  const width = f64At(q.fwhm, s);
  if (!isSaturated(q, s) && (width < rules.narrowest * rules.fwhm || width > rules.widest * rules.fwhm)) return false;
  return f64At(q.ellipticity, s) <= longest;
}

function list(q: FoundSources, rules: StarRules, stars: u32, rounded: f64, totals: usize, order: usize, kept: usize): void {
  const count = q.count;
  const x = q.out, y = x + (<usize>count << 3), floats = y + (<usize>count << 3);
  const saturated = floats + (<usize>(count * (4 + q.channels)) << 2);
  for (let i: u32 = 0; i < stars; i++) {
    const place = u32At(order, i);
    const s = u32At(kept, place);
    putF64(x, i, f64At(q.x, s) + rules.origin);
    putF64(y, i, f64At(q.y, s) + rules.origin);
    putF32(floats, i, -f64At(totals, place));
    putF32(floats, count + i, f32At(q.snr, s));
    putF32(floats, 2 * count + i, f64At(q.fwhm, s));
    putF32(floats, 3 * count + i, f64At(q.ellipticity, s));
    for (let c: u32 = 0; c < q.channels; c++)
      putF32(floats, (4 + c) * count + i, rounded * f64At(q.flux, s * q.channels + c));
    store<u8>(saturated + i, load<u8>(q.saturated + s));
  }
}

/** Medians of the unsaturated stars, of all where there are fewer than five. */
function typicalStars(q: FoundSources, rules: StarRules, stars: u32, kept: usize, counts: usize, room: usize): void {
  memory.fill(counts, 0, q.count);
  let clean: u32 = 0;
  for (let i: u32 = 0; i < stars; i++) clean += u32(!isSaturated(q, u32At(kept, i)));
  for (let i: u32 = 0; i < stars; i++) {
    const s = u32At(kept, i);
    store<u8>(counts + s, u8(clean < 5 || !isSaturated(q, s)));
  }
  rules.medianFwhm = typicalOf(q.fwhm, q.snr, counts, q.count, rules.goodSnr, room);
  rules.medianEllipticity = typicalOf(q.ellipticity, q.snr, counts, q.count, rules.goodSnr, room);
}
