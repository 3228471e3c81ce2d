// Steps of the sky where frames end: what an eye sees first on a mosaic that was not levelled.
import type { PlaneSource } from '../output/sources/plane-source.js';
import { withPasses } from '../simd/sample-passes.js';
import { nearestPoints } from './nearest-points.js';
import { median, rms } from './robust.js';
import { StripMedians, type EdgePoint } from './strip-medians.js';

/** One channel of a mosaic. */
export interface SeamResidual {
  /** Places on the edges of frames that were looked at. */
  readonly places: number;
  /** Root mean square step, ADU, what sky and noise put there taken off. */
  readonly step: number;
  /** Largest step of one whole edge, ADU, and that over the noise of a pixel there. */
  readonly worst: number;
  readonly worstOverNoise: number;
}

/** A step at one place of an edge, for the map. */
export interface SeamStep {
  /** On the edge, 0-based. */
  readonly x: number;
  readonly y: number;
  /** Index of the frame, and which of its four edges. */
  readonly frame: number;
  readonly edge: number;
  /** Unit vector out of the frame. */
  readonly across: readonly [number, number];
  /** Outside less inside, ADU per plane, the slope of the sky taken off; NaN where there is no sky on both sides. */
  readonly step: readonly number[];
  /** The same in the nearest place where no frame ends; NaN where there is none. */
  readonly control: readonly number[];
}

/** Distance of two places along an edge. */
const SPACING_PX = 160;
/** Places near a corner see two edges. */
const CORNER_PX = 90;
/** Places looked at unless told; beyond, frames are left out evenly. */
const MAX_PLACES = 800;
/** An edge is told by at least this many places. */
const MIN_PLACES_AN_EDGE = 3;

interface Place extends EdgePoint {
  readonly frame: number;
  readonly edge: number;
}

/**
 * Measures steps on the edges of `outlines` (corner first, equally many points an edge, as x, y pairs on the mosaic), and for each the same at the
 * nearest of `quiet`, places without an edge within a strip's reach.
 */
export async function seamSteps(
  mosaic: PlaneSource,
  outlines: readonly Float64Array[],
  quiet: readonly { readonly x: number; readonly y: number }[],
  maxPlaces = MAX_PLACES,
): Promise<SeamStep[]> {
  const { nx, ny } = mosaic;
  const inside = ({ x, y }: Place) => x >= 1 && y >= 1 && x <= nx - 2 && y <= ny - 2;
  const places = thinned(
    outlines.map((outline, f) => placesOf(outline, f).filter(inside)),
    maxPlaces,
  );
  const near = nearestPoints(quiet, places);
  const beside = places.map((place, i): Place => {
    const { x, y } = near[i] < 0 ? NOWHERE : quiet[near[i]];
    return { ...place, x, y };
  });
  const { steps, controls } = await stepsAt(mosaic, places, beside);
  return places
    .map(({ x, y, frame, edge, n }, i) => ({
      x,
      y,
      frame,
      edge,
      across: n,
      step: steps[i],
      control: controls[i].map((v, p) => (Number.isNaN(steps[i][p]) ? NaN : v)),
    }))
    .filter(({ step }) => isKnown(step));
}

const isKnown = (step: readonly number[]): boolean => step.some((v) => !Number.isNaN(v));

const NOWHERE = { x: NaN, y: NaN };

/**
 * The step of every plane at each of the places and at their controls, the slope of the sky taken off. The mosaic is read once, from its first row to its last; what stands
 * beside a place without sky is not looked at, unless its rows come first.
 */
async function stepsAt(
  mosaic: PlaneSource,
  places: readonly Place[],
  beside: readonly Place[],
): Promise<{ readonly steps: number[][]; readonly controls: number[][] }> {
  const { planes } = mosaic;
  const all = [...places, ...beside];
  const order = Array.from(all.keys()).sort((a, b) => all[a].y - all[b].y);
  const found = all.map(() => new Array<number>(planes).fill(NaN));
  const isBlank = new Uint8Array(places.length);
  await withPasses(async (room) => {
    const strips = new StripMedians(room, mosaic);
    for (const i of order) {
      if (Number.isNaN(all[i].x) || (i >= places.length && isBlank[i - places.length])) continue;
      await strips.aim(all[i]);
      for (let plane = 0; plane < planes; plane++) found[i][plane] = strips.step(plane);
      if (i < places.length && !isKnown(found[i])) isBlank[i] = 1;
    }
  });
  return { steps: found.slice(0, places.length), controls: found.slice(places.length) };
}

/** The figures of one plane; `noiseAt` gives the standard deviation of a pixel near a step. */
export function seamResidual(
  steps: readonly SeamStep[],
  plane: number,
  noiseAt: (step: SeamStep) => number,
): SeamResidual {
  const known = steps.filter(({ step }) => !Number.isNaN(step[plane]));
  const controls = steps.map(({ control }) => control[plane]).filter((v) => !Number.isNaN(v));
  const expected = controls.length > 0 ? rms(clip(controls)) ** 2 : 0;
  const step = Math.sqrt(Math.max(0, rms(clip(known.map((s) => s.step[plane]))) ** 2 - expected));
  const edges = new Map<number, SeamStep[]>();
  for (const s of known) {
    const key = 4 * s.frame + s.edge;
    const members = edges.get(key);
    if (members) members.push(s);
    else edges.set(key, [s]);
  }
  let worst = 0;
  let worstOverNoise = 0;
  for (const members of edges.values()) {
    if (members.length < MIN_PLACES_AN_EDGE) continue;
    const size = Math.abs(median(members.map((s) => s.step[plane])));
    const noise = median(members.map(noiseAt).filter((v) => v > 0));
    worst = Math.max(worst, size);
    if (noise > 0) worstOverNoise = Math.max(worstOverNoise, size / noise);
  }
  return { places: known.length, step: known.length > 0 ? step : NaN, worst, worstOverNoise };
}

/** Values without those beyond 6 robust sigmas of zero: a bright nebula's border or a galaxy on the edge is no seam. */
function clip(values: readonly number[]): number[] {
  const limit = 6 * 1.4826 * median(values.map(Math.abs));
  return values.filter((v) => Math.abs(v) <= limit);
}

function placesOf(outline: Float64Array, frame: number): Place[] {
  const perEdge = outline.length / 2 / 4;
  const [cx, cy] = [0, 1].map(
    (k) => outline.reduce((s, v, i) => (i % 2 === k ? s + v : s), 0) / (outline.length / 2),
  );
  const at = (i: number) =>
    [outline[(2 * i) % outline.length], outline[(2 * i + 1) % outline.length]] as const;
  const places: Place[] = [];
  for (let edge = 0; edge < 4; edge++) {
    const lengths = Array.from({ length: perEdge }, (_, k) => {
      const [a, b] = [at(edge * perEdge + k), at(edge * perEdge + k + 1)];
      return Math.hypot(b[0] - a[0], b[1] - a[1]);
    });
    const total = lengths.reduce((a, b) => a + b, 0);
    let before = 0;
    let k = 0;
    for (let s = CORNER_PX; s <= total - CORNER_PX; s += SPACING_PX) {
      while (k < perEdge - 1 && before + lengths[k] < s) before += lengths[k++];
      const [a, b] = [at(edge * perEdge + k), at(edge * perEdge + k + 1)];
      const u = [(b[0] - a[0]) / lengths[k], (b[1] - a[1]) / lengths[k]] as const;
      const [x, y] = [a[0] + u[0] * (s - before), a[1] + u[1] * (s - before)];
      const out = (x - cx) * u[1] - (y - cy) * u[0] >= 0 ? 1 : -1;
      places.push({ x, y, frame, edge, u, n: [out * u[1], -out * u[0]] });
    }
  }
  return places;
}

function thinned(perFrame: readonly (readonly Place[])[], maxPlaces: number): Place[] {
  const total = perFrame.reduce((sum, list) => sum + list.length, 0);
  const stride = Math.ceil(total / maxPlaces);
  return perFrame.filter((_, f) => f % stride === 0).flat();
}
