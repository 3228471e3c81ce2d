// The output grid: one TAN projection and shape that hold every frame's footprint.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { makeTanWcs } from '../../astrometry/wcs/tan-wcs.js';
import { CodedError } from '../../errors.js';

const DEG = Math.PI / 180;
/** Footprints may reach this far from the tangent point; beyond, a tangent plane grows without bound. */
const MAX_TANGENT_DEG = 80;
const POINTS_PER_EDGE = 9;

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
  readonly centre: readonly [raDeg: number, decDeg: number];
  readonly scaleArcsec: number;
  /** Position angle of the grid's y axis, degrees east of north. */
  readonly rotationDeg: number;
}

/** The canvas would be larger than allowed, or wider than a tangent plane can hold. */
export class CanvasError extends CodedError {}

/** Pixels that hold an extent; a hundredth of a pixel too much is rounding, not sky. */
const wholePixels = (extent: number) => Math.ceil(extent - 0.01);

type Vector = readonly [number, number, number];

/** @throws CanvasError when the footprints do not fit one tangent plane or the canvas exceeds `maxMegapixels`. */
export function planOutputGrid(frames: readonly GridFrame[], options: OutputGridOptions): OutputGrid {
  if (frames.length === 0) throw new RangeError('an output grid needs at least one frame');
  const outlines = frames.map((frame) => outline(frame));
  const points = outlines.flat();
  const rotation = options.orientation === 'median_pc' ? medianOrientation(frames) : 0;

  let centre = direction(meanVector(points));
  let box = boundingBox(points, centre, rotation);
  // The middle of the box becomes the tangent point; its own projection shifts the box a little, hence the second turn.
  for (let i = 0; i < 3; i++) {
    centre = deproject(centre, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, rotation);
    box = boundingBox(points, centre, rotation);
  }

  const pad = 1 + options.paddingPercent / 100;
  const widthArcsec = ((2 * Math.max(-box.x0, box.x1)) / DEG) * 3600 * pad;
  const heightArcsec = ((2 * Math.max(-box.y0, box.y1)) / DEG) * 3600 * pad;
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
    crval: [centre[0], centre[1]],
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-s * cos, s * sin, s * sin, s * cos],
    shape: [nx, ny],
  });
  return { nx, ny, wcs, centre, scaleArcsec, rotationDeg: rotation / DEG };
}

/** The frame's outline on the grid, 0-based grid positions, closed by its first point; NaN-free. */
export function outlineOnGrid(frame: GridFrame, grid: OutputGrid): Float64Array {
  const sky = outline(frame);
  const polygon = new Float64Array(sky.length * 2);
  sky.forEach((v, i) => {
    const [ra, dec] = direction(v);
    const p = grid.wcs.skyToPixel(ra, dec);
    if (p === null) throw new RangeError('a footprint lies outside the projection it was planned for');
    polygon[2 * i] = p[0] - 1;
    polygon[2 * i + 1] = p[1] - 1;
  });
  return polygon;
}

/** Unit vectors along the outer pixel edges, counter-clockwise in pixel space. */
function outline({ wcs, nx, ny }: GridFrame): Vector[] {
  const n = POINTS_PER_EDGE - 1;
  const result: Vector[] = [];
  const push = (x: number, y: number) => {
    const sky = wcs.pixelToSky(x, y);
    if (sky === null) throw new CanvasError('pipeline_footprint_outside_projection', { x, y });
    result.push(unitVector(sky[0], sky[1]));
  };
  for (let i = 0; i < n; i++) push(0.5 + (nx * i) / n, 0.5);
  for (let i = 0; i < n; i++) push(nx + 0.5, 0.5 + (ny * i) / n);
  for (let i = 0; i < n; i++) push(nx + 0.5 - (nx * i) / n, ny + 0.5);
  for (let i = 0; i < n; i++) push(0.5, ny + 0.5 - (ny * i) / n);
  return result;
}

function unitVector(raDeg: number, decDeg: number): Vector {
  const cosDec = Math.cos(decDeg * DEG);
  return [cosDec * Math.cos(raDeg * DEG), cosDec * Math.sin(raDeg * DEG), Math.sin(decDeg * DEG)];
}

function direction(v: Vector): [number, number] {
  const ra = Math.atan2(v[1], v[0]) / DEG;
  return [ra < 0 ? ra + 360 : ra, Math.atan2(v[2], Math.hypot(v[0], v[1])) / DEG];
}

function meanVector(points: readonly Vector[]): Vector {
  const sum = points.reduce((a, p) => [a[0] + p[0], a[1] + p[1], a[2] + p[2]] as Vector, [0, 0, 0]);
  const norm = Math.hypot(...sum);
  if (norm < 1e-3 * points.length)
    throw new CanvasError('pipeline_canvas_too_wide', { limit: MAX_TANGENT_DEG });
  return [sum[0] / norm, sum[1] / norm, sum[2] / norm];
}

/** Bounding box in the tangent plane about `centre`, radians, axes rotated by `rotation`. */
function boundingBox(points: readonly Vector[], centre: readonly [number, number], rotation: number) {
  const [ra0, dec0] = [centre[0] * DEG, centre[1] * DEG];
  const c = unitVector(centre[0], centre[1]);
  const east: Vector = [-Math.sin(ra0), Math.cos(ra0), 0];
  const north: Vector = [-Math.sin(dec0) * Math.cos(ra0), -Math.sin(dec0) * Math.sin(ra0), Math.cos(dec0)];
  const [sin, cos] = [Math.sin(rotation), Math.cos(rotation)];
  const box = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  for (const p of points) {
    const d = dot(p, c);
    if (d < Math.cos(MAX_TANGENT_DEG * DEG)) {
      throw new CanvasError('pipeline_canvas_too_wide', { limit: MAX_TANGENT_DEG });
    }
    const xi = dot(p, east) / d;
    const eta = dot(p, north) / d;
    const x = xi * cos - eta * sin;
    const y = xi * sin + eta * cos;
    box.x0 = Math.min(box.x0, x);
    box.x1 = Math.max(box.x1, x);
    box.y0 = Math.min(box.y0, y);
    box.y1 = Math.max(box.y1, y);
  }
  return box;
}

/** Sky position of a point of the rotated tangent plane about `centre`. */
function deproject(
  centre: readonly [number, number],
  x: number,
  y: number,
  rotation: number,
): [number, number] {
  const [sin, cos] = [Math.sin(rotation), Math.cos(rotation)];
  const xi = x * cos + y * sin;
  const eta = -x * sin + y * cos;
  const [ra0, dec0] = [centre[0] * DEG, centre[1] * DEG];
  const c = unitVector(centre[0], centre[1]);
  const east: Vector = [-Math.sin(ra0), Math.cos(ra0), 0];
  const north: Vector = [-Math.sin(dec0) * Math.cos(ra0), -Math.sin(dec0) * Math.sin(ra0), Math.cos(dec0)];
  return direction([0, 1, 2].map((i) => c[i] + xi * east[i] + eta * north[i]) as unknown as Vector);
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
  // Doubling twice makes angles that differ by a quarter turn equal; the circular mean has no seam.
  let [sx, sy] = [0, 0];
  for (const { wcs, nx, ny } of frames) {
    const [x, y] = [(nx + 1) / 2, (ny + 1) / 2];
    const a = wcs.pixelToSky(x, y);
    const b = wcs.pixelToSky(x, y + 1);
    if (a === null || b === null) continue;
    const east = (((b[0] - a[0] + 540) % 360) - 180) * Math.cos(a[1] * DEG);
    const angle = Math.atan2(east, b[1] - a[1]);
    sx += Math.cos(4 * angle);
    sy += Math.sin(4 * angle);
  }
  return Math.atan2(sy, sx) / 4;
}

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
