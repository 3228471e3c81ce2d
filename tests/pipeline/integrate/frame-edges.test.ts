// Edges of a frame that are left out, on every backend: nothing outside, and inside what the whole frame gives.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { BLANK_LIMIT, LEVEL_TERMS } from '../../../src/compute/constants.js';
import { randomStream } from '../../../src/demo/random.js';
import { createFitsWriter } from '../../../src/fits/write/create-fits-writer.js';
import { FrameFiles } from '../../../src/pipeline/integrate/windows/frame-files.js';
import type { IntegrationFrame } from '../../../src/pipeline/integrate/windows/integration-frame.js';
import {
  type CellContext,
  integrateCell,
  prepareCell,
} from '../../../src/pipeline/integrate/integrate-cell.js';
import { StageLedger } from '../../../src/pipeline/stage-ledger.js';
import { forEachBackend } from '../../helpers/backends.js';
import { temporaryFolderForFile } from '../../helpers/temporary-folder.js';

const folder = temporaryFolderForFile();
const [NX, NY] = [150, 120];
const EDGES = { x: 12, y: 10 };
const scale = 1e-3;
const wcs = makeTanWcs({ crval: [20, 10], crpix: [75.5, 60.5], cd: [-scale, 0, 0, scale] });
/** A grid of the same sky, turned a little and off by parts of a pixel. */
const [SIN, COS] = [Math.sin(0.1), Math.cos(0.1)];
const grid = {
  nx: 160,
  ny: 130,
  wcs: makeTanWcs({
    crval: [20, 10],
    crpix: [80.3, 65.8],
    cd: [-scale * COS, scale * SIN, scale * SIN, scale * COS],
  }),
  centre: [20, 10] as const,
  scaleArcsec: 3.6,
  rotationDeg: 0,
};
const file = () => path.join(folder(), 'frame.fits');

beforeAll(async () => {
  const random = randomStream(7);
  const writer = await createFitsWriter(file());
  await writer.beginImage({ bitpix: -32, shape: [NY, NX] });
  await writer.writeRows(Float32Array.from({ length: NX * NY }, () => 500 + 40 * random.normal()));
  await writer.endImage();
  await writer.commit();
});

function frameOf(kind: 'mono' | 'cfa', edges?: typeof EDGES): IntegrationFrame {
  const planes = kind === 'mono' ? 1 : 3;
  const terms = Float64Array.from({ length: LEVEL_TERMS }, (_, k) => [100, 20, -10][k] ?? 0);
  return {
    path: file(),
    hdu: 0,
    nx: NX,
    ny: NY,
    wcs,
    sensor: kind === 'mono' ? { kind } : { kind, pattern: 0b10_01_01_00 },
    hotPixelThresholds: undefined,
    levels: Array.from({ length: planes }, () => ({ gain: 1.5, terms })),
    weights: new Array<number>(planes).fill(1),
    inverseVariances: new Array<number>(planes).fill(1),
    varianceFactors: new Array<number>(planes).fill(1),
    ...(edges && { edges }),
  };
}

forEachBackend((backend) => {
  describe('edges left out', () => {
    it.each(['mono', 'cfa'] as const)('%s', async (kind) => {
      const rect = { x0: 0, y0: 0, width: grid.nx, height: grid.ny };
      const integrated = async (frame: IntegrationFrame) => {
        const files = new FrameFiles();
        const context: CellContext = {
          grid,
          frames: [frame],
          files,
          backend: backend(),
          settings: {
            kernel: 'lanczos3',
            demosaic: 'direct',
            cfaKernel: 'cubic',
            guardsFew: false,
            trailReach: 0,
            guardSlope: 0,
            rejection: 'none',
            combine: 'mean',
            kappaLow: 3,
            kappaHigh: 3,
          },
          ledger: new StageLedger(),
          signal: new AbortController().signal,
          mostBytes: Infinity,
        };
        const cell = { rect, frames: Uint32Array.of(0) };
        const result = await integrateCell(prepareCell(cell, context, context.backend), context);
        await files.close();
        return result!.mean;
      };
      const [whole, cut] = [await integrated(frameOf(kind)), await integrated(frameOf(kind, EDGES))];
      let [inside, outside, worst, shown] = [0, 0, 0, 0];
      for (let k = 0; k < cut.length; k++) {
        const pixel = k % (grid.nx * grid.ny);
        const sky = grid.wcs.pixelToSky((pixel % grid.nx) + 1, Math.floor(pixel / grid.nx) + 1)!;
        const [x, y] = wcs.skyToPixel(...sky)!;
        // distance to the nearest edge that stays, positive inside
        const depth = Math.min(
          x - 0.5 - EDGES.x,
          NX + 0.5 - EDGES.x - x,
          y - 0.5 - EDGES.y,
          NY + 0.5 - EDGES.y - y,
        );
        if (depth > 0.01) {
          worst = Math.max(worst, Math.abs(cut[k] - whole[k]));
          inside++;
        } else if (depth < -0.01) {
          if (cut[k] > BLANK_LIMIT) shown++;
          outside++;
        }
      }
      expect(worst).toBeLessThan(1e-3);
      expect(shown).toBe(0);
      expect(inside).toBeGreaterThan(10_000);
      expect(outside).toBeGreaterThan(5_000);
    });
  });
});
