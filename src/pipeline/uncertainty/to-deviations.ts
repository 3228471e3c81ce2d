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

/** Fills `out` with 1 / sqrt(weight) of `weights`, which it may be, times the roots of the factors for `light`; NaN where a weight is not above 0. None is infinite. */
export function toDeviations(weights: Float32Array, out: Float32Array, light?: OwnLight): void {
  const room = sharedPasses();
  const sigmas = room.put(weights);
  const lit = light && { ...light, values: room.put(light.values) };
  deviationsAt(room, sigmas, weights.length, lit);
  out.set(new Float32Array(room.buffer, sigmas, weights.length));
}

/** The same in place: of `count` weights at `at` in the memory of the room, the values of the light at an address as well. */
export function deviationsAt(
  room: SamplePasses,
  at: number,
  count: number,
  light?: Omit<OwnLight, 'values'> & { readonly values: number },
): void {
  room.passes.deviations(at, count);
  if (light) room.within(() => addPhotons(room, at, light));
}

/** Rows by rows that lie in one row of the field's squares. */
function addPhotons(
  room: SamplePasses,
  at: number,
  {
    field: { nx, ny, planes, stepPx, data },
    plane,
    region: { x0, y0, width, height },
    values,
  }: Omit<OwnLight, 'values'> & { readonly values: number },
): void {
  const [slopesAt, constantsAt] = [room.take(4 * nx), room.take(4 * nx)];
  const floats = (address: number) => new Float32Array(room.buffer, address, nx);
  for (let y = 0; y < height;) {
    const row = Math.min(ny - 1, Math.floor((y0 + y) / stepPx));
    const end = row === ny - 1 ? height : Math.min(height, (row + 1) * stepPx - y0);
    const from = (plane * ny + row) * nx;
    floats(slopesAt).set(data.subarray(from, from + nx));
    const offsets = data.subarray(planes * ny * nx + from, planes * ny * nx + from + nx);
    floats(constantsAt).set(offsets.map((v) => 1 + v));
    const before = 4 * y * width;
    // prettier-ignore
    room.passes.addPhotons(
      at + before, values + before, slopesAt, constantsAt, x0, width, end - y, stepPx, LEAST_FACTOR,
    );
    y = end;
  }
}
