// The output grid: one projection and shape that hold every frame's footprint.
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { DEG_TO_RAD, RAD_TO_DEG } from '../../../astrometry/wcs/angles.js';
import { footprint } from '../../../astrometry/wcs/footprint.js';
import { makePlaneGridWcs } from '../../../astrometry/wcs/plane-grid-wcs.js';
import type { SkyPosition } from '../../../astrometry/wcs/sphere.js';
import { leastAreaOrientation, medianOrientation, turned } from './grid-orientation.js';
import {
  CanvasError,
  chooseGridPlane,
  planeAbout,
  type GridPlane,
  type GridProjection,
} from './grid-projection.js';

export { CanvasError };

/** Points along each edge of a footprint: distortion bends edges by less than a pixel between them. */
export const POINTS_PER_EDGE = 8;
/** A warp that steps over more than this many frame pixels leaves light out: the grid is then made finer, and its pixels are averaged. */
export const LARGEST_STEP = 1.1;
/** Solved scales are not exact, and a hundredth of a pixel too much is rounding, not sky. */
export const ROUNDING = 0.01;

/**
 * Where only frames of different scales make a mosaic too coarse for the finest of them, by up to this factor, it is made as fine as they need: a grid of half its pixels'
 * side, four times the pixels, and a product beside would take more (2 f^2 < 4 + 1).
 */
const FINER_RATHER = Math.sqrt(5 / 2);

/** A frame as the grid sees it. */
export interface GridFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
}

export interface OutputGridOptions {
  readonly scaleMode: 'min' | 'median' | 'max';
  /** `north_up`; `median_pc`, the median orientation of the frames; `auto`, the least area; `angle`, as `angleDeg` says. */
  readonly orientation: 'north_up' | 'median_pc' | 'auto' | 'angle';
  /** Position angle of the y axis, degrees east of north. */
  readonly angleDeg?: number;
  readonly projection?: 'auto' | GridProjection;
  /** Scale of the mosaic, arc seconds a pixel; null = that of the frames divided by `scaleFactor`. */
  readonly scaleArcsec?: number | null;
  /** Pixels of the mosaic in one of the frames', along a side. */
  readonly scaleFactor?: number;
  /** Whether a coarse mosaic may be made from a finer grid; without, the warp steps over light. Absent = yes. */
  readonly mayBin?: boolean;
  /** Added to width and height together, per cent of the footprints' extent. */
  readonly paddingPercent: number;
  /** Width and height asked for, pixels; the scale is then the larger one that holds all footprints. */
  readonly resolution: readonly [number, number] | null;
  /** More than this many pixels are refused. */
  readonly maxMegapixels: number;
}

/** Grid of the mosaic: `[ny, nx]` pixels, 0-based positions (x, y) = FITS pixel - 1. */
export interface OutputGrid {
  readonly nx: number;
  readonly ny: number;
  readonly wcs: CelestialWcs;
  /** Sky in its middle. */
  readonly centre: SkyPosition;
  readonly scaleArcsec: number;
  /** Position angle of the grid's y axis, degrees east of north. */
  readonly rotationDeg: number;
  /** Pixels of the grid along a side that make one of the product; absent = 1. Width and height are multiples of it. */
  readonly binning?: number;
  /** Area of a pixel of the product over that of a frame's; absent = 1. */
  readonly pixelArea?: number;
}

/** @throws CanvasError when the footprints do not fit the projection or the canvas exceeds `maxMegapixels`. */
export function planOutputGrid(frames: readonly GridFrame[], options: OutputGridOptions): OutputGrid {
  const outlines = frames.map(({ wcs, nx, ny }) => footprint(wcs, nx, ny, POINTS_PER_EDGE));
  const points = outlines.flat();
  let attached = chooseGridPlane(outlines, options.projection ?? 'tan');
  const rotation = orientationOf(frames, attached, points, options);
  let box = boundingBox(points, attached, rotation);
  // The middle of the box becomes the reference point; its own projection shifts the box a little, hence the further turns.
  for (let i = 0; i < 3 && attached.isCentred; i++) {
    const [x, y] = turned(...middleOf(box), -rotation);
    const centre = attached.plane.pixelToSky(x, y);
    if (centre === null) break;
    attached = planeAbout(attached.projection, centre, points);
    box = boundingBox(points, attached, rotation);
  }

  const pad = 1 + options.paddingPercent / 100;
  const [middleX, middleY] = attached.isCentred ? [0, 0] : middleOf(box);
  const widthArcsec = 2 * Math.max(middleX - box.x0, box.x1 - middleX) * 3600 * pad;
  const heightArcsec = 2 * Math.max(middleY - box.y0, box.y1 - middleY) * 3600 * pad;
  const { resolution } = options;
  const native = representativeScale(frames, options.scaleMode);
  const asked = resolution
    ? Math.max(widthArcsec / resolution[0], heightArcsec / resolution[1])
    : (options.scaleArcsec ?? native / (options.scaleFactor ?? 1));
  // by the finest frame, whatever the typical one: it is the one that light would be left out of
  const coarsest = LARGEST_STEP * representativeScale(frames, 'min');
  const isFramesOwn = !resolution && asked === native;
  const wanted = isFramesOwn && asked < FINER_RATHER * coarsest ? Math.min(asked, coarsest) : asked;
  const steps = wanted / coarsest;
  const binning = (options.mayBin ?? true) ? Math.max(1, Math.ceil(steps - ROUNDING)) : 1;
  const nx = binning * (resolution ? resolution[0] : wholePixels(widthArcsec / wanted));
  const ny = binning * (resolution ? resolution[1] : wholePixels(heightArcsec / wanted));
  refuseTooLarge(nx, ny, options.maxMegapixels);

  const scaleArcsec = wanted / binning;
  const s = scaleArcsec / 3600;
  const [sin, cos] = [Math.sin(rotation), Math.cos(rotation)];
  const wcs = makePlaneGridWcs({
    projection: attached.projection.toUpperCase(),
    crval: attached.crval,
    // where x grows to the west, the plane's x, which grows to the east, is mirrored
    crpix: [(nx + 1) / 2 + middleX / s, (ny + 1) / 2 - middleY / s],
    cd: [-s * cos, s * sin, s * sin, s * cos],
    shape: [nx, ny],
  });
  return {
    nx,
    ny,
    wcs,
    centre: wcs.pixelToSky((nx + 1) / 2, (ny + 1) / 2) ?? attached.crval,
    scaleArcsec,
    rotationDeg: rotation * RAD_TO_DEG,
    ...(binning > 1 && { binning }),
    ...(wanted !== native && { pixelArea: (wanted / native) ** 2 }),
  };
}

/** @throws CanvasError when the canvas would be larger than that. */
function refuseTooLarge(nx: number, ny: number, maxMegapixels: number): void {
  if (nx * ny <= maxMegapixels * 1e6) return;
  throw new CanvasError('pipeline_canvas_too_large', {
    width: nx,
    height: ny,
    megapixels: Math.ceil((nx * ny) / 1e6),
    limit: maxMegapixels,
  });
}

/** The frame's outline on the grid, 0-based grid positions (x, y pairs), beginning with the frame's first edge. */
export function outlineOnGrid({ wcs, nx, ny }: GridFrame, grid: OutputGrid): Float64Array {
  return Float64Array.from(
    footprint(wcs, nx, ny, POINTS_PER_EDGE)
      .slice(0, -1)
      .flatMap(([ra, dec]) => {
        const p = grid.wcs.skyToPixel(ra, dec);
        if (p === null) throw new RangeError('a footprint lies outside the projection it was planned for');
        return [p[0] - 1, p[1] - 1];
      }),
  );
}

/** Pixels that hold an extent. */
const wholePixels = (extent: number) => Math.ceil(extent - ROUNDING);

function orientationOf(
  frames: readonly GridFrame[],
  { plane }: GridPlane,
  points: readonly SkyPosition[],
  { orientation, angleDeg = 0 }: OutputGridOptions,
): number {
  switch (orientation) {
    case 'north_up':
      return 0;
    case 'median_pc':
      return medianOrientation(frames);
    case 'angle':
      return angleDeg * DEG_TO_RAD;
    case 'auto':
      return leastAreaOrientation(
        points.flatMap(([ra, dec]) => [plane.skyToPixel(ra, dec) ?? []].filter(isPair)),
      );
  }
}

const isPair = (point: readonly number[]): point is [number, number] => point.length === 2;

interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

const middleOf = ({ x0, x1, y0, y1 }: Box): [number, number] => [(x0 + x1) / 2, (y0 + y1) / 2];

/** Bounding box in the plane, degrees, axes turned by `rotation`. */
function boundingBox(
  points: readonly SkyPosition[],
  { plane, projection }: GridPlane,
  rotation: number,
): Box {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [ra, dec] of points) {
    const at = plane.skyToPixel(ra, dec);
    if (at === null) throw new CanvasError('pipeline_canvas_torn', { projection: projection.toUpperCase() });
    const [x, y] = turned(at[0], at[1], rotation);
    [x0, x1] = [Math.min(x0, x), Math.max(x1, x)];
    [y0, y1] = [Math.min(y0, y), Math.max(y1, y)];
  }
  return { x0, x1, y0, y1 };
}

function representativeScale(frames: readonly GridFrame[], mode: OutputGridOptions['scaleMode']): number {
  const scales = frames
    .map(({ wcs, nx, ny }) => wcs.pixelScaleArcsec((nx + 1) / 2, (ny + 1) / 2))
    .sort((a, b) => a - b);
  if (mode === 'min') return scales[0];
  if (mode === 'max') return scales[scales.length - 1];
  const middle = scales.length >> 1;
  return scales.length % 2 ? scales[middle] : (scales[middle - 1] + scales[middle]) / 2;
}
