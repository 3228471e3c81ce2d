// Weights as standard deviations, with the noise of the photons of their own light in them: for all pixels of a mosaic, in SIMD.
import type { PlaneRegion } from '../../output/sources/plane-source.js';
import { sharedPasses, type SamplePasses } from '../../simd/sample-passes.js';
import { LEAST_FACTOR, type PhotonField } from './photon-field.js';

/** The light of a region of one plane, and what its photons add; the field begins with the image's first pixel. */
export interface OwnLight {
  readonly field: PhotonField;
  readonly plane: number;
  readonly region: PlaneRegion;
  readonly values: Float32Array;
}

/** Pixels of a turn, which lie in the processor's second cache. */
const TURN_PIXELS = 1 << 14;

/** Fills `out` with 1 / sqrt(weight) of `weights`, which it may be, times the roots of the factors for `light`; NaN where a weight is not above 0. None is infinite. */
export function toDeviations(weights: Float32Array, out: Float32Array, light?: OwnLight): void {
  const room = sharedPasses();
  if (light) return withLight(room, weights, out, light);
  const at = room.take(4 * TURN_PIXELS);
  const turn = new Float32Array(room.buffer, at, TURN_PIXELS);
  for (let from = 0; from < weights.length; from += TURN_PIXELS) {
    const count = Math.min(TURN_PIXELS, weights.length - from);
    turn.set(weights.subarray(from, from + count));
    room.passes.deviations(at, count);
    out.set(turn.subarray(0, count), from);
  }
}

/** Turns of whole rows, all of which lie in one row of the field's squares. */
function withLight(
  room: SamplePasses,
  weights: Float32Array,
  out: Float32Array,
  { field: { nx, ny, planes, stepPx, data }, plane, region: { x0, y0, width, height }, values }: OwnLight,
): void {
  const most = Math.max(1, Math.floor(TURN_PIXELS / width));
  const [sigmasAt, lightsAt] = [room.take(4 * most * width), room.take(4 * most * width)];
  const [slopesAt, constantsAt] = [room.take(4 * nx), room.take(4 * nx)];
  const floats = (at: number, count: number) => new Float32Array(room.buffer, at, count);
  const [sigmas, lights] = [floats(sigmasAt, most * width), floats(lightsAt, most * width)];
  let loaded = -1;
  for (let y = 0, rows = 0; y < height; y += rows) {
    const row = Math.min(ny - 1, Math.floor((y0 + y) / stepPx));
    const end = row === ny - 1 ? height : Math.min(height, (row + 1) * stepPx - y0);
    rows = Math.min(most, end - y);
    if (row !== loaded) {
      const from = (plane * ny + row) * nx;
      floats(slopesAt, nx).set(data.subarray(from, from + nx));
      const offsets = data.subarray(planes * ny * nx + from, planes * ny * nx + from + nx);
      floats(constantsAt, nx).set(offsets.map((v) => 1 + v));
      loaded = row;
    }
    const [from, to] = [y * width, (y + rows) * width];
    sigmas.set(weights.subarray(from, to));
    lights.set(values.subarray(from, to));
    room.passes.deviations(sigmasAt, to - from);
    // prettier-ignore
    room.passes.addPhotons(
      sigmasAt, lightsAt, slopesAt, constantsAt, x0, width, rows, stepPx, LEAST_FACTOR,
    );
    out.set(sigmas.subarray(0, to - from), from);
  }
}
