// Registered frames from FITS to one FITS: read by bands, decoded into a cube and stacked with winsorised rejection.
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import type { ComputeBackend, Handle, Op } from '../../../src/compute/backend.js';
import { SAMPLE_F32 } from '../../../src/compute/contracts/decode.js';
import { firstImageHdu, openFits } from '../../../src/fits/open-fits.js';
import { ReadBuffers } from '../../../src/fits/read-buffers.js';
import { readRawRows } from '../../../src/fits/read-window.js';
import { stackProgram, stackResult } from '../../../src/pipeline/integrate/stack-program.js';
import { HEIGHT, type PeerFrame, WIDTH, writePlane } from './peer-frames.js';

/** 64 of 1920 pixels would put planes a multiple of 32 KiB apart, where they share the same sets of the caches. */
const BAND_ROWS = 60;

export async function stackFrames(
  backend: ComputeBackend,
  frames: readonly PeerFrame[],
  target: string,
): Promise<void> {
  const files = await Promise.all(frames.map(({ path }) => openFits(path)));
  const slots = files.length;
  const result = new Float32Array(WIDTH * HEIGHT);
  const buffers = new ReadBuffers();
  const read = (y0: number) =>
    Promise.all(
      files.map((file) => {
        const window = { x0: 0, y0, width: WIDTH, height: Math.min(BAND_ROWS, HEIGHT - y0) };
        return readRawRows(file, firstImageHdu(file), window, buffers);
      }),
    );
  let next = read(0);
  for (let y0 = 0; y0 < HEIGHT; y0 += BAND_ROWS) {
    const rows = Math.min(BAND_ROWS, HEIGHT - y0);
    const pixels = rows * WIDTH;
    const bands = await next;
    const raw: Handle = { label: 'raw', element: 'u32', length: slots * pixels };
    const cube: Handle = { label: 'cube', element: 'f32', length: slots * pixels };
    const all = new Float32Array(slots).fill(1);
    const stacked = backend.submit({
      label: 'stack',
      ops: [
        { op: 'alloc', handle: raw },
        { op: 'alloc', handle: cube },
        ...bands.map((data, slot): Op => ({ op: 'upload', handle: raw, data, offset: slot * pixels })),
        {
          op: 'kernel',
          stem: 'decode',
          params: {
            width: WIDTH,
            height: slots * rows,
            rowSamples: WIDTH,
            firstSample: 0,
            sampleType: SAMPLE_F32,
            hasBlank: 0,
            blank: 0,
            scale: 1,
            zero: 0,
          },
          buffers: { raw, image: cube },
        },
        { op: 'free', handle: raw },
        ...stackProgram(
          cube,
          { width: WIDTH, height: rows, planes: 1, slots },
          { weights: all, inverseVariances: all },
          SETTINGS,
        ),
      ],
    });
    bands.forEach((bytes) => buffers.give(bytes));
    if (y0 + BAND_ROWS < HEIGHT) next = read(y0 + BAND_ROWS);
    const { reads } = await stacked;
    result.set(stackResult(reads, SETTINGS).mean, y0 * WIDTH);
  }
  await Promise.all(files.map((file) => file.close()));
  await writePlane(target, result, WIDTH, HEIGHT, wcsCards(frames[0].wcs));
}

const SETTINGS = {
  rejection: 'winsorized_sigma_clip',
  combine: 'mean',
  guardsFew: false,
  trailReach: 0,
  kappaLow: 3,
  kappaHigh: 3,
  guardSlope: 0,
} as const;
