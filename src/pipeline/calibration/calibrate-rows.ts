// Calibrates rows on the backend and brings them back: for the measure pass, and for the frames that masters are made of.
import type { Handle, Program } from '../../compute/backend.js';
import { BLANK_LIMIT } from '../../compute/constants.js';
import type { PrepareRows } from '../../frames/measure-frame.js';
import type { FrameFiles } from '../integrate/windows/frame-files.js';
import type { Computing } from '../run-backend.js';
import {
  blanksOf,
  calibrateOps,
  readCalibration,
  type CalibrationWindow,
  type FrameCalibration,
} from './frame-calibration.js';

/** Samples calibrated at once: 4 MiB a buffer, of which five exist. */
const CHUNK_SAMPLES = 1 << 20;

/** `values` (one plane, BLANK_VALUE = blank) by the masters of the same window. */
export async function calibrateSamples(
  computing: Computing,
  values: Float32Array,
  masters: CalibrationWindow,
): Promise<Float32Array> {
  const image: Handle = { label: 'raw', element: 'f32', length: values.length };
  const { ops, calibrated } = calibrateOps(image, masters, 1, 'rows');
  const program = {
    label: 'calibrate',
    ops: [
      { op: 'alloc', handle: image },
      { op: 'upload', handle: image, data: values },
      ...ops,
      { op: 'read', handle: calibrated },
      { op: 'free', handle: calibrated },
    ],
  } satisfies Program;
  const { reads } = await computing.use((backend) => backend.submit(program));
  return reads[0] as Float32Array;
}

/** What the measure pass does to the rows of a frame `width` pixels wide: NaN = blank, in and out. */
export function rowCalibrator(
  computing: Computing,
  files: FrameFiles,
  calibration: FrameCalibration,
  width: number,
): PrepareRows {
  const step = Math.max(1, Math.floor(CHUNK_SAMPLES / width));
  return async (raw, { plane, y0, rows }) => {
    for (let row = 0; row < rows; row += step) {
      const height = Math.min(step, rows - row);
      const part = raw.subarray(row * width, (row + height) * width);
      const rect = { x0: 0, y0: y0 + row, width, height };
      const masters = await readCalibration(files, calibration, rect, { first: plane, count: 1 });
      const values = await calibrateSamples(computing, blanksOf(part), masters);
      for (let i = 0; i < values.length; i++) part[i] = values[i] > BLANK_LIMIT ? values[i] : NaN;
    }
    return raw;
  };
}
