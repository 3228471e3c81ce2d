// Samples that are physical values before they go to a backend: decode does not see them.
import { expect, it } from 'vitest';
import { BLANK_VALUE } from '../../../../src/compute/constants.js';
import { memorySource } from '../../../../src/fits/byte-source.js';
import { openFits } from '../../../../src/fits/open-fits.js';
import { readSamples } from '../../../../src/pipeline/integrate/windows/frame-window.js';
import { fitsBytes } from '../../../frames/fits-bytes.js';

it('of several planes: what decode would take for blank is blank', async () => {
  const levels = [1, NaN, 3e38, -3e38, 1.01e15, 9e14, -9e14, Infinity];
  const file = await openFits(
    memorySource(
      'a.fits',
      fitsBytes([4, 1, 2], { BITPIX: -32 }, (i) => levels[i]),
    ),
  );
  const rect = { x0: 0, y0: 0, width: 4, height: 1 };
  const samples = await readSamples(file, file.hdus[0], rect, 2);
  const B = BLANK_VALUE;
  const values = Float32Array.of(1, B, B, B, B, 9e14, -9e14, B);
  expect(samples).toEqual({ form: 'physical', values });
});
