// Rows of the group "assembly": the output grid and what is done on it.
import { booleanRow, choiceRow, numberRow, pathRow, sizeRow } from '../row.js';

const group = 'assembly';

export const ASSEMBLY_ROWS = [
  pathRow('global_wcs_output_path', 'global_mosaic_wcs.fits', { group }),
  choiceRow('global_wcs_pixelscale_mode', ['median', 'min', 'max'], 'median', {
    group,
    option: 'pixelscale-mode',
  }),
  numberRow('global_wcs_padding_percent', 2, {
    group,
    unit: '%',
    option: 'padding-percent',
    minimum: 0,
    maximum: 100,
  }),
  sizeRow('global_wcs_res_override', {
    group,
    unit: 'px',
    option: 'canvas-size',
    minimum: 1,
    maximum: 1000000,
  }),
  choiceRow('global_wcs_orientation', ['north_up', 'median_pc'], 'north_up', {
    group,
    option: 'orientation',
  }),
  // 1000 Mpx of three channels are 12 GB of science image: beyond that, a wrong WCS is likelier than a wish.
  numberRow('canvas_max_megapixels', 1000, {
    group,
    unit: 'Mpx',
    exclusiveMinimum: 0,
    maximum: 1000000,
  }),
  booleanRow('two_pass_coverage_renorm', false, { group, aliases: ['two-pass'] }),
] as const;
