// What the integration was told of each frame, kept in the work folder of the run: with the stage products, enough to run one kernel again.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workspace } from '../../cleanup/workspace.js';
import type { FrameCalibration } from '../calibration/frame-calibration.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';

/** Frames in canonical order with sensor, gains, level terms, weights, WCS; cells with their frames. */
function integrationRecord(plan: MosaicPlan, { frames }: IntegrationPlan) {
  return {
    frames: frames.map(
      ({
        path: file,
        hdu,
        nx,
        ny,
        wcs,
        sensor,
        calibration,
        defects,
        leftOut,
        hotPixelThresholds,
        levels,
        weights,
      }) => ({
        path: file,
        hdu,
        shape: [ny, nx],
        sensor,
        calibration: calibration ? mastersOf(calibration) : null,
        defects: defects ? { count: defects.pixels.length, sha256: defects.digest } : null,
        left_out: leftOut ? { count: leftOut.length, sha256: sha256Of(leftOut) } : null,
        hot_pixel_thresholds_adu: hotPixelThresholds ?? null,
        gains: levels.map(({ gain }) => gain),
        level_terms_adu: levels.map(({ terms }) => [...terms]),
        weights,
        wcs: wcs.describe(),
      }),
    ),
    cells: plan.cells.cells.map(({ rect, frames: members }) => ({ ...rect, frames: [...members] })),
  };
}

/** Writes `mosaic_first_<uuid>/integration.json`. */
export async function writeIntegrationRecord(
  workspace: Workspace,
  plan: MosaicPlan,
  integration: IntegrationPlan,
): Promise<void> {
  const dir = await workspace.mosaicFirstDir();
  const text = JSON.stringify(integrationRecord(plan, integration));
  await writeFile(path.join(dir, 'integration.json'), `${text}\n`);
}

/** SHA-256 of all that the bytes of the cells depend on beside pixels, settings and backend; where expanded copies stand is no part of it. */
export function integrationDigest(
  plan: MosaicPlan,
  integration: IntegrationPlan,
  groups: FrameGroups | undefined,
): string {
  const { frames, cells } = integrationRecord(plan, integration);
  const facts = {
    grid: plan.grid.wcs.describe(),
    frames: frames.map((f) => ({ ...f, path: '' })),
    cells,
    groups: groups?.groups,
  };
  return sha256Of(JSON.stringify(facts));
}

const sha256Of = (data: string | Uint32Array) => createHash('sha256').update(data).digest('hex');

/** Masters by their names: they stand beside the record. */
function mastersOf({ bias, dark, flat }: FrameCalibration) {
  const named = (use: typeof bias) => use && { name: path.basename(use.path), scale: use.scale };
  return { bias: named(bias), dark: named(dark), flat: flat && path.basename(flat) };
}
