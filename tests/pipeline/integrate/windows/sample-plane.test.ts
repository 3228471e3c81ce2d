import { expect, test } from 'vitest';
import { SAMPLE_F32, SAMPLE_I16, SAMPLE_U8 } from '../../../../src/compute/contracts/decode.js';
import type { WindowSamples } from '../../../../src/pipeline/integrate/windows/frame-window.js';
import { planeOf, samplesAt } from '../../../../src/pipeline/integrate/windows/sample-plane.js';

const NONE = 2 ** 32 - 1;
// as a window has them that does not begin with its memory
const bytes = Uint8Array.from({ length: 67 }, (_, k) => Math.imul(k + 3, 2654435761) >>> 24).subarray(3);
new DataView(bytes.buffer, bytes.byteOffset).setInt16(2 * 5, -1234);

test.each<[string, WindowSamples]>([
  ['of 16 bits', { form: 'stored', bytes, sampleType: SAMPLE_I16, scale: 1, zero: 0, blank: -1234 }],
  ['of 8 bits', { form: 'stored', bytes, sampleType: SAMPLE_U8, scale: 1, zero: 0, blank: 7 }],
  ['of floats', { form: 'stored', bytes, sampleType: SAMPLE_F32, scale: 1, zero: 0, blank: undefined }],
  [
    'as values',
    { form: 'physical', values: Float32Array.from({ length: 16 }, (_, k) => (k === 5 ? -1e30 : k)) },
  ],
])('samples %s are those that are asked for one by one, none where there is none', (_, samples) => {
  const indices = Uint32Array.of(0, 5, NONE, 15, 3, 3, 9);
  const out = new Float64Array(indices.length);
  samplesAt(samples, indices, NONE, out);
  const { get } = planeOf(samples);
  expect([...out]).toEqual(Array.from(indices, (index) => (index === NONE ? NaN : get(index))));
  expect(out.some((value) => !Number.isNaN(value))).toBe(true);
});
