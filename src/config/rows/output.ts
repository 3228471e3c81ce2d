// Rows of the group "output": files written besides and instead of the plain science image, and the preview.
import { autoNumberRow, booleanRow, choiceRow, integerRow } from '../row.js';

const group = 'output';

export const OUTPUT_ROWS = [
  choiceRow('output_compression', ['none', 'rice', 'gzip'], 'none', { group, aliases: ['compression'] }),
  booleanRow('save_final_as_uint16', false, { group }),
  booleanRow('save_tiff16', false, { group }),
  booleanRow('save_png16', false, { group }),
  booleanRow('save_rejection_maps', false, { group, aliases: ['rejection-maps'] }),
  // The stacks of classic, SDS and grid, as tiles that use_existing_master_tiles reads again.
  booleanRow('save_master_tiles', false, { group, aliases: ['keep-tiles'] }),
  booleanRow('save_residual_picture', false, { group }),
  booleanRow('save_html_report', false, { group }),
  choiceRow('save_hips', ['none', 'png', 'png_fits'], 'none', { group, aliases: ['hips'] }),
  autoNumberRow('preview_png_p_low', { group, unit: '%', minimum: 0, maximum: 20 }),
  autoNumberRow('preview_png_p_high', { group, unit: '%', minimum: 50, maximum: 100 }),
  autoNumberRow('preview_png_asinh_a', { group, minimum: 1e-7, maximum: 200 }),
  integerRow('preview_png_max_dim', 3200, { group, unit: 'px', minimum: 256, maximum: 16384 }),
  booleanRow('preview_png_apply_wb', true, { group }),
] as const;
