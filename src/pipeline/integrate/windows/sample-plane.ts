// The samples of a window one by one, whatever form they have.
import { BLANK_LIMIT } from '../../../compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../../compute/contracts/decode.js';
import type { WindowSamples } from './frame-window.js';

/** Samples by their index, in their own units; NaN where there is none. */
export interface SamplePlane {
  readonly get: (index: number) => number;
  readonly set: (index: number, value: number) => void;
}

/** Of one plane. */
export function planeOf(samples: WindowSamples): SamplePlane {
  if (samples.form === 'physical') {
    const { values } = samples;
    return {
      get: (index) => (values[index] > BLANK_LIMIT ? values[index] : NaN),
      set: (index, value) => (values[index] = value),
    };
  }
  const { bytes, sampleType, blank } = samples;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = (value: number) => (value === blank || !Number.isFinite(value) ? NaN : value);
  if (sampleType === SAMPLE_F32) {
    return {
      get: (index) => known(view.getFloat32(4 * index)),
      set: (index, value) => view.setFloat32(4 * index, value),
    };
  }
  if (sampleType === SAMPLE_I16) {
    return {
      get: (index) => known(view.getInt16(2 * index)),
      set: (index, value) => view.setInt16(2 * index, Math.round(value)),
    };
  }
  return {
    get: (index) => known(bytes[index]),
    set: (index, value) => (bytes[index] = Math.round(value)),
  };
}
