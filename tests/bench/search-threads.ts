// What threads gain where the frames of a run are searched for: the same frames on 1, 2, 4 ... threads, each result to be the same.
// Run with `npx tsx tests/bench/search-threads.ts [frames, 48 by default] [frames in ten that are in no catalogue, 5 by default]`.
import { availableParallelism } from 'node:os';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { FrameRecord } from '../../src/frames/frame-record.js';
import { RunSolver } from '../../src/pipeline/phases/run-solver.js';
import { NO_STARS } from '../../src/pipeline/star-memory.js';
import { otherSky } from '../astrometry/solver/false-fields.js';
import { randomNumbers, syntheticField } from '../astrometry/solver/synthetic-field.js';

const S50 = { width: 1080, height: 1920, scaleArcsec: 2.375 };
const [count, inTen] = [Number(process.argv[2] ?? 48), Number(process.argv[3] ?? 5)];
const catalogue = await builtInCatalogue();
const random = randomNumbers(20261125);
const frames = Array.from({ length: count }, (_, i) => {
  const { image, hint } =
    i % 10 < inTen
      ? otherSky(random, S50)
      : syntheticField(catalogue, random, { ...S50, pointingErrorDeg: 0.4 });
  const ones = new Float32Array(image.stars.count).fill(1);
  const record = {
    path: '',
    width: image.width,
    height: image.height,
    pointing: hint.pointing,
    pixelScaleArcsec: S50.scaleArcsec,
  } as FrameRecord;
  return [record, { ...NO_STARS, ...image.stars, fwhm: ones, snr: ones }] as const;
});

let first: string | undefined;
for (let threads = 1; threads <= availableParallelism(); threads *= 2) {
  const solver = new RunSolver(new AbortController().signal, threads);
  const [start, used] = [performance.now(), process.cpuUsage()];
  const answers = frames.map((frame) => solver.solve(...frame));
  await solver.flush();
  const results = await Promise.all(answers);
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  const { isThreaded } = solver;
  await solver.close();
  const told = JSON.stringify(results.map((r) => (r.solved ? r.wcs.describe() : r.reason)));
  first ??= told;
  const solved = results.filter((r) => r.solved).length;
  console.log(
    `${threads} threads${isThreaded ? '' : ' (none started)'}: ${solved}/${count} solved, ${wall.toFixed(1)} s wall, ${((user + system) / 1e6).toFixed(1)} s CPU` +
      (told === first ? '' : ' - ANSWERS DIFFER'),
  );
}
