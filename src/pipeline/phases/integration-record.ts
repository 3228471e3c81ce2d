// What the integration was told of each frame, kept in the work folder of the run: with the stage products, enough to run one kernel again.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workspace } from '../../cleanup/workspace.js';
import type { FrameCalibration } from '../calibration/frame-calibration.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import type { IntegrationFrame } from '../integrate/windows/integration-frame.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';

/** Frames whose record stands as text at once: of thousands it would take tens of megabytes. */
const FRAMES_AT_ONCE = 200;

/** Sensor, gains, level terms, weights, WCS of a frame. */
function frameRecord({
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
}: IntegrationFrame) {
  return {
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
  };
}

/** Frames in canonical order as `told` says them, and cells with their frames: parts of one JSON text. */
function* integrationText(
  plan: MosaicPlan,
  { frames }: IntegrationPlan,
  told: (frame: IntegrationFrame) => unknown,
): Generator<string> {
  yield '{"frames":[';
  for (let from = 0; from < frames.length; from += FRAMES_AT_ONCE) {
    const some = JSON.stringify(frames.slice(from, from + FRAMES_AT_ONCE).map(told)).slice(1, -1);
    yield from > 0 ? `,${some}` : some;
  }
  const cells = plan.cells.cells.map(({ rect, frames: members }) => ({ ...rect, frames: [...members] }));
  yield `],"cells":${JSON.stringify(cells)}}\n`;
}

/** Writes `mosaic_first_<uuid>/integration.json`. */
export async function writeIntegrationRecord(
  workspace: Workspace,
  plan: MosaicPlan,
  integration: IntegrationPlan,
): Promise<void> {
  const dir = await workspace.mosaicFirstDir();
  await writeFile(path.join(dir, 'integration.json'), integrationText(plan, integration, frameRecord));
}

/** SHA-256 of all that the bytes of the cells depend on beside pixels, settings and backend; where expanded copies stand is no part of it. */
export function integrationDigest(
  plan: MosaicPlan,
  integration: IntegrationPlan,
  groups: FrameGroups | undefined,
): string {
  const facts = { grid: plan.grid.wcs.describe(), groups: groups?.groups };
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const text of integrationText(plan, integration, (frame) => ({ ...frameRecord(frame), path: '' })))
    hash.update(text);
  return hash.digest('hex');
}

const sha256Of = (data: Uint32Array) => createHash('sha256').update(data).digest('hex');

/** Masters by their names: they stand beside the record. */
function mastersOf({ bias, dark, flat }: FrameCalibration) {
  const named = (use: typeof bias) => use && { name: path.basename(use.path), scale: use.scale };
  return { bias: named(bias), dark: named(dark), flat: flat && path.basename(flat) };
}
