// The background of planes that are in memory as a whole.
import {
  BackgroundMesher,
  type BackgroundMeasure,
  type MeshOptions,
} from '../../../src/photometry/background/background-mesh.js';
import type { Samples } from '../../../src/photometry/samples.js';

/** Measures whole planes in memory: `planes[p]` is `[height, width]` (one plane for a CFA). */
export function measureBackground(planes: readonly Samples[], options: MeshOptions): BackgroundMeasure {
  const mesher = new BackgroundMesher(options);
  for (let p = 0; p < planes.length; p++) {
    for (let j = 0; j < mesher.bands; j++) {
      const { start, length } = mesher.band(j);
      mesher.addBand(p, j, planes[p].subarray(start * options.width, (start + length) * options.width));
    }
  }
  return mesher.finish();
}
