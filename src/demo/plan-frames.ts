// The course of a demo night: where each frame points, how the air and the sky were, what crossed the field.
import { makeTanWcs } from '../astrometry/wcs/tan-wcs.js';
import {
  ELECTRONS_PER_ADU,
  EXPOSURE_SECONDS,
  PIXEL_SCALE_ARCSEC,
  SATURATION_ADU,
  SKY_ELECTRONS,
} from './camera.js';
import { randomStream, type Random } from './random.js';
import type { FrameTruth, PixelTruth, SessionOptions, TanTruth } from './session-truth.js';
import { FIELD_CENTRE } from './sky-scene.js';

export const OBJECT_NAME = 'Demo Field';
/** Pixels (one sigma) by which pointings of one panel scatter. */
const DITHER_PX = 10;
const FIRST_EXPOSURE_MS = Date.UTC(2024, 9, 12, 20, 30, 0);
const CADENCE_MS = 11_300;
const COSMICS_PER_MEGAPIXEL = 6;
const HOT_PER_MEGAPIXEL = 100;
/** The session's trail crosses this frame (0-based), so that every session has one. */
const TRAIL_FRAME = 2;

/** Truth of every frame, good ones first in the order of exposure, then the extras. */
export function planFrames(options: Required<SessionOptions>): FrameTruth[] {
  const { panels, subs, seed } = options;
  const count = panels[0] * panels[1] * subs;
  const air = randomStream(seed, 3);
  let transparency = 0.97;
  const frames = Array.from({ length: count }, (_, index): FrameTruth => {
    transparency = Math.min(1, Math.max(0.8, transparency + 0.03 * air.normal()));
    return planFrame(options, { index, count, panel: Math.floor(index / subs), transparency });
  });
  if (!options.extras) return frames;
  const last = { count, panel: panels[0] * panels[1] - 1 };
  // so thick that no star shows: nothing could say where it lies
  const cloudy = planFrame(options, { ...last, index: count, transparency: 0.004 });
  const stacked = planFrame(options, { ...last, index: count + 1, transparency: 0.95 });
  return [
    ...frames,
    { ...cloudy, kind: 'light_without_wcs', trails: [] },
    {
      ...stacked,
      kind: 'stacked',
      trails: [],
      cosmics: [],
      file: stacked.file.replace('Light_mosaic', `Stacked_${subs}`),
    },
  ];
}

/** Pixels that are bright in every frame of the session. */
export function planHotPixels({ seed, size }: Required<SessionOptions>): PixelTruth[] {
  const random = randomStream(seed, 4);
  const count = Math.round((HOT_PER_MEGAPIXEL * size[0] * size[1]) / 1e6);
  // A power law: many warm ones, few that glow.
  return Array.from({ length: count }, () => ({
    ...somewhere(random, size),
    adu: Math.round(Math.min(SATURATION_ADU, 800 * random.between(1e-3, 1) ** -0.8)),
  }));
}

function planFrame(
  { panels, size, seed, rotationDeg, overlap }: Required<SessionOptions>,
  at: { index: number; count: number; panel: number; transparency: number },
): FrameTruth {
  const random = randomStream(seed, 5, at.index);
  const [nx, ny] = size;
  const column = at.panel % panels[0];
  const row = Math.floor(at.panel / panels[0]);
  const offset: [number, number] = [
    (column - (panels[0] - 1) / 2) * nx * (1 - overlap) + DITHER_PX * random.normal(),
    (row - (panels[1] - 1) / 2) * ny * (1 - overlap) + DITHER_PX * random.normal(),
  ];
  const turn = rotationDeg * ((at.index + 0.5) / at.count - 0.5) + 0.03 * random.normal();
  const when = new Date(FIRST_EXPOSURE_MS + CADENCE_MS * at.index).toISOString();
  const stamp = when.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const skyFactor = 1 + 0.2 * Math.sin((at.index / at.count) * 4 + seed) + 0.02 * random.normal();
  return {
    file: `Light_mosaic_${OBJECT_NAME}_${EXPOSURE_SECONDS.toFixed(1)}s_IRCUT_${stamp}.fit`,
    kind: 'light',
    panel: at.panel,
    wcs: frameWcs(offset, turn, size),
    transparency: at.transparency,
    sky: {
      levelAdu: [SKY_ELECTRONS[0], SKY_ELECTRONS[1], SKY_ELECTRONS[2]].map(
        (electrons) => (electrons * skyFactor) / ELECTRONS_PER_ADU,
      ) as [number, number, number],
      gradient: {
        gx: 0.1 * random.normal(),
        gy: 0.1 * random.normal(),
        gxy: 0.05 * random.normal(),
        grr: 0.05 * random.normal(),
      },
    },
    psf: {
      fwhmPx: random.between(2.4, 3.2),
      axisRatio: random.between(0.85, 1),
      angleDeg: random.between(0, 180),
    },
    trails: at.index === TRAIL_FRAME || random.uniform() < 0.1 ? [trail(random, size)] : [],
    cosmics: Array.from({ length: random.poisson((COSMICS_PER_MEGAPIXEL * nx * ny) / 1e6) }, () =>
      cosmic(random, size),
    ).flat(),
    dateObs: when.slice(0, 23),
  };
}

/** A frame whose centre lies `offset` pixels from the field's, first file row on top: mirrored as a Seestar's are. */
function frameWcs(
  offset: readonly [number, number],
  turnDeg: number,
  size: readonly [number, number],
): TanTruth {
  const scale = PIXEL_SCALE_ARCSEC / 3600;
  const field = makeTanWcs({ crval: FIELD_CENTRE, crpix: [0, 0], cd: [-scale, 0, 0, -scale] });
  const centre = field.pixelToSky(offset[0], offset[1]) ?? FIELD_CENTRE;
  const cos = scale * Math.cos((turnDeg * Math.PI) / 180);
  const sin = scale * Math.sin((turnDeg * Math.PI) / 180);
  return {
    crval: [centre[0], centre[1]],
    crpix: [(size[0] + 1) / 2, (size[1] + 1) / 2],
    cd: [-cos, sin, -sin, -cos],
  };
}

function trail(random: Random, [nx, ny]: readonly [number, number]) {
  return {
    x: random.between(0.3, 0.7) * nx,
    y: random.between(0.3, 0.7) * ny,
    normalDeg: random.between(0, 180),
    peakAdu: random.between(400, 1600),
    sigmaPx: random.between(0.8, 1.8),
  };
}

/** One to four pixels in a row. */
function cosmic(random: Random, size: readonly [number, number]): PixelTruth[] {
  const start = somewhere(random, size);
  const direction = random.between(0, 2 * Math.PI);
  const adu = Math.round(random.between(3000, 30_000));
  const length = 1 + Math.floor(random.between(0, 4));
  return Array.from({ length }, (_, i) => ({
    x: Math.round(start.x + i * Math.cos(direction)),
    y: Math.round(start.y + i * Math.sin(direction)),
    adu,
  }));
}

/** A pixel at least 5 from every border, so that what spreads from it stays inside. */
function somewhere(random: Random, [nx, ny]: readonly [number, number]): { x: number; y: number } {
  return { x: Math.floor(random.between(6, nx - 5)), y: Math.floor(random.between(6, ny - 5)) };
}
