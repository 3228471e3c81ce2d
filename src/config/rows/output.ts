// Rows of the group "output": files written besides and instead of the plain science image, and the preview.
import { booleanRow, choiceRow, integerRow, numberRow } from '../row.js';

const group = 'output';

export const OUTPUT_ROWS = [
  choiceRow('output_compression', ['none', 'rice', 'gzip'], 'none', { group, aliases: ['compression'] }),
  booleanRow('save_final_as_uint16', false, { group }),
  booleanRow('save_tiff16', false, { group }),
  booleanRow('save_png16', false, { group }),
  numberRow('preview_png_p_low', 1, { group, unit: '%', minimum: 0, maximum: 20 }),
  numberRow('preview_png_p_high', 99.9, { group, unit: '%', minimum: 50, maximum: 100 }),
  numberRow('preview_png_asinh_a', 12, { group, minimum: 0.001, maximum: 200 }),
  integerRow('preview_png_max_dim', 3200, { group, unit: 'px', minimum: 256, maximum: 16384 }),
  booleanRow('preview_png_apply_wb', false, { group }),
] as const;
