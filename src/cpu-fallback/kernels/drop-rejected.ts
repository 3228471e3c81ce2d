// Twin of contracts/drop-rejected.ts.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { dropRejected as contract } from '../../compute/contracts/drop-rejected.js';
import type { ParamsOf } from '../../compute/params.js';

interface DropBuffers {
  readonly cube: Float32Array;
  readonly rejected_low: Uint32Array;
  readonly rejected_high: Uint32Array;
}

/** Blanks in the cube what a stack rejected; see the contract. */
export function dropRejected(p: ParamsOf<typeof contract.params>, b: DropBuffers): void {
  const step = p.planes * p.pixels;
  for (let at = 0; at < step; at++) {
    for (let k = 0; k < b.rejected_low[at]; k++) dropExtreme(b.cube, at, step, -1);
    for (let k = 0; k < b.rejected_high[at]; k++) dropExtreme(b.cube, at, step, 1);
  }
}

/** Blanks the first of the highest (`side` 1) or lowest (-1) valid samples of a pixel. */
function dropExtreme(cube: Float32Array, first: number, step: number, side: number): void {
  let found = -1;
  for (let at = first; at < cube.length; at += step) {
    if (cube[at] > BLANK_LIMIT && (found < 0 || side * cube[at] > side * cube[found])) found = at;
  }
  if (found >= 0) cube[found] = BLANK_VALUE;
}
