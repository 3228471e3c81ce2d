// Phase 4, the part that leaves a trace: the global WCS plan as a FITS header and its JSON twin.
import { open } from 'node:fs/promises';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { createFitsWriter } from '../../fits/write/create-fits-writer.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';

/** Writes `global_mosaic_wcs.fits` (a header without data; the canvas is IMAGEW x IMAGEH) and `global_mosaic_wcs.json`. */
export async function writeGlobalWcsPlan(
  workspace: Workspace,
  plan: MosaicPlan,
  frames: readonly PlacedFrame[],
  orientation: string,
): Promise<void> {
  const { grid } = plan;
  const paths = await workspace.reserveGlobalWcsPlan();
  const writer = await createFitsWriter(paths.fits);
  try {
    await writer.beginImage({
      bitpix: 8,
      shape: [],
      cards: [
        { key: 'IMAGEW', value: grid.nx, comment: '[pix] width of the mosaic' },
        { key: 'IMAGEH', value: grid.ny, comment: '[pix] height of the mosaic' },
        ...wcsCards(grid.wcs),
      ],
    });
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const json = {
    width: grid.nx,
    height: grid.ny,
    pixel_scale_arcsec: grid.scaleArcsec,
    center_ra_deg: grid.centre[0],
    center_dec_deg: grid.centre[1],
    rotation_deg: grid.rotationDeg,
    orientation,
    projection: grid.wcs.describe().projection,
    nb_images: frames.length,
    wcs: Object.fromEntries(wcsCards(grid.wcs).map(({ key, value }) => [key, value])),
    files: frames.map(({ record }) => ({ path: record.path, size: record.bytes })),
    cells: plan.cells.cells.map(({ rect, frames: members }) => ({ ...rect, frames: members.length })),
  };
  const handle = await open(paths.json, 'r+');
  try {
    await handle.writeFile(`${JSON.stringify(json, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
