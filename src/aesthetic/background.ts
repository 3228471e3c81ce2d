// The glow of the sky over a mosaic, told apart from nebulae and taken for what it is: smooth, and below everything else.
import type { BinnedImage } from '../output/picture/binned-image.js';
import { median } from '../quality/robust.js';
import { skyBoxes, type SkyBoxes } from './sky-boxes.js';
import { fitSurfaces, type SplineSurface, type SurfaceShape } from './spline-surface.js';

/** How much shape a background may have. */
export type BackgroundStrength = 'weak' | 'normal' | 'strong';

/** The same in figures. */
export interface BackgroundLimits {
  /** Of the surface: 1.8, 0.6 and 0.3 are what `weak`, `normal` and `strong` have. */
  readonly smoothing: number;
  /** Side of the squares whose levels tell the sky, pixels of the mosaic; no less than four bins of the picture. */
  readonly squarePx: number;
  /** A square so many scatters above the surface is an object. */
  readonly objectSigma: number;
  /** Squares no further than this from one that is an object are no sky either, pixels of the mosaic. */
  readonly reachPx: number;
}

/** The sky of all planes, and what it was told by. */
export interface Background {
  /** One a plane; undefined where the sky shows in too few places to tell its shape from that of a nebula. */
  readonly surfaces: readonly SplineSurface[] | undefined;
  /** Level of the sky, per plane: the median of the surface over the covered boxes, or that of the darkest boxes. */
  readonly levels: readonly number[];
  /** Highest less lowest of the surface over the covered boxes, per plane; 0 without a surface. */
  readonly ranges: readonly number[];
  /** Share of the covered boxes that were taken for sky. */
  readonly skyShare: number;
  /** Standard deviation of those boxes about the surface, per plane. */
  readonly residuals: readonly number[];
}

/** Boxes along the longer side of the mosaic. */
const BOXES = 40;
/** Lattice steps along the longer side: a parabola passes whole over one step, a wave of two steps hardly at all. */
const STEPS: Readonly<Record<BackgroundStrength, number>> = { weak: 1, normal: 3, strong: 6 };
/** A surface of smoothing s has so many steps over s. */
const STEPS_OF_SMOOTHING = 1.8;
const MOST_STEPS = 12;
/** Squares have so many bins at least along a side. */
const LEAST_BINS = 4;
/** Length of the bending, in lattice steps, where all is sky; the less sky there is, the longer. */
const LENGTH_STEPS = 0.15;
/** What the first look may find, how, and the share of sky that it must leave. */
interface FirstLook {
  readonly steps: number;
  /** Length of the bending, in shares of the longer side. */
  readonly length: number;
  readonly share: number;
  /** Begins below everything, or through the middle of it. */
  readonly begin: 'below' | 'middle';
}

/** Bowls, where they leave much of the field as sky; else as good as planes only, under whatever there is: a bowl could as well be a nebula. */
const FIRST_LOOKS: readonly FirstLook[] = [
  { steps: 2, length: 0.07, share: 0.4, begin: 'middle' },
  { steps: 3, length: 0.6, share: 0.05, begin: 'below' },
];
/** What a box above the first surface counts against one below: the sky lies below. */
const ABOVE = 0.02;
const FIRST_PASSES = 10;
/** Boxes that scatter by no more than so many of their own errors are one sky. */
const EVEN = 4;
/** While they scatter more, those above so many scatters are left out, pass by pass; of an even sky only what stands out. */
const SINK_LIMIT = 0.7;
const LIMIT = 2.5;
const SINK_PASSES = 40;
const PASSES = 10;
/** With fewer boxes of sky than this nothing tells a sky from a nebula. */
const MIN_BOXES = 12;
/** Sky that spreads less than this, against all boxes and in its narrower direction, tells no slope. */
const MIN_SPREAD = 0.45;
/** Without a surface the level is that of this share of the boxes, the darkest ones. */
const DARKEST_SHARE = 0.02;

/**
 * The background of `image`, a mosaic of `size` binned. Objects only add light: from a stiff surface under most boxes those far above are left out, until
 * what remains scatters evenly; then the surface may follow what `strength` allows. A box that is an object in one plane is
 * one in all, so that no colour is taken from a nebula. The less sky there is, the stiffer the surface; where it is not even, or lies in
 * one place, there is none: what cannot be told from a nebula stays.
 */
export function extractBackground(
  image: BinnedImage,
  size: { readonly nx: number; readonly ny: number },
  strength: BackgroundStrength | BackgroundLimits,
): Background {
  const longer = Math.max(size.nx, size.ny);
  const limits = typeof strength === 'string' ? undefined : strength;
  const side = limits ? limits.squarePx / image.factor : Math.max(image.nx, image.ny) / BOXES;
  const boxes = skyBoxes(image, Math.max(LEAST_BINS, Math.round(side)));
  const limit = limits?.objectSigma ?? LIMIT;
  const shape = (steps: number, length: number): SurfaceShape => ({
    ...size,
    stepPx: Math.max(boxes.sidePx, longer / steps),
    lengthPx: length * longer,
    spacingPx: boxes.sidePx,
  });
  let sky: Uint8Array | undefined;
  for (const look of FIRST_LOOKS) sky ??= evenSky(boxes, shape(look.steps, look.length), look, limit);
  if (!sky) return darkest(boxes);
  let surfaces: SplineSurface[] = [];
  const steps =
    typeof strength === 'string'
      ? STEPS[strength]
      : Math.min(MOST_STEPS, STEPS_OF_SMOOTHING / strength.smoothing);
  const reach = Math.ceil((limits?.reachPx ?? 0) / boxes.sidePx);
  let plain = awayFromObjects(boxes, sky, reach);
  const followed = shape(steps, (LENGTH_STEPS / steps) * (sky.length / total(sky)));
  // never more than before: a surface that rises into a nebula's wing would let in the next part of it
  for (let pass = 0; pass < PASSES; pass++) {
    if (!tellsShape(boxes, plain)) return darkest(boxes);
    surfaces = fitAll(followed, boxes, plain);
    sky = classify(boxes, surfaces, sky, scattersBelow(boxes, surfaces, plain), limit);
    plain = awayFromObjects(boxes, sky, reach);
  }
  if (!tellsShape(boxes, plain)) return darkest(boxes);
  return summary(boxes, onPlainSky(boxes, surfaces, plain), plain);
}

/** 1 for the boxes that a stiff surface leaves as sky; undefined where no even and widely spread sky is left, or less than is asked for. */
function evenSky(
  boxes: SkyBoxes,
  stiff: SurfaceShape,
  { share, begin }: FirstLook,
  limit: number,
): Uint8Array | undefined {
  const all = new Uint8Array(boxes.x.length).fill(1);
  if (!tellsShape(boxes, all)) return undefined;
  let surfaces =
    begin === 'below'
      ? boxes.level.map((level) => lowerSurface(stiff, boxes, level))
      : fitAll(stiff, boxes, all);
  let sky: Uint8Array = all;
  for (let pass = 0; pass < SINK_PASSES; pass++) {
    const scatters = scattersBelow(boxes, surfaces, sky);
    const even = scatters.every((scatter, p) => scatter <= EVEN * median(boxes.error[p]));
    const next = classify(boxes, surfaces, all, scatters, even ? limit : SINK_LIMIT);
    if (!tellsShape(boxes, next) || total(next) < share * next.length) return undefined;
    if (even && next.every((kept, k) => kept === sky[k])) break;
    if (pass === SINK_PASSES - 1 && !even) return undefined;
    sky = next;
    surfaces = fitAll(stiff, boxes, sky);
  }
  return sky;
}

/** `sky` without the boxes of which one no more than `reach` boxes away, in any direction, is an object. */
function awayFromObjects(
  { column, row, columns, rows }: SkyBoxes,
  sky: Uint8Array,
  reach: number,
): Uint8Array {
  if (reach === 0) return sky;
  const near = new Uint8Array(columns * rows);
  for (let k = 0; k < sky.length; k++) {
    if (sky[k]) continue;
    for (let j = Math.max(0, row[k] - reach); j <= Math.min(rows - 1, row[k] + reach); j++)
      near.fill(
        1,
        j * columns + Math.max(0, column[k] - reach),
        j * columns + Math.min(columns, column[k] + reach + 1),
      );
  }
  return sky.map((kept, k) => (kept && !near[row[k] * columns + column[k]] ? 1 : 0));
}

function tellsShape(boxes: SkyBoxes, sky: Uint8Array): boolean {
  const all = new Uint8Array(sky.length).fill(1);
  return total(sky) >= MIN_BOXES && spread(boxes, sky) >= MIN_SPREAD * spread(boxes, all);
}

/** The level of the darkest boxes, by their brightness in all planes together. */
function darkest(boxes: SkyBoxes): Background {
  const planes = boxes.level.map((level, p) => level.map((v) => v / (median(boxes.error[p]) || 1)));
  const brightness = boxes.x.map((_, k) => planes.reduce((sum, plane) => sum + plane[k], 0));
  const count = Math.min(brightness.length, Math.max(MIN_BOXES, DARKEST_SHARE * brightness.length));
  const limit = brightness.slice().sort()[Math.ceil(count) - 1];
  const levels = boxes.level.map((level) => median(level.filter((_, k) => brightness[k] <= limit)));
  const none = levels.map(() => 0);
  return { surfaces: undefined, levels, ranges: none, skyShare: 0, residuals: none };
}

function lowerSurface(shape: SurfaceShape, boxes: SkyBoxes, value: Float64Array): SplineSurface {
  let weight = new Float64Array(value.length).fill(1);
  let [surface] = fitSurfaces(shape, { ...boxes, values: [value], weight });
  for (let pass = 0; pass < FIRST_PASSES; pass++) {
    weight = value.map((v, k) => (v > surface.at(boxes.x[k], boxes.y[k]) ? ABOVE : 1));
    // as much weight as boxes, or the surface would be stiffer than it was asked to be
    const mean = weight.reduce((sum, w) => sum + w, 0) / weight.length;
    weight = weight.map((w) => w / mean);
    [surface] = fitSurfaces(shape, { ...boxes, values: [value], weight });
  }
  return surface;
}

function fitAll(shape: SurfaceShape, boxes: SkyBoxes, weight: Uint8Array): SplineSurface[] {
  return fitSurfaces(shape, { ...boxes, values: boxes.level, weight });
}

/** Per plane, how much the boxes of `sky` that lie below the surface scatter; no less than their errors. */
function scattersBelow(boxes: SkyBoxes, surfaces: readonly SplineSurface[], sky: Uint8Array): number[] {
  return surfaces.map((surface, p) => {
    const below: number[] = [];
    for (let k = 0; k < sky.length; k++) {
      const left = boxes.level[p][k] - surface.at(boxes.x[k], boxes.y[k]);
      if (sky[k] && left < 0) below.push(-left);
    }
    const error = median(boxes.error[p]);
    return below.length > 0 ? Math.max(1.4826 * median(below), error) : error;
  });
}

/** 1 for boxes of `among`, and those below every surface, that stand above none by more than `limit` scatters. */
function classify(
  boxes: SkyBoxes,
  surfaces: readonly SplineSurface[],
  among: Uint8Array,
  scatters: readonly number[],
  limit: number,
): Uint8Array {
  const highest = new Float64Array(among.length).fill(-Infinity);
  surfaces.forEach((surface, p) => {
    for (let k = 0; k < among.length; k++) {
      const left = boxes.level[p][k] - surface.at(boxes.x[k], boxes.y[k]);
      highest[k] = Math.max(highest[k], left / scatters[p]);
    }
  });
  return Uint8Array.from(highest, (r, k) => ((among[k] || r < 0) && r <= limit ? 1 : 0));
}

/** Standard deviation of the places of boxes along the direction in which they lie closest together. */
function spread({ x, y }: SkyBoxes, kept: Uint8Array): number {
  let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < kept.length; k++) {
    if (!kept[k]) continue;
    n++;
    sx += x[k];
    sy += y[k];
    sxx += x[k] * x[k];
    sxy += x[k] * y[k];
    syy += y[k] * y[k];
  }
  const [xx, xy, yy] = [sxx / n - (sx / n) ** 2, sxy / n - (sx / n) * (sy / n), syy / n - (sy / n) ** 2];
  return Math.sqrt(Math.max(0, (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy)));
}

/**
 * Surfaces lowered to the darkest third of the sky, the same boxes in every plane: faint nebulae that pass for sky raise one plane more than the
 * others, and what lies between them would come out in the opposite colour.
 */
function onPlainSky(boxes: SkyBoxes, surfaces: readonly SplineSurface[], sky: Uint8Array): SplineSurface[] {
  const left = surfaces.map((surface, p) =>
    boxes.level[p].map((level, k) => level - surface.at(boxes.x[k], boxes.y[k])),
  );
  const errors = boxes.error.map((error) => median(error) || 1);
  const brightness = boxes.x.map((_, k) => left.reduce((sum, plane, p) => sum + plane[k] / errors[p], 0));
  const ranked = brightness.filter((_, k) => sky[k] === 1).sort();
  const limit = ranked[Math.floor(ranked.length / 3)];
  return surfaces.map((surface, p) =>
    surface.raised(median(left[p].filter((_, k) => sky[k] === 1 && brightness[k] <= limit))),
  );
}

function summary(boxes: SkyBoxes, surfaces: readonly SplineSurface[], sky: Uint8Array): Background {
  const values = surfaces.map((surface) => boxes.x.map((x, k) => surface.at(x, boxes.y[k])));
  return {
    surfaces,
    levels: values.map((v) => median(v)),
    ranges: values.map((v) => v.reduce((a, b) => Math.max(a, b)) - v.reduce((a, b) => Math.min(a, b))),
    skyShare: total(sky) / sky.length,
    residuals: values.map((v, p) => {
      const left = boxes.level[p].map((level, k) => level - v[k]).filter((_, k) => sky[k] === 1);
      const mean = left.reduce((sum, r) => sum + r, 0) / left.length;
      return Math.sqrt(left.reduce((sum, r) => sum + (r - mean) ** 2, 0) / left.length);
    }),
  };
}

function total(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}
