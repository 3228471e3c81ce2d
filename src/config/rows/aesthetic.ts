// Rows of the group "aesthetic": the product for the eye, beside the science product and never in it.
import { booleanRow, choiceRow, integerRow, numberRow } from '../row.js';

const group = 'aesthetic';

export const AESTHETIC_ROWS = [
  booleanRow('export_aesthetic_fits', false, { group }),
  booleanRow('export_aesthetic_tiff', false, { group }),
  booleanRow('export_aesthetic_png', false, { group }),
  booleanRow('patchwork_suppressor_enabled', true, { group }),
  choiceRow('patchwork_suppressor_strength', ['low', 'normal', 'strong'], 'normal', { group }),
  booleanRow('aesthetic_multiband_enabled', false, { group }),
  integerRow('aesthetic_multiband_width_px', 128, { group, unit: 'px', minimum: 8, maximum: 512 }),
  booleanRow('visual_seam_heal_enabled', false, { group }),
  booleanRow('final_mosaic_dbe_enabled', true, { group }),
  choiceRow('final_mosaic_dbe_strength', ['weak', 'normal', 'strong', 'custom'], 'normal', { group }),
  numberRow('final_mosaic_dbe_obj_k', 3, { group, exclusiveMinimum: 0, maximum: 100 }),
  integerRow('final_mosaic_dbe_obj_dilate_px', 3, { group, unit: 'px', minimum: 0, maximum: 10000 }),
  integerRow('final_mosaic_dbe_sample_step', 24, { group, unit: 'px', minimum: 1, maximum: 10000 }),
  numberRow('final_mosaic_dbe_smoothing', 0.6, { group, exclusiveMinimum: 0, maximum: 100 }),
  booleanRow('final_mosaic_rgb_equalize_enabled', true, { group }),
  booleanRow('final_mosaic_black_point_equalize_enabled', true, { group }),
  booleanRow('aesthetic_hole_fill_enabled', true, { group }),
  integerRow('aesthetic_hole_fill_max_radius_px', 96, { group, unit: 'px', minimum: 1, maximum: 512 }),
] as const;
