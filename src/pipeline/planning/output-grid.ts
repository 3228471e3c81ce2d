// The output grid: one TAN projection and shape that hold every frame's footprint.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { centroid, footprint } from '../../astrometry/wcs/footprint.js';
import type { SkyPosition } from '../../astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../astrometry/wcs/tan-wcs.js';
import { tangentPlane } from '../../astrometry/wcs/tangent-plane.js';
import { CodedError } from '../../errors.js';

const DEG = Math.PI / 180;
/** Footprints may reach this far from the tangent point; beyond, a tangent plane grows without bound. */
const MAX_TANGENT_DEG = 80;
/** Points along each edge of a footprint: distortion bends edges by less than a pixel between them. */
const POINTS_PER_EDGE = 8;

/** A frame as the grid sees it. */
export interface GridFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
}

export interface OutputGridOptions {
  readonly scaleMode: 'min' | 'median' | 'max';
  /** `north_up`, or `median_pc`: the median orientation of the frames. */
  readonly orientation: 'north_up' | 'median_pc';
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
  readonly centre: SkyPosition;
  readonly scaleArcsec: number;
  /** Position angle of the grid's y axis, degrees east of north. */
  readonly rotationDeg: number;
}

/** The canvas would be larger than allowed, or wider than a tangent plane can hold. */
export class CanvasError extends CodedError {}

/** @throws CanvasError when the footprints do not fit one tangent plane or the canvas exceeds `maxMegapixels`. */
export function planOutputGrid(frames: readonly GridFrame[], options: OutputGridOptions): OutputGrid {
  const points = frames.flatMap(({ wcs, nx, ny }) => footprint(wcs, nx, ny, POINTS_PER_EDGE));
  const rotation = options.orientation === 'median_pc' ? medianOrientation(frames) : 0;

  const middle = centroid(points);
  if (middle === null) throw new CanvasError('pipeline_canvas_too_wide', { limit: MAX_TANGENT_DEG });
  let centre = middle;
  let box = boundingBox(points, centre, rotation);
  // The middle of the box becomes the tangent point; its own projection shifts the box a little, hence the further turns.
  for (let i = 0; i < 3; i++) {
    const [xi, eta] = turn((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, -rotation);
    centre = tangentPlane(...centre).deproject(xi, eta);
    box = boundingBox(points, centre, rotation);
  }

  const pad = 1 + options.paddingPercent / 100;
  const widthArcsec = 2 * Math.max(-box.x0, box.x1) * 3600 * pad;
  const heightArcsec = 2 * Math.max(-box.y0, box.y1) * 3600 * pad;
  const scaleArcsec = options.resolution
    ? Math.max(widthArcsec / options.resolution[0], heightArcsec / options.resolution[1])
    : representativeScale(frames, options.scaleMode);
  const nx = options.resolution ? options.resolution[0] : wholePixels(widthArcsec / scaleArcsec);
  const ny = options.resolution ? options.resolution[1] : wholePixels(heightArcsec / scaleArcsec);

  if (nx * ny > options.maxMegapixels * 1e6) {
    throw new CanvasError('pipeline_canvas_too_large', {
      width: nx,
      height: ny,
      megapixels: Math.ceil((nx * ny) / 1e6),
      limit: options.maxMegapixels,
    });
  }

  const s = scaleArcsec / 3600;
  const [sin, cos] = [Math.sin(rotation), Math.cos(rotation)];
  const wcs = makeTanWcs({
    crval: centre,
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-s * cos, s * sin, s * sin, s * cos],
    shape: [nx, ny],
  });
  return { nx, ny, wcs, centre, scaleArcsec, rotationDeg: rotation / DEG };
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

/** Pixels that hold an extent; a hundredth of a pixel too much is rounding, not sky. */
const wholePixels = (extent: number) => Math.ceil(extent - 0.01);

/** Axes turned by `angle`. */
function turn(x: number, y: number, angle: number): [number, number] {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return [x * cos - y * sin, x * sin + y * cos];
}

/** Bounding box in the tangent plane about `centre`, degrees, axes turned by `rotation`. */
function boundingBox(points: readonly SkyPosition[], centre: SkyPosition, rotation: number) {
  const plane = tangentPlane(...centre);
  const limit = Math.tan(MAX_TANGENT_DEG * DEG) / DEG;
  const box = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  for (const [ra, dec] of points) {
    const standard = plane.project(ra, dec);
    if (standard === null || Math.hypot(...standard) > limit) {
      throw new CanvasError('pipeline_canvas_too_wide', { limit: MAX_TANGENT_DEG });
    }
    const [x, y] = turn(...standard, rotation);
    box.x0 = Math.min(box.x0, x);
    box.x1 = Math.max(box.x1, x);
    box.y0 = Math.min(box.y0, y);
    box.y1 = Math.max(box.y1, y);
  }
  return box;
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

/** Median position angle of the frames' y axes modulo 90 degrees, radians in (-pi/4, pi/4]: quarter turns do not widen a canvas. */
function medianOrientation(frames: readonly GridFrame[]): number {
  // Four times the angle makes angles that differ by a quarter turn equal; the circular mean has no seam.
  let [sx, sy] = [0, 0];
  for (const { wcs, nx, ny } of frames) {
    const angle = orientationDeg(wcs, nx, ny) * DEG;
    sx += Math.cos(4 * angle);
    sy += Math.sin(4 * angle);
  }
  return Math.atan2(sy, sx) / 4;
}

/** Position angle of an image's y axis at its centre, degrees east of north; 0 where it has no sky. */
export function orientationDeg(wcs: CelestialWcs, nx: number, ny: number): number {
  const [x, y] = [(nx + 1) / 2, (ny + 1) / 2];
  const here = wcs.pixelToSky(x, y);
  const above = wcs.pixelToSky(x, y + 1);
  const step = here && above && tangentPlane(...here).project(...above);
  return step ? Math.atan2(step[0], step[1]) / DEG : 0;
}
