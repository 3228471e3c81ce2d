// A thread that looks at frames for the table before a run: the same measurements as the run's, and a thumbnail.
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { detectStars } from '../../astrometry/stars/detect-stars.js';
import { DetectionScratch } from '../../astrometry/stars/detection-scratch.js';
import { openFits } from '../../fits/open-fits.js';
import { readWindow } from '../../fits/read/read-window.js';
import { fileMark } from '../../frames/file-mark.js';
import { scanFile } from '../../frames/frame-record.js';
import { measureFrame } from '../../frames/measure-frame.js';
import type { Samples } from '../../photometry/samples.js';
import { codedMessageOf } from '../../report/render-error.js';
import type { FrameLook } from '../api.js';
import { thumbnail } from './thumbnail.js';

const scratch = new DetectionScratch();

async function look(file: string): Promise<FrameLook> {
  const scanned = await scanFile({ ...(await fileMark(file)), relative: path.basename(file) });
  if (scanned.kind !== 'light') return { thumbnail: '', reason: scanned.reason };
  const { record } = scanned;
  // A copy would have to be expanded to disk first; the run does that.
  if (record.wholeFileCompression) return { thumbnail: '' };
  const fits = await openFits(file);
  try {
    const { width, height, sensor, saturation } = record;
    const outcome = await measureFrame(fits, record);
    const planes: Samples[] = 'pixels' in outcome ? [...(outcome.pixels ?? [])] : [];
    for (let plane = planes.length; plane < record.planes; plane++)
      planes.push(await readWindow(fits, fits.hdus[record.hdu], { plane, x0: 0, y0: 0, width, height }));
    const cfa = sensor.kind === 'cfa' ? sensor.sites : undefined;
    if ('reason' in outcome) {
      const grid = undefined as never; // a thumbnail looks at pixels alone
      return {
        thumbnail: thumbnail({ width, height, planes, cfa, grid }).toString('base64'),
        reason: outcome.reason,
      };
    }
    const { background } = outcome.measure;
    const pixels = { width, height, planes, cfa, saturation, grid: background.grid };
    const stars = detectStars(pixels, scratch);
    const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    return {
      thumbnail: thumbnail(pixels).toString('base64'),
      stars: stars.count,
      ...(Number.isFinite(stars.medianFwhm) && {
        fwhmPx: stars.medianFwhm,
        ellipticity: stars.medianEllipticity,
      }),
      background: mean([...background.level]),
      noise: mean([...background.noise]),
    };
  } finally {
    await fits.close();
  }
}

parentPort?.on('message', ({ id, file }: { id: number; file: string }) => {
  look(file)
    .catch((error: unknown): FrameLook => ({ thumbnail: '', reason: codedMessageOf(error) }))
    .then((result) => parentPort?.postMessage({ id, result }))
    .catch((error: unknown) => {
      throw error;
    });
});
