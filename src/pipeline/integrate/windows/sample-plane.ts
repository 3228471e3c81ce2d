// The samples of a window one by one, whatever form they have.
import { BLANK_LIMIT } from '../../../compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../../compute/contracts/decode.js';
import type { WindowSamples } from './frame-window.js';

/** Samples by their index, in their own units; NaN where there is none. */
export interface SamplePlane {
  readonly get: (index: number) => number;
  readonly set: (index: number, value: number) => void;
}

/** Fills `out` with the samples at `indices`, NaN where an index is `none` or no sample is there: without a call for each, where they are as most cameras have them. */
export function samplesAt(
  samples: WindowSamples,
  indices: Uint32Array,
  none: number,
  out: Float64Array,
): void {
  if (samples.form !== 'stored' || samples.sampleType !== SAMPLE_I16) {
    const { get } = planeOf(samples);
    for (let k = 0; k < indices.length; k++) out[k] = indices[k] === none ? NaN : get(indices[k]);
    return;
  }
  const { bytes, blank } = samples;
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k];
    const value = ((bytes[2 * index] << 24) >> 16) | bytes[2 * index + 1];
    out[k] = index === none || value === blank ? NaN : value;
  }
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
