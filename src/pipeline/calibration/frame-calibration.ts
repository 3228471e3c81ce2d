// The masters that one frame is calibrated with, windows of them, and the kernel call that applies them: one definition for measure and integration.
import type { Handle, Op } from '../../compute/backend.js';
import { BLANK_VALUE } from '../../compute/constants.js';
import { readWindow } from '../../fits/read/read-window.js';
import type { FrameFiles } from '../integrate/windows/frame-files.js';
import type { WindowRect } from '../integrate/windows/frame-window.js';

/** A master frame on disk: float32 FITS, primary HDU, of the light frame's shape, ADU. */
export interface MasterUse {
  readonly path: string;
  /** It is multiplied by this before it is taken off. */
  readonly scale: number;
}

/** At least one master. */
export interface FrameCalibration {
  readonly bias?: MasterUse;
  readonly dark?: MasterUse;
  /** Master flat, mean 1 per colour. */
  readonly flat?: string;
  /** ADU at which calibrated samples may be saturated at the earliest. */
  readonly saturation?: number;
}

/** Masters of a window, `[planes, height, width]`, with blanks; absent ones are not applied. */
export interface CalibrationWindow {
  readonly bias?: Float32Array;
  readonly dark?: Float32Array;
  readonly flat?: Float32Array;
  readonly biasScale: number;
  readonly darkScale: number;
}

/** Planes of a frame that are calibrated together. */
export type PlaneRange = { readonly first: number; readonly count: number };

/** Reads the masters' windows. */
export async function readCalibration(
  files: FrameFiles,
  { bias, dark, flat }: FrameCalibration,
  rect: WindowRect,
  planes: PlaneRange,
): Promise<CalibrationWindow> {
  return {
    ...(bias && { bias: await readMaster(files, bias.path, rect, planes) }),
    ...(dark && { dark: await readMaster(files, dark.path, rect, planes) }),
    ...(flat && { flat: await readMaster(files, flat, rect, planes) }),
    biasScale: bias?.scale ?? 0,
    darkScale: dark?.scale ?? 0,
  };
}

function readMaster(
  files: FrameFiles,
  path: string,
  rect: WindowRect,
  { first, count }: PlaneRange,
): Promise<Float32Array> {
  return files.use(path, async (file) => {
    const size = rect.width * rect.height;
    const windows: Float32Array[] = [];
    for (let plane = first; plane < first + count; plane++) {
      windows.push(blanksOf(await readWindow(file, file.hdus[0], { ...rect, plane })));
    }
    if (count === 1) return windows[0];
    const values = new Float32Array(count * size);
    windows.forEach((window, i) => values.set(window, i * size));
    return values;
  });
}

/** NaN becomes BLANK_VALUE, in place. */
export function blanksOf(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) if (values[i] !== values[i]) values[i] = BLANK_VALUE;
  return values;
}

/**
 * Operations that calibrate `image` (`[planes, pixels]`) into a new handle, which the caller frees; `image` and what is made meanwhile are freed.
 * `label` tells handles of frames apart.
 */
export function calibrateOps(
  image: Handle,
  masters: CalibrationWindow,
  planes: number,
  label: string,
): { readonly ops: readonly Op[]; readonly calibrated: Handle } {
  const handle = (name: string, length: number): Handle => ({
    label: `${label} ${name}`,
    element: 'f32',
    length,
  });
  const ops: Op[] = [];
  const made = (name: string, data: Float32Array | undefined): Handle => {
    const master = handle(name, data?.length ?? 1);
    ops.push({ op: 'alloc', handle: master });
    if (data) ops.push({ op: 'upload', handle: master, data });
    return master;
  };
  const [bias, dark, flat] = [
    made('bias', masters.bias),
    made('dark', masters.dark),
    made('flat', masters.flat),
  ];
  const calibrated = handle('calibrated', image.length);
  ops.push(
    { op: 'alloc', handle: calibrated },
    {
      op: 'kernel',
      stem: 'calibrate',
      params: {
        pixels: image.length / planes,
        planes,
        biasScale: masters.biasScale,
        darkScale: masters.darkScale,
        hasFlat: masters.flat ? 1 : 0,
      },
      buffers: { image, bias, dark, flat, calibrated },
    },
    ...[image, bias, dark, flat].map((used): Op => ({ op: 'free', handle: used })),
  );
  return { ops, calibrated };
}
