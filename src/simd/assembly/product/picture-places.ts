// Medians of places of a picture: src/output/picture/sky-colour.ts says what they are for.
import { ranked } from '../select';
import { putF32 } from '../words';

/**
 * Of `planes` bands of `side` rows of `nx` pixels (f32, one behind the other) at `bands`: the medians (the upper one) of places of `side` pixels, one every `step` pixels, to
 * `out` (f32, those of a place together). Where a pixel of `shares` (f32, a band as well) is below 1, or without them not finite in a plane, they are NaN. Returns
 * how many places there are. `spare` has room for three times as many floats as a place.
 */
export function placeMedians(
  bands: usize,
  planes: u32,
  shares: usize,
  nx: u32,
  side: u32,
  step: u32,
  spare: usize,
  out: usize,
): u32 {
  const band = <usize>(nx * side) << 2;
  const pixels = side * side;
  let places: u32 = 0;
  for (let x0: u32 = 0; x0 + side <= nx; x0 += step, places++) {
    const at = <usize>x0 << 2;
    let covered = shares == 0 || isCovered(shares + at, nx, side);
    for (let p: u32 = 0; p < planes && covered && shares == 0; p++)
      covered = isFinite(bands + p * band + at, nx, side);
    for (let p: u32 = 0; p < planes; p++) {
      const median = covered ? medianAt(bands + p * band + at, nx, side, pixels, spare) : <f32>NaN;
      putF32(out, places * planes + p, median);
    }
  }
  return places;
}

function medianAt(place: usize, nx: u32, side: u32, pixels: u32, spare: usize): f32 {
  const row = <usize>side << 2;
  for (let y: u32 = 0; y < side; y++) memory.copy(spare + y * row, place + (<usize>(y * nx) << 2), row);
  return ranked<f32>(spare, pixels, pixels >> 1, spare + side * row);
}

function isCovered(shares: usize, nx: u32, side: u32): bool {
  for (let y: u32 = 0; y < side; y++)
    for (let x: u32 = 0; x < side; x++) if (load<f32>(shares + (<usize>(y * nx + x) << 2)) < 1) return false;
  return true;
}

function isFinite(plane: usize, nx: u32, side: u32): bool {
  for (let y: u32 = 0; y < side; y++) {
    for (let x: u32 = 0; x < side; x++) {
      const v = load<f32>(plane + (<usize>(y * nx + x) << 2));
      if (v - v != 0) return false;
    }
  }
  return true;
}
