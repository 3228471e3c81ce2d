// What the integration was told of each frame, kept in the work folder of the run: with the stage products, enough to run one kernel again.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workspace } from '../../cleanup/workspace.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';

/** Writes `mosaic_first_<uuid>/integration.json`: frames in canonical order with sensor, gains, level terms, weights, WCS; cells with their frames. */
export async function writeIntegrationRecord(
  workspace: Workspace,
  plan: MosaicPlan,
  { frames }: IntegrationPlan,
): Promise<void> {
  const record = {
    frames: frames.map(({ path: file, hdu, nx, ny, wcs, sensor, hotPixelThresholds, levels, weights }) => ({
      path: file,
      hdu,
      shape: [ny, nx],
      sensor,
      hot_pixel_thresholds_adu: hotPixelThresholds ?? null,
      gains: levels.map(({ gain }) => gain),
      level_terms_adu: levels.map(({ terms }) => [...terms]),
      weights,
      wcs: wcs.describe(),
    })),
    cells: plan.cells.cells.map(({ rect, frames: members }) => ({ ...rect, frames: [...members] })),
  };
  const dir = await workspace.mosaicFirstDir();
  await writeFile(path.join(dir, 'integration.json'), `${JSON.stringify(record)}\n`);
}
