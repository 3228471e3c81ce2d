// Standard deviations of pixels with the noise of the photons in them: in SIMD.
import { readRegion, type PlaneRegion, type PlaneSource } from '../../output/plane-source.js';
import { sharedPasses } from '../../simd/sample-passes.js';
import { LEAST_FACTOR, type PhotonField } from './photon-field.js';

/** Rows of values that are read at once. */
const TURN_ROWS = 64;

/** Multiplies `deviations`, a region of one plane, by the roots of the field's factors for `values`; the field begins with the image's first pixel. */
export async function addPhotons(
  { nx, ny, planes, stepPx, data }: PhotonField,
  values: PlaneSource,
  plane: number,
  { x0, y0, width, height }: PlaneRegion,
  deviations: Float32Array,
): Promise<void> {
  const whole = x0 === 0 && width === values.nx ? values.view?.(plane) : undefined;
  const turn = new Float32Array(whole ? 0 : width * Math.min(TURN_ROWS, height));
  for (let from = 0; from < height; from += TURN_ROWS) {
    const rows = Math.min(TURN_ROWS, height - from);
    if (!whole) await readRegion(values, plane, { x0, y0: y0 + from, width, height: rows }, turn);
    // nobody else takes of this memory before all rows are done
    const room = sharedPasses();
    const [sigmas, lights] = [room.take(4 * width), room.take(4 * width)];
    const [slopes, constants] = [room.take(4 * nx), room.take(4 * nx)];
    const floats = (at: number, count: number) => new Float32Array(room.buffer, at, count);
    let loaded = -1;
    for (let y = from; y < from + rows; y++) {
      const row = Math.min(ny - 1, Math.floor((y0 + y) / stepPx));
      if (row !== loaded) {
        const at = (plane * ny + row) * nx;
        floats(slopes, nx).set(data.subarray(at, at + nx));
        const offsets = data.subarray(planes * ny * nx + at, planes * ny * nx + at + nx);
        floats(constants, nx).set(offsets.map((v) => 1 + v));
        loaded = row;
      }
      const light = whole
        ? whole.subarray((y0 + y) * width, (y0 + y + 1) * width)
        : turn.subarray((y - from) * width, (y - from + 1) * width);
      floats(lights, width).set(light);
      floats(sigmas, width).set(deviations.subarray(y * width, (y + 1) * width));
      room.passes.addPhotons(sigmas, lights, slopes, constants, x0, width, stepPx, LEAST_FACTOR);
      deviations.set(floats(sigmas, width), y * width);
    }
  }
}
