// Twin of contracts/demosaic-bilinear.ts.
import type { demosaicBilinear as contract } from '../../compute/contracts/demosaic-bilinear.js';
import type { ParamsOf } from '../../compute/params.js';
import { meanOfSites, OWN, siteKinds } from '../cfa.js';

/** CFA to three planes by means of the nearest sites; see the contract. */
export function demosaicBilinear(
  p: ParamsOf<typeof contract.params>,
  b: { cfa: Float32Array; planes: Float32Array },
): void {
  const { width, height, originX, originY, pattern } = p;
  const w = { cfa: b.cfa, width, height, originX, originY, pattern };
  const kinds = siteKinds(w);
  for (let colour = 0; colour < 3; colour++) {
    let out = colour * width * height;
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++, out++) {
        const kind = kinds[((y & 1) * 2 + (x & 1)) * 3 + colour];
        b.planes[out] = kind === OWN ? b.cfa[at] : meanOfSites(w, x, y, kind);
      }
    }
  }
}
