// Rows of the group "frames": what happens to the raw samples before the warp.
import { booleanRow, choiceRow, numberRow, pathRow } from '../row.js';

const group = 'frames';

export const FRAMES_ROWS = [
  pathRow('exclude_frames_file', '', { group, aliases: ['exclude'] }),
  // A solution takes milliseconds; a WCS of unknown origin can be off by pixels.
  booleanRow('force_resolve_existing_wcs', false, { group }),
  // Of headers' WCS; what is solved here is always adjusted.
  choiceRow('refine_astrometry', ['auto', 'on', 'off'], 'auto', { group }),
  booleanRow('hot_pixel_correction', true, { group }),
  // In units of the frame's own noise, on the CFA; 5 spares star cores, which are wider than one pixel.
  numberRow('hot_pixel_sigma', 5, { group, unit: 'sigma', exclusiveMinimum: 0, maximum: 1000 }),
  choiceRow('demosaic_method', ['direct', 'bilinear', 'edge_aware'], 'direct', {
    group,
    aliases: ['demosaic'],
  }),
] as const;
