// Success, wrong solutions and time of the plate solver on many synthetic fields. Run with
// `npx tsx tests/bench/solver.ts [fields of each kind, 200 by default] [kind ...]`.
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import { PlateSolver } from '../../src/astrometry/solver/search/plate-solver.js';
import { angularSeparationDeg, skyPosition } from '../../src/astrometry/wcs/sphere.js';
import { anywhere, fieldElsewhere, otherSky } from '../astrometry/solver/false-fields.js';
import {
  randomField,
  randomNumbers,
  syntheticField,
  type FieldOptions,
} from '../astrometry/solver/synthetic-field.js';

const S50 = { width: 1080, height: 1920, scaleArcsec: 2.375 };
const HARD = {
  missing: 0.25,
  spurious: 0.4,
  magnitudeNoise: 0.5,
  positionNoisePx: 0.7,
  distortion: 0.003,
};
const KINDS: Readonly<Record<string, FieldOptions>> = {
  s50: S50,
  's50-pole': { ...S50, highLatitude: true },
  's50-hard': { ...S50, ...HARD },
  's50-hard-pole': { ...S50, ...HARD, highLatitude: true },
  's50-10deg': { ...S50, pointingErrorDeg: 10 },
  s30: { width: 1080, height: 1920, scaleArcsec: 3.96 },
  '1deg': { width: 1500, height: 1000, scaleArcsec: 2.4, pointingErrorDeg: 1 },
  '5deg': { width: 3000, height: 2000, scaleArcsec: 6, distortion: 0.005 },
  '20deg': { width: 3000, height: 2000, scaleArcsec: 24, distortion: 0.01 },
};

const count = Number(process.argv[2] ?? 200);
const kinds =
  process.argv.length > 3
    ? process.argv.slice(3)
    : [...Object.keys(KINDS), 's50-blind', 'random', 'random-blind', 'other-sky', 'elsewhere'];
const catalogue = await builtInCatalogue();
const OPTIONS = { budgetMs: 20_000, maxRadiusDeg: 10 };
const BLIND = { budgetMs: 300_000, maxRadiusDeg: 180 };

/** What fields that must not be solved are of, in turn. */
const OPTICS = ['s50', 's30', '1deg', '5deg', '20deg'];

const percentile = (sorted: readonly number[], p: number) =>
  sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];

for (const kind of kinds) {
  const random = randomNumbers(20261122);
  const [times, errors]: [number[], number[]] = [[], []];
  let [solved, wrong] = [0, 0];
  for (let i = 0; i < count; i++) {
    // each field by itself: nothing is learnt, no region is at hand
    const solver = new PlateSolver(catalogue);
    if (kind === 'other-sky' || kind === 'elsewhere') {
      const optics = KINDS[OPTICS[i % OPTICS.length]];
      const { image, hint } =
        kind === 'elsewhere' ? fieldElsewhere(catalogue, random, optics) : otherSky(random, optics);
      const result = await solver.solve(image, hint, { ...OPTIONS, maxRadiusDeg: i % 21 === 0 ? 10 : 2 });
      if (result.solved) wrong++;
      times.push(result.ms);
      continue;
    }
    if (kind.startsWith('random')) {
      const blind = kind === 'random-blind';
      const stars = 15 + Math.floor(random() * 150);
      const image = randomField(random, S50.width, S50.height, stars);
      const hint = {
        pointing: blind ? undefined : anywhere(random),
        scaleArcsec: S50.scaleArcsec,
      };
      const rings = { ...OPTIONS, maxRadiusDeg: i % 6 === 0 ? 10 : 2 };
      const result = await solver.solve(image, hint, blind ? BLIND : rings);
      if (result.solved) wrong++;
      times.push(result.ms);
      continue;
    }
    const blind = kind === 's50-blind';
    const options = KINDS[kind] ?? S50;
    const { image, hint, truth } = syntheticField(catalogue, random, options);
    const result = await solver.solve(
      image,
      blind ? { ...hint, pointing: undefined } : hint,
      blind ? BLIND : OPTIONS,
    );
    times.push(result.ms);
    if (!result.solved) continue;
    let squares = 0;
    const corners = [
      [0, 0],
      [-0.4, -0.4],
      [0.4, -0.4],
      [0.4, 0.4],
      [-0.4, 0.4],
    ];
    for (const [u, v] of corners) {
      const { width, height, scaleArcsec, distortion = 0.001 } = options;
      const [x, y] = [u * width, v * height];
      const stretch = 1 + (distortion * (x * x + y * y)) / ((width * width + height * height) / 4);
      const sky = result.wcs.pixelToSky(x * stretch + (width + 1) / 2, y * stretch + (height + 1) / 2);
      const there = skyPosition(truth.direction(x, y));
      const error = sky ? (angularSeparationDeg(...sky, ...there) * 3600) / scaleArcsec : Infinity;
      squares += error * error;
    }
    const error = Math.sqrt(squares / corners.length);
    if (error > 5) wrong++;
    else solved++;
    errors.push(error);
  }
  times.sort((a, b) => a - b);
  errors.sort((a, b) => a - b);
  console.log(
    `${kind.padEnd(14)} solved ${solved}/${count} wrong ${wrong}  ms median ${percentile(times, 0.5).toFixed(0)}` +
      ` p95 ${percentile(times, 0.95).toFixed(0)} max ${percentile(times, 1).toFixed(0)}` +
      `  error px median ${percentile(errors, 0.5).toFixed(2)} p95 ${percentile(errors, 0.95).toFixed(2)}`,
  );
}
