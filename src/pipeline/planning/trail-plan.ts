// Which parts of the trails that frames show are left out of them: no sky may be lost, and what the sky or the sensor shows again is no trail.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { isOnStrip, pointAt, type TrailStrip } from '../../astrometry/trails/trail-strip.js';
import type { RunConfig } from '../../config/table.js';
import type { BackgroundMeasure } from '../../photometry/background/background-mesh.js';
import { touches, type BlockSpans } from './grid/block-spans.js';
import type { Disc } from '../../photometry/background/disc-pixels.js';
import type { FrameEdges } from './grid/frame-extent.js';
import { repeatedLines } from './repeated-lines.js';

/** A measured frame as this plan sees it. */
export interface TrailFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
  readonly edges: FrameEdges;
  readonly spans: BlockSpans;
  readonly trails: readonly TrailStrip[];
  /** What is left out of it for other reasons, and cells of its mesh with blank parts. */
  readonly spoilt?: readonly Disc[];
  readonly blanks?: Pick<BackgroundMeasure, 'blankCells'> & {
    readonly grid: { nx: number; ny: number; stepPx: number };
  };
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
/** So many pixels beyond what is left out, or from where its samples end, a frame shows nothing: the reach of a warp. */
const WARP_REACH_PX = 6;

/** Whether trails are sought in frames and left out of them. */
export function leavesOutTrails(config: RunConfig): boolean {
  // without matched levels a strip that is left out would show as one
  return (
    config.leave_out_trails &&
    config.stacking_rejection_algorithm !== 'none' &&
    config.stacking_normalize_method !== 'none'
  );
}

/** The frames in canonical order; `grid` that `spans` are of. A piece is left out where at least `least` other frames show its place. */
export function planTrails(
  grid: { readonly wcs: CelestialWcs },
  frames: readonly TrailFrame[],
  least = 1,
): TrailPlan {
  const scales = frames.map(({ wcs, nx, ny }) => wcs.pixelScaleArcsec((nx + 1) / 2, (ny + 1) / 2));
  const listed = frames.flatMap(({ wcs, trails }, f) =>
    trails.map((strip) => ({ strip, f, wcs, scaleArcsec: scales[f] })),
  );
  const repeats = repeatedLines(listed);
  const leftOut = frames.map((): LeftOutTrail[] => []);
  listed.forEach(({ strip, f, wcs }, k) => {
    if (repeats[k]) return;
    const count = Math.max(1, Math.ceil((strip.to - strip.from) / PIECE_PX));
    const reach = scales[f] * (Math.hypot(strip.halfWidth, PIECE_PX / 2) + WARP_REACH_PX);
    const pieces = new Uint8Array(count);
    for (let p = 0; p < count; p++) {
      const [x, y] = pointAt(strip, strip.from + (p + 0.5) * PIECE_PX);
      const place = { sky: wcs.pixelToSky(x + 1, y + 1), reach };
      if (areShowing(least, grid.wcs, frames, scales, leftOut, f, place)) pieces[p] = 1;
    }
    if (pieces.includes(1)) leftOut[f].push({ strip, pieces });
  });
  return { leftOut, found: listed.length, repeated: repeats.filter(Boolean).length };
}

/** Length of what is left out. */
export function lengthPx({ pieces }: LeftOutTrail): number {
  return PIECE_PX * pieces.reduce((sum, piece) => sum + piece, 0);
}

/** The middle of a piece, and how far about it the frame that it is left out of shows nothing, arcseconds. */
interface Place {
  readonly sky: readonly [number, number] | null;
  readonly reach: number;
}

/** Whether `least` frames other than `f` show all of the place: of which nothing is left out there, and which have samples there. */
function areShowing(
  least: number,
  grid: CelestialWcs,
  frames: readonly TrailFrame[],
  scales: readonly number[],
  leftOut: readonly (readonly LeftOutTrail[])[],
  f: number,
  { sky, reach }: Place,
): boolean {
  const place = sky && grid.skyToPixel(...sky);
  if (!sky || !place) return false;
  const [column, row] = place.map((of) => Math.floor((of - 1) / BLOCK_SIZE));
  let showing = 0;
  return frames.some((frame, g) => shows(frame, g) && ++showing >= least);

  function shows({ wcs, nx, ny, edges, spans, spoilt = [], blanks }: TrailFrame, g: number): boolean {
    if (g === f || !touches(spans, column, row, column, row)) return false;
    const at = wcs.skyToPixel(...sky!);
    if (!at) return false;
    const [x, y] = [at[0] - 1, at[1] - 1];
    const margin = reach / scales[g] + WARP_REACH_PX;
    if (x < edges.x + margin || x > nx - 1 - edges.x - margin) return false;
    if (y < edges.y + margin || y > ny - 1 - edges.y - margin) return false;
    if (blanks && hasBlanks(blanks, x, y, margin)) return false;
    if (spoilt.some((disc) => Math.hypot(x - disc.x, y - disc.y) < disc.radius + margin)) return false;
    return !leftOut[g].some(({ strip }) => isOnStrip(strip, x, y, margin));
  }
}

/** Whether cells of a frame's mesh within `margin` of a place have blank parts. */
function hasBlanks(
  { blankCells, grid: { nx, ny, stepPx } }: NonNullable<TrailFrame['blanks']>,
  x: number,
  y: number,
  margin: number,
): boolean {
  if (!blankCells) return false;
  const cell = (at: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(at / stepPx)));
  for (let j = cell(y - margin, ny); j <= cell(y + margin, ny); j++)
    for (let i = cell(x - margin, nx); i <= cell(x + margin, nx); i++)
      if (blankCells[j * nx + i]) return true;
  return false;
}
