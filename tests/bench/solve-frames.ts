// Frames of a Seestar anywhere on the sky, rendered by the demo's camera and solved from their files, each by itself: success by galactic latitude, time,
// error of the middle and the corners against the truth. Run with `npx tsx tests/bench/solve-frames.ts [frames, 200 by default] [least |b|, 0 by default]`.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import { starsInFrame } from '../../src/astrometry/solver/stars-in-frame.js';
import { angularSeparationDeg, skyPosition } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import {
  COLOUR_RESPONSE,
  ELECTRONS_PER_ADU,
  PIXEL_SCALE_ARCSEC,
  ZERO_MAGNITUDE_ELECTRONS,
} from '../../src/demo/camera.js';
import { planFrames, planHotPixels } from '../../src/demo/plan-frames.js';
import { randomStream, type Random } from '../../src/demo/random.js';
import { GRBG, renderFrame } from '../../src/demo/render-frame.js';
import { seestarCards } from '../../src/demo/seestar-header.js';
import { sessionOptions } from '../../src/demo/session-options.js';
import type { FrameTruth, StarTruth } from '../../src/demo/session-truth.js';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import { solveFiles } from '../../src/pipeline/solving/solve-files.js';
import type { SolvedFile } from '../../src/report/summaries.js';

const [NX, NY] = [1080, 1920];
const MARGIN_PX = 120;
/** The catalogue is complete to here; beyond, stars that it lacks are added ... */
const COMPLETE_TO = 11;
/** ... to this magnitude, where the camera's noise drowns them ... */
const FAINTEST = 16;
/** ... so that all stars together grow by 10^slope a magnitude, less towards the galactic poles. */
const slopeAt = (b: number) => 0.4 - 0.12 * Math.sin((Math.abs(b) * Math.PI) / 180);
/** Error of the catalogue's places and what the air adds in one exposure, pixels; of its magnitudes against the camera's. */
const [PLACE_ERROR_PX, MAGNITUDE_ERROR] = [0.1, 0.2];
/** One coordinate of the mount's error, degrees. */
const POINTING_ERROR_DEG = 0.4;

const count = Number(process.argv[2] ?? 200);
const leastLatitude = Number(process.argv[3] ?? 0);
const catalogue = await builtInCatalogue();
const folder = mkdtempSync(path.join(os.tmpdir(), 'zemosaic-bench-'));

/** Of the galactic pole (Hipparcos: ESA 1997, SP-1200, vol. 1, 1.5.3), degrees. */
const POLE = [192.85948, 27.12825] as const;
const latitude = (ra: number, dec: number) => 90 - angularSeparationDeg(ra, dec, ...POLE);

/** Uniform on the part of the sphere that is asked for. */
function place(random: Random): readonly [number, number] {
  for (;;) {
    const z = random.between(-1, 1);
    const angle = random.between(0, 2 * Math.PI);
    const r = Math.sqrt(1 - z * z);
    const [ra, dec] = skyPosition([r * Math.cos(angle), r * Math.sin(angle), z]);
    if (Math.abs(latitude(ra, dec)) >= leastLatitude) return [ra, dec];
  }
}

function star(raDeg: number, decDeg: number, magnitude: number, random: Random): StarTruth {
  const green = (ZERO_MAGNITUDE_ELECTRONS * 10 ** (-0.4 * magnitude)) / ELECTRONS_PER_ADU;
  const redness = 0.35 * random.normal();
  const [r, g, b] = COLOUR_RESPONSE;
  const fluxAdu = [green * r * 10 ** (0.2 * redness), green * g, green * b * 10 ** (-0.2 * redness)] as const;
  return { raDeg, decDeg, magnitude, fluxAdu };
}

/** The catalogue's stars, each off its place and its magnitude a little, and those that are too faint for the catalogue. */
function starsOf(frame: FrameTruth, b: number, random: Random): StarTruth[] {
  const [width, height] = [NX + 2 * MARGIN_PX, NY + 2 * MARGIN_PX];
  const wide = makeTanWcs({ ...frame.wcs, crpix: [(width + 1) / 2, (height + 1) / 2] });
  const epoch = 2000 + (Date.parse(`${frame.dateObs}Z`) - Date.UTC(2000, 0, 1, 12)) / (365.25 * 86_400_000);
  const known = starsInFrame(catalogue, epoch, wide, { width, height }, 20_000);
  const at = (x: number, y: number, magnitude: number) => {
    const [ra, dec] = wide.pixelToSky(x, y)!;
    return star(ra, dec, magnitude, random);
  };
  const stars = Array.from(known.x, (x, i) =>
    at(
      x + PLACE_ERROR_PX * random.normal(),
      known.y[i] + PLACE_ERROR_PX * random.normal(),
      known.stars.vt[i] + MAGNITUDE_ERROR * random.normal(),
    ),
  );
  const vt = Array.from(known.stars.vt);
  const complete = Math.max(1, vt.filter((v) => v < COMPLETE_TO).length);
  const slope = slopeAt(b);
  for (let m = COMPLETE_TO; m < FAINTEST; m += 0.25) {
    const all = complete * (10 ** (slope * (m + 0.25 - COMPLETE_TO)) - 10 ** (slope * (m - COMPLETE_TO)));
    const missing = random.poisson(Math.max(0, all - vt.filter((v) => v >= m && v < m + 0.25).length));
    for (let i = 0; i < missing; i++)
      stars.push(at(random.between(0, width), random.between(0, height), random.between(m, m + 0.25)));
  }
  return stars;
}

interface Made {
  readonly file: string;
  readonly frame: FrameTruth;
  readonly b: number;
}

async function make(index: number): Promise<Made> {
  const random = randomStream(20261125, 1, index);
  const options = sessionOptions({
    panels: [1, 1],
    subs: 1,
    size: [NX, NY],
    seed: index,
    writeWcs: false,
    extras: false,
  });
  const centre = place(random);
  const angle = random.between(0, 2 * Math.PI);
  const step = PIXEL_SCALE_ARCSEC / 3600;
  const [cos, sin] = [step * Math.cos(angle), step * Math.sin(angle)];
  const frame: FrameTruth = {
    ...planFrames(options)[0],
    wcs: { crval: centre, crpix: [(NX + 1) / 2, (NY + 1) / 2], cd: [-cos, sin, -sin, -cos] },
  };
  const b = latitude(...centre);
  const scene = {
    nx: NX,
    ny: NY,
    stars: starsOf(frame, b, random),
    hotPixels: planHotPixels(options),
    nebula: () => undefined,
  };
  const off = () => POINTING_ERROR_DEG * random.normal();
  const pointing: Record<string, number> = {
    RA: (centre[0] + off() / Math.max(0.02, Math.cos((centre[1] * Math.PI) / 180)) + 360) % 360,
    DEC: Math.max(-90, Math.min(90, centre[1] + off())),
  };
  const cards = seestarCards(frame, options).map((card) =>
    card.key in pointing ? { ...card, value: pointing[card.key] } : card,
  );
  const file = path.join(folder, `frame-${index}.fit`);
  const writer = await createFitsWriter(file);
  await writer.beginImage({ bitpix: 16, bzero: 32768, shape: [NY, NX], cards });
  await writer.writeRows(renderFrame(scene, frame, GRBG, random));
  await writer.endImage();
  await writer.commit();
  return { file, frame, b };
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const part = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN;
const figures = (values: readonly number[], digits: number) =>
  [0.5, 0.95, 1].map((share) => part(values, share).toFixed(digits)).join(' / ');

interface Row {
  readonly b: number;
  readonly cpuMs: number;
  readonly outcome: SolvedFile;
  /** Errors of the middle and the worst corner, pixels. */
  readonly middle: number;
  readonly corner: number;
}

try {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const { file, frame, b } = await make(i);
    const before = process.cpuUsage();
    let outcome: SolvedFile | undefined;
    await solveFiles([file], { signal: new AbortController().signal }, (one) => void (outcome = one));
    const { user, system } = process.cpuUsage(before);
    rmSync(file);
    if (!outcome) throw new Error(`no answer about ${file}`);
    const truth = makeTanWcs(frame.wcs);
    const off = (told: readonly [number, number], [x, y]: readonly [number, number]) =>
      (3600 * angularSeparationDeg(...told, ...truth.pixelToSky(x, y)!)) / PIXEL_SCALE_ARCSEC;
    const corners: readonly (readonly [number, number])[] = [
      [0.5, 0.5],
      [NX + 0.5, 0.5],
      [NX + 0.5, NY + 0.5],
      [0.5, NY + 0.5],
    ];
    const [middle, corner] = outcome.solved
      ? [
          off(outcome.center, [(NX + 1) / 2, (NY + 1) / 2]),
          Math.max(...outcome.corners.map((told, c) => off(told, corners[c]))),
        ]
      : [NaN, NaN];
    rows.push({ b, cpuMs: (user + system) / 1000, outcome, middle, corner });
    if (!(middle < 1))
      console.log(
        `frame ${i}, |b| ${Math.abs(b).toFixed(0)}: ${outcome.solved ? `off by ${middle.toFixed(1)} px` : outcome.reason.code}`,
      );
  }
  for (const [low, high] of [
    [0, 15],
    [15, 30],
    [30, 60],
    [60, 90],
    [0, 90],
  ]) {
    const own = rows.filter(({ b }) => Math.abs(b) >= low && Math.abs(b) < high);
    const right = own.filter(({ middle }) => middle < 1);
    const matched = right.flatMap(({ outcome }) => (outcome.solved ? [outcome.matched] : []));
    console.log(
      `|b| ${low} to ${high}: ${right.length}/${own.length} solved, ${own.filter(({ middle }) => middle >= 1).length} wrong; ` +
        `stars matched ${Math.min(...matched)} to ${Math.max(...matched)}, median ${part(matched, 0.5)}; ` +
        `CPU ms ${figures(
          own.map(({ cpuMs }) => cpuMs),
          0,
        )}, middle ${figures(
          right.map(({ middle }) => middle),
          3,
        )} px, ` +
        `worst corner ${figures(
          right.map(({ corner }) => corner),
          2,
        )} px (median / 95 % / largest)`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
