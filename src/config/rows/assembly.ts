// Rows of the group "assembly": the output grid and what is done on it.
import {
  autoNumberRow,
  booleanRow,
  choiceRow,
  integerRow,
  limitsRow,
  numberRow,
  pathRow,
  sizeRow,
} from '../row.js';

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
  autoNumberRow('global_wcs_scale_arcsec', {
    group,
    unit: '"/px',
    option: 'scale-arcsec',
    minimum: 0.001,
    maximum: 36000,
  }),
  numberRow('global_wcs_scale_factor', 1, {
    group,
    option: 'scale-factor',
    minimum: 0.01,
    maximum: 16,
  }),
  choiceRow(
    'global_wcs_projection',
    ['auto', 'tan', 'stg', 'arc', 'zea', 'sin', 'car', 'cea', 'mer', 'sfl', 'mol', 'ait'],
    'auto',
    { group, option: 'projection' },
  ),
  choiceRow('global_wcs_orientation', ['north_up', 'median_pc', 'auto', 'angle'], 'north_up', {
    group,
    option: 'orientation',
  }),
  numberRow('global_wcs_angle_deg', 0, { group, unit: 'deg', option: 'angle', minimum: -360, maximum: 360 }),
  booleanRow('global_wcs_autocrop_enabled', false, { group, option: 'autocrop' }),
  choiceRow('global_wcs_autocrop_shape', ['covered', 'inner'], 'covered', {
    group,
    option: 'autocrop-shape',
  }),
  integerRow('global_wcs_autocrop_margin_px', 128, { group, unit: 'px', minimum: 0, maximum: 100000 }),
  booleanRow('quality_crop_enabled', false, { group, option: 'quality-crop' }),
  integerRow('quality_crop_band_px', 32, { group, unit: 'px', minimum: 4, maximum: 1024 }),
  numberRow('quality_crop_k_sigma', 2, { group, unit: 'sigma', exclusiveMinimum: 0, maximum: 100 }),
  integerRow('quality_crop_margin_px', 8, { group, unit: 'px', minimum: 0, maximum: 10000 }),
  booleanRow('altaz_cleanup_enabled', false, { group, option: 'altaz-cleanup' }),
  choiceRow('altaz_unknown_policy', ['auto', 'on', 'off'], 'auto', { group }),
  numberRow('altaz_margin_percent', 5, { group, unit: '%', minimum: 0, maximum: 50 }),
  numberRow('altaz_decay', 0.15, { group, exclusiveMinimum: 0, maximum: 10 }),
  // The reference program cuts 3 % off every tile; here a frame keeps its edges unless asked for.
  booleanRow('apply_master_tile_crop', false, { group, option: 'edge-crop' }),
  numberRow('master_tile_crop_percent', 3, { group, unit: '%', minimum: 0, maximum: 40 }),
  // 1000 Mpx of three channels are 12 GB of science image: beyond that, a wrong WCS is likelier than a wish.
  numberRow('canvas_max_megapixels', 1000, {
    group,
    unit: 'Mpx',
    exclusiveMinimum: 0,
    maximum: 1000000,
  }),
  // Off: it changes the science image, and levels that are matched leave it little to do (docs/output.md).
  choiceRow('two_pass_residuals', ['off', 'auto'], 'off', { group }),
  booleanRow('two_pass_coverage_renorm', false, { group, aliases: ['two-pass'] }),
  numberRow('two_pass_cov_sigma_px', 50, { group, unit: 'px', exclusiveMinimum: 0, maximum: 10000 }),
  limitsRow('two_pass_cov_gain_clip', [0.85, 1.18], { group, exclusiveMinimum: 0, maximum: 100 }),
] as const;
