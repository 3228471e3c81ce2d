// Which parts of the trails that frames show are left out of them: no sky may be lost, and what the sky or the sensor shows again is no trail.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { isOnStrip, type TrailStrip } from '../../astrometry/trails/trail-strip.js';
import { touches, type BlockSpans } from './block-spans.js';
import type { FrameEdges } from './frame-extent.js';

/** A measured frame as this plan sees it. */
export interface TrailFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
  readonly edges: FrameEdges;
  readonly spans: BlockSpans;
  readonly trails: readonly TrailStrip[];
}

/** Parts of a trail, PIECE_PX long from its beginning on, that are left out. */
export interface LeftOutTrail {
  readonly strip: TrailStrip;
  readonly pieces: Uint8Array;
}

export interface TrailPlan {
  /** `[frame]`. */
  readonly leftOut: readonly (readonly LeftOutTrail[])[];
  /** Trails that frames show, those repeated among them. */
  readonly found: number;
  /** Rows of light that several frames show at one place of the sky or of the sensor. */
  readonly repeated: number;
}

/** Pixels along a trail that are left out together. */
export const PIECE_PX = 16;
/** So many pixels beyond what is left out a warp wants samples. */
const WARP_REACH_PX = 6;
/** Places of one line in two frames differ by this much more than their widths, pixels. */
const SAME_PX = 3;
/** Two lines are one where this share of the shorter lies on the other. */
const SAME_SHARE = 0.5;
/** Places along a strip that are compared. */
const COMPARED = 9;

/** The frames in canonical order; `grid` that `spans` are of. */
export function planTrails(grid: { readonly wcs: CelestialWcs }, frames: readonly TrailFrame[]): TrailPlan {
  const listed = frames.flatMap((frame, f) => frame.trails.map((strip) => ({ strip, f, frame })));
  const repeats = listed.map((a) =>
    listed.some((b) => a.f !== b.f && (isOnSensor(a.strip, b.strip) || isOnSky(a, b))),
  );
  const leftOut = frames.map((): LeftOutTrail[] => []);
  listed.forEach(({ strip, f, frame }, k) => {
    if (repeats[k]) return;
    const count = Math.max(1, Math.ceil((strip.to - strip.from) / PIECE_PX));
    const pieces = new Uint8Array(count);
    for (let p = 0; p < count; p++) {
      const [x, y] = pointAt(strip, strip.from + (p + 0.5) * PIECE_PX);
      if (isShownElsewhere(grid.wcs, frames, leftOut, f, strip.halfWidth, frame.wcs.pixelToSky(x + 1, y + 1)))
        pieces[p] = 1;
    }
    if (pieces.includes(1)) leftOut[f].push({ strip, pieces });
  });
  return { leftOut, found: listed.length, repeated: repeats.filter(Boolean).length };
}

/** Length of what is left out. */
export function lengthPx({ pieces }: LeftOutTrail): number {
  return PIECE_PX * pieces.reduce((sum, piece) => sum + piece, 0);
}

/** Pixels of a frame that lie on what is left out, as `y * nx + x`, in no order, maybe twice. */
export function trailPixels(trails: readonly LeftOutTrail[], nx: number, ny: number): number[] {
  const pixels: number[] = [];
  for (const { strip, pieces } of trails) {
    const { nx: cx, ny: cy, offset, from, halfWidth } = strip;
    for (let y = 0; y < ny; y++) {
      const [first, last] = rowOfStrip(strip, y, nx);
      for (let x = first; x <= last; x++) {
        if (Math.abs(x * cx + y * cy - offset) > halfWidth) continue;
        if (pieces[Math.floor((x * cy - y * cx - from) / PIECE_PX)] === 1) pixels.push(y * nx + x);
      }
    }
  }
  return pixels;
}

/** Columns, inclusive, between which row `y` may lie on the strip. */
function rowOfStrip(
  { nx, ny, offset, from, to, halfWidth }: TrailStrip,
  y: number,
  width: number,
): [number, number] {
  let [low, high] = [0, width - 1];
  for (const [slope, least, most] of [
    [nx, offset - halfWidth - y * ny, offset + halfWidth - y * ny],
    [ny, from + y * nx, to + y * nx],
  ]) {
    if (Math.abs(slope) < 1e-9) continue;
    const [a, b] = slope > 0 ? [least / slope, most / slope] : [most / slope, least / slope];
    low = Math.max(low, Math.ceil(a));
    high = Math.min(high, Math.floor(b));
  }
  return [low, high];
}

/** Whether a frame other than `f` shows the place, and nothing is left out of it there. */
function isShownElsewhere(
  grid: CelestialWcs,
  frames: readonly TrailFrame[],
  leftOut: readonly (readonly LeftOutTrail[])[],
  f: number,
  halfWidth: number,
  sky: readonly [number, number] | null,
): boolean {
  const place = sky && grid.skyToPixel(...sky);
  if (!sky || !place) return false;
  const [column, row] = place.map((of) => Math.floor((of - 1) / BLOCK_SIZE));
  return frames.some(({ wcs, nx, ny, edges, spans }, g) => {
    if (g === f || !touches(spans, column, row, column, row)) return false;
    const at = wcs.skyToPixel(...sky);
    if (!at) return false;
    const [x, y] = [at[0] - 1, at[1] - 1];
    // half a piece to all sides, and what a warp wants beyond
    const margin = PIECE_PX / 2 + WARP_REACH_PX;
    if (x < edges.x + margin || x > nx - 1 - edges.x - margin) return false;
    if (y < edges.y + margin || y > ny - 1 - edges.y - margin) return false;
    return !leftOut[g].some(({ strip }) => isOnStrip(strip, x, y, halfWidth + PIECE_PX / 2));
  });
}

/** Whether two frames show a line at one place of the sensor, wherever it begins and ends. */
function isOnSensor(a: TrailStrip, b: TrailStrip): boolean {
  const far = a.halfWidth + b.halfWidth + SAME_PX;
  return [a.from, a.to].every((along) => {
    const [x, y] = pointAt(a, along);
    return Math.abs(x * b.nx + y * b.ny - b.offset) <= far;
  });
}

interface Placed {
  readonly strip: TrailStrip;
  readonly frame: Pick<TrailFrame, 'wcs'>;
}

/** Whether two frames show a line at one place of the sky. */
function isOnSky(a: Placed, b: Placed): boolean {
  const [shorter, longer] = a.strip.to - a.strip.from < b.strip.to - b.strip.from ? [a, b] : [b, a];
  const { from, to } = shorter.strip;
  let on = 0;
  for (let k = 0; k < COMPARED; k++) {
    // more than half can no longer lie on it
    if (k - on > (1 - SAME_SHARE) * COMPARED) return false;
    const [x, y] = pointAt(shorter.strip, from + ((k + 0.5) / COMPARED) * (to - from));
    const sky = shorter.frame.wcs.pixelToSky(x + 1, y + 1);
    const at = sky && longer.frame.wcs.skyToPixel(...sky);
    if (at && isOnStrip(longer.strip, at[0] - 1, at[1] - 1, shorter.strip.halfWidth + SAME_PX)) on++;
  }
  return on >= SAME_SHARE * COMPARED;
}

/** The place in the middle of a strip at `along`. */
function pointAt({ nx, ny, offset }: TrailStrip, along: number): [number, number] {
  return [offset * nx + along * ny, offset * ny - along * nx];
}
