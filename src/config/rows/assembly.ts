// Rows of the group "assembly": the output grid and what is done on it.
import { booleanRow, choiceRow, integerRow, numberRow, pathRow, sizeRow } from '../row.js';

const group = 'assembly';

export const ASSEMBLY_ROWS = [
  choiceRow('assembly_mode', ['auto', 'mosaic_first', 'classic', 'sds', 'grid'], 'auto', {
    group,
    aliases: ['mode'],
  }),
  numberRow('cluster_panel_threshold', 0, { group, unit: 'deg', minimum: 0, maximum: 180 }),
  integerRow('cluster_target_groups', 0, { group, minimum: 0, maximum: 100000 }),
  numberRow('cluster_orientation_split_deg', 0, { group, unit: 'deg', minimum: 0, maximum: 180 }),
  booleanRow('cluster_split_nights', false, { group }),
  integerRow('max_raw_per_master_tile', 0, { group, minimum: 0, maximum: 1000000 }),
  numberRow('batch_overlap_pct', 0, { group, unit: '%', minimum: 0, maximum: 70 }),
  booleanRow('sds_mode_default', false, { group, aliases: ['sds'] }),
  numberRow('sds_coverage_threshold', 0.92, { group, minimum: 0.1, maximum: 1 }),
  integerRow('sds_min_batch_size', 5, { group, minimum: 1, maximum: 100000 }),
  integerRow('sds_target_batch_size', 10, { group, minimum: 1, maximum: 100000 }),
  // The reference program blanks what fewer than 0.4 of the most frames cover; here nothing is thrown away unless asked for.
  numberRow('sds_min_coverage_keep', 0, { group, minimum: 0, maximum: 1 }),
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
