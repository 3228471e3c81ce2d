// Twin of contracts/demosaic-bilinear.ts.
import type { demosaicBilinear as contract } from '../../compute/contracts/demosaic-bilinear.js';
import type { ParamsOf } from '../../compute/params.js';
import { colourAt, meanOfSites, sitesOf } from '../cfa.js';

/** CFA to three planes by means of the nearest sites; see the contract. */
export function demosaicBilinear(
  p: ParamsOf<typeof contract.params>,
  b: { cfa: Float32Array; planes: Float32Array },
): void {
  const { width, height, originX, originY, pattern } = p;
  const w = { cfa: b.cfa, width, height, originX, originY, pattern };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const own = colourAt(w, x, y);
      for (let colour = 0; colour < 3; colour++) {
        b.planes[colour * width * height + at] =
          colour === own ? b.cfa[at] : meanOfSites(w, x, y, sitesOf(w, x, y, colour));
      }
    }
  }
}
