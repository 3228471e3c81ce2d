// Samples as they stand in a FITS file (big-endian) -> float32 physical values, blanks as BLANK_VALUE.
import { defineContract } from '../contract.js';

/** `sampleType` of the decode kernel. */
export const SAMPLE_I16 = 0;
export const SAMPLE_F32 = 1;
export const SAMPLE_U8 = 2;

/**
 * physical = stored * scale + zero (FITS 4.0, section 4.4.2.5). `raw` holds rows of `rowSamples` big-endian samples, one row after
 * the other without padding, as little-endian 32-bit words of the file's bytes (byte k of the file is bits 8 (k mod 4) of word k / 4);
 * the window starts at sample `firstSample` of each row. A stored integer equal to `blank` (when
 * `hasBlank`), any non-finite float and any float whose physical value is beyond -SAMPLE_LIMIT to SAMPLE_LIMIT become BLANK_VALUE. Output `[height, width]`.
 */
export const decode = defineContract({
  stem: 'decode',
  params: {
    width: 'u32',
    height: 'u32',
    rowSamples: 'u32',
    firstSample: 'u32',
    sampleType: 'u32',
    hasBlank: 'u32',
    blank: 'i32',
    scale: 'f32',
    zero: 'f32',
  },
  buffers: [
    {
      name: 'raw',
      element: 'u32',
      access: 'read',
      length: (p) =>
        Math.ceil(
          (p.rowSamples *
            p.height *
            (p.sampleType === SAMPLE_F32 ? 4 : p.sampleType === SAMPLE_I16 ? 2 : 1)) /
            4,
        ),
    },
    { name: 'image', element: 'f32', access: 'write', length: (p) => p.width * p.height },
  ],
  threads: (p) => [p.width, p.height, 1],
  stencil: 0,
});
