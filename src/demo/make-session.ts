// Writes a small realistic session with a known truth: for the first `npm start`, and for tests to measure against.
import { readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeTanWcs } from '../astrometry/wcs/tan-wcs.js';
import { makeFolders } from '../cleanup/ensure-dir.js';
import { CodedError } from '../errors.js';
import { createFitsWriter } from '../fits/write/create-fits-writer.js';
import {
  ELECTRONS_PER_ADU,
  EXPOSURE_SECONDS,
  PEDESTAL_ADU,
  PIXEL_SCALE_ARCSEC,
  READ_NOISE_ELECTRONS,
  SATURATION_ADU,
} from './camera.js';
import { planFrames, planHotPixels } from './plan-frames.js';
import { randomStream } from './random.js';
import { GRBG, MONO, reachesFrame, renderFrame, type Scene, type Sensor } from './render-frame.js';
import { seestarCards } from './seestar-header.js';
import { sessionOptions } from './session-options.js';
import type { FrameTruth, SessionOptions, SessionTruth, StarTruth } from './session-truth.js';
import { makeNebula, makeStars } from './sky-scene.js';

/** The session's folder holds something else. */
export class DemoFolderError extends CodedError {}

const TRUTH_FILE = 'truth.json';
/** Share by which the square of stars exceeds the frames, for dithers and rotation. */
const STAR_MARGIN = 1.15;

/**
 * Makes a session in `dir`: one 16-bit FITS file a frame (Seestar names and cards) and `truth.json`, which is the
 * returned value. The folder appears whole or not at all. The same options give the same bytes; a folder that
 * already holds the session of these options is left as it is.
 * @throws CodedError `demo_bad_option` for an option outside its range; DemoFolderError `demo_folder_not_empty`
 * when `dir` exists with other content.
 */
export async function makeSession(dir: string, options: SessionOptions = {}): Promise<SessionTruth> {
  const chosen = sessionOptions(options);
  const target = resolve(dir);
  const existing = await existingSession(target, chosen);
  if (existing) return existing;

  const truth = sessionTruth(chosen);
  const part = join(dirname(target), `.${basename(target)}.zemosaic-demo`);
  await rm(part, { recursive: true, force: true });
  await makeFolders(part);
  try {
    const scene = sceneOf(truth);
    for (const [index, frame] of truth.frames.entries()) await writeFrame(part, scene, truth, frame, index);
    await writeFile(join(part, TRUTH_FILE), JSON.stringify(truth) + '\n');
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
  return truth;
}

/** Everything about the session of these options, without rendering a pixel. */
export function sessionTruth(options: Required<SessionOptions>): SessionTruth {
  const { panels, size, overlap, seed, colour } = options;
  const spans = [0, 1].map((axis) => size[axis] * (1 + (panels[axis] - 1) * (1 - overlap)));
  const halfSideDeg = (STAR_MARGIN * Math.hypot(spans[0], spans[1]) * PIXEL_SCALE_ARCSEC) / 3600 / 2;
  const frames = planFrames(options);
  return {
    options,
    pixelScaleArcsec: PIXEL_SCALE_ARCSEC,
    exposureSeconds: EXPOSURE_SECONDS,
    pedestalAdu: PEDESTAL_ADU,
    electronsPerAdu: ELECTRONS_PER_ADU,
    readNoiseAdu: READ_NOISE_ELECTRONS / ELECTRONS_PER_ADU,
    saturationAdu: SATURATION_ADU,
    stars: starsInView(makeStars(seed, halfSideDeg, colour === 'mono'), frames, size),
    hotPixels: planHotPixels(options),
    frames,
  };
}

/** The stars whose light reaches any of the frames. */
function starsInView(
  stars: readonly StarTruth[],
  frames: readonly FrameTruth[],
  [nx, ny]: readonly [number, number],
): StarTruth[] {
  const views = frames.map((frame) => makeTanWcs(frame.wcs));
  return stars.filter(({ raDeg, decDeg }) =>
    views.some((wcs) => {
      const at = wcs.skyToPixel(raDeg, decDeg);
      return at !== null && reachesFrame(at[0], at[1], nx, ny);
    }),
  );
}

/** The scene of a truth, ready to be rendered. */
export function sceneOf({ options, stars, hotPixels }: SessionTruth): Scene {
  const [nx, ny] = options.size;
  const fieldArcsec = Math.min(nx * options.panels[0], ny * options.panels[1]) * PIXEL_SCALE_ARCSEC;
  return { nx, ny, stars, hotPixels, nebula: makeNebula(options.seed, fieldArcsec) };
}

async function writeFrame(
  dir: string,
  scene: Scene,
  { options }: SessionTruth,
  frame: FrameTruth,
  index: number,
): Promise<void> {
  const isStacked = frame.kind === 'stacked';
  const { nx, ny } = scene;
  const sensors: Sensor[] = isStacked
    ? ([0, 1, 2] as const).map((channel) => ({ channelAt: () => channel, exposures: options.subs }))
    : [options.colour === 'mono' ? MONO : GRBG];
  const writer = await createFitsWriter(join(dir, frame.file));
  try {
    await writer.beginImage({
      bitpix: 16,
      bzero: 32768,
      shape: isStacked ? [3, ny, nx] : [ny, nx],
      cards: seestarCards(frame, options),
    });
    for (const [plane, sensor] of sensors.entries()) {
      await writer.writeRows(renderFrame(scene, frame, sensor, randomStream(options.seed, 6, index, plane)));
    }
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/**
 * The session that `dir` holds if it was made with these options, by whatever version of this generator. Removes
 * `dir` when it is empty, so that the finished session can take its place.
 */
async function existingSession(
  dir: string,
  options: Required<SessionOptions>,
): Promise<SessionTruth | undefined> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (entries === undefined) return undefined;
  if (entries.length === 0) {
    await rmdir(dir);
    return undefined;
  }
  const truth = entries.includes(TRUTH_FILE)
    ? parseTruth(await readFile(join(dir, TRUTH_FILE), 'utf8'))
    : undefined;
  if (!truth || JSON.stringify(truth.options) !== JSON.stringify(options)) {
    throw new DemoFolderError('demo_folder_not_empty', { path: dir });
  }
  return truth;
}

/** Undefined for a file of the same name that is something else. */
function parseTruth(text: string): SessionTruth | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'options' in value && 'frames' in value
      ? (value as SessionTruth)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
