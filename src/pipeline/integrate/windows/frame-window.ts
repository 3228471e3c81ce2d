// One window of one frame: which pixels a cell needs, read as stored where the device can decode, as floats elsewhere.
import { BLANK_VALUE, SAMPLE_LIMIT } from '../../../compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16, SAMPLE_U8 } from '../../../compute/contracts/decode.js';
import type { PixelFile, PixelHdu } from '../../../fits/hdu.js';
import { readRawRows, readWindow } from '../../../fits/read/read-window.js';
import type { ReadMemory } from '../../../fits/read/read-buffers.js';
import type { FrameBounds } from '../../planning/grid/pixel-map.js';

/** Rectangle of frame pixels, 0-based. */
export interface WindowRect {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

/** Samples of a window: file bytes for the decode kernel, or physical floats with blanks, `[planes, height, width]`. */
export type WindowSamples =
  | {
      readonly form: 'stored';
      readonly bytes: Uint8Array;
      readonly sampleType: number;
      readonly scale: number;
      readonly zero: number;
      readonly blank: number | undefined;
    }
  | { readonly form: 'physical'; readonly values: Float32Array };

/** Window around the positions a cell maps to, with `halo` pixels on each side, clipped to the frame; undefined when it is empty. */
export function windowRect(
  bounds: FrameBounds,
  nx: number,
  ny: number,
  halo: number,
): WindowRect | undefined {
  const x0 = Math.max(0, Math.floor(bounds.x0) - halo);
  const y0 = Math.max(0, Math.floor(bounds.y0) - halo);
  const x1 = Math.min(nx - 1, Math.ceil(bounds.x1) + halo);
  const y1 = Math.min(ny - 1, Math.ceil(bounds.y1) + halo);
  if (!(x0 <= x1 && y0 <= y1)) return undefined;
  return { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

const STORED_TYPES = new Map([
  [16, SAMPLE_I16],
  [-32, SAMPLE_F32],
  [8, SAMPLE_U8],
]);

/** Whether one plane of the image is taken as the file has it. */
export function isStored(hdu: PixelHdu): boolean {
  return hdu.kind === 'image' && hdu.image !== undefined && STORED_TYPES.has(hdu.image.bitpix);
}

/** Samples of a plane for which `isStored` holds. */
export function storedSamples({ image }: PixelHdu, bytes: Uint8Array): WindowSamples {
  const { bitpix, bscale: scale, bzero: zero, blank } = image!;
  return { form: 'stored', bytes, sampleType: STORED_TYPES.get(bitpix)!, scale, zero, blank };
}

/** Reads the window; `planes` > 1 reads that many planes of a cube. Bytes as stored lie in memory of `buffers`, to be given back, where these are there. */
export async function readSamples(
  file: PixelFile,
  hdu: PixelHdu,
  rect: WindowRect,
  planes: number,
  buffers?: ReadMemory,
): Promise<WindowSamples> {
  if (planes === 1 && isStored(hdu)) return storedSamples(hdu, await readRawRows(file, hdu, rect, buffers));
  const size = rect.width * rect.height;
  const values = new Float32Array(planes * size);
  for (let plane = 0; plane < planes; plane++) {
    const one = await readWindow(file, hdu, { ...rect, plane });
    for (let i = 0; i < size; i++) {
      values[plane * size + i] = Math.abs(one[i]) <= SAMPLE_LIMIT ? one[i] : BLANK_VALUE;
    }
  }
  return { form: 'physical', values };
}
