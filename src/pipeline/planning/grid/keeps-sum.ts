// Whether a mosaic that frames can be added to needs more than its science image to go on from.
import type { RunConfig } from '../../../config/table.js';
import type { OutputGrid } from './output-grid.js';
import { radialShape } from './radial-shape.js';

/** Whether sums of weights that fall towards the edges of frames are kept: the uncertainty of a mean does not tell them. */
export const keepsRadial = (config: RunConfig): boolean =>
  config.incremental && radialShape(config) !== undefined;

/** Whether the science image of these settings lacks something of the sum: it is cropped, coarser, cleaned or evened, or its weights fell. */
export function keepsSum(config: RunConfig, { binning = 1 }: Pick<OutputGrid, 'binning'>): boolean {
  const isAltered =
    config.global_wcs_autocrop_enabled ||
    config.quality_crop_enabled ||
    config.altaz_cleanup_enabled ||
    config.two_pass_residuals !== 'off';
  return config.incremental && (isAltered || binning > 1 || keepsRadial(config));
}
