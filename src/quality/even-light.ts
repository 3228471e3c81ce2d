// Steps at the edges of frames, taken out of a mosaic by the light that explains them, and measured again.
import { setImmediate } from 'node:timers/promises';
import { correctedSource, type RowSurface } from '../output/sources/corrected-source.js';
import type { PlaneSource } from '../output/sources/plane-source.js';
import { frameLight, type FrameLight } from './frame-light.js';
import { LIGHT_TERMS } from './light-frame.js';
import { lightSurface } from './light-surface.js';
import { seamResidual, seamSteps, type SeamStep } from './seams.js';
import { stepEquations } from './step-equations.js';

/** The frames behind a mosaic. */
export interface MosaicFrames {
  readonly outlines: readonly Float64Array[];
  /** Weight of each frame in the mean, per plane. */
  readonly weights: readonly (readonly number[])[];
  /** Places where no frame ends. */
  readonly quiet: readonly { readonly x: number; readonly y: number }[];
}

export interface EvenLight {
  /** One a plane, to be subtracted; undefined where nothing was gained. */
  readonly surfaces: readonly (RowSurface | undefined)[];
  /** Steps at edges, root mean square as the report has them, ADU per plane; alike where nothing was gained. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Part of the steps that others told, and that over its standard error, per plane. */
  readonly explained: readonly number[];
  readonly significance: readonly number[];
  /** Farthest from 0 that the light of a frame is at its edge, ADU per plane. */
  readonly largest: readonly number[];
  readonly places: number;
}

export interface EvenLightOptions {
  readonly freedom?: number;
  readonly signal?: AbortSignal;
}

/** Steps that tell the light: what a solve costs grows with them. */
const MAX_PLACES = 1600;
/** Part of the steps that others must tell, and by how many standard errors. */
const WORTH = 0.2;
const SIGNIFICANT = 2;

/**
 * The light of frames that stands out at their edges, as surfaces that step exactly there: no star and no nebula is touched. A plane is left as it is
 * where the steps of one part of the mosaic do not tell those of others, or where they are not smaller once measured again. `freedom`: see `frameLight`. Many frames
 * take seconds: `signal` is looked at between planes. @throws its reason.
 */
export async function evenLight(
  mosaic: PlaneSource,
  { outlines, weights, quiet }: MosaicFrames,
  { freedom, signal }: EvenLightOptions = {},
): Promise<EvenLight> {
  const measure = async (source: PlaneSource) => {
    await heed(signal);
    return seamSteps(source, outlines, quiet, MAX_PLACES);
  };
  const steps = await measure(mosaic);
  const found: FrameLight[] = [];
  for (const [plane, equations] of stepEquations(outlines, weights, steps).entries()) {
    await heed(signal);
    const controls = steps.map(({ control }) => control[plane]).filter((v) => !Number.isNaN(v));
    found.push(frameLight(outlines.length, equations, controls, freedom));
  }
  const surfaces = found.map(({ light, explained, significance }, plane) => {
    if (!(explained >= WORTH && significance >= SIGNIFICANT)) return undefined;
    const frames = outlines.map((outline, f) => ({ outline, weight: weights[plane][f] }));
    return lightSurface(frames, light, mosaic.nx);
  });
  const rms = (of: readonly SeamStep[]) =>
    surfaces.map((_, plane) => seamResidual(of, plane, () => NaN).step || 0);
  const before = rms(steps);
  const after = surfaces.some((surface) => surface)
    ? rms(await measure(withoutSurfaces(mosaic, surfaces)))
    : before;
  const kept = surfaces.map((surface, plane) => (after[plane] < before[plane] ? surface : undefined));
  return {
    surfaces: kept,
    before,
    after: after.map((value, plane) => (kept[plane] ? value : before[plane])),
    explained: found.map(({ explained }) => explained),
    significance: found.map(({ significance }) => significance),
    largest: found.map(({ light }, plane) => (kept[plane] ? farthest(light) : 0)),
    places: steps.length,
  };
}

/** A turn for the events that a signal comes by, which work without a wait holds up. */
async function heed(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** The mosaic less a surface a plane, where there is one. */
export function withoutSurfaces(
  mosaic: PlaneSource,
  surfaces: readonly (RowSurface | undefined)[],
): PlaneSource {
  return correctedSource(
    mosaic,
    surfaces.map((surface) => ({ surfaces: surface ? [surface] : [], offset: 0, gain: 1, pedestal: 0 })),
  );
}

function farthest(light: Float64Array): number {
  let most = 0;
  for (let at = 0; at < light.length; at += LIGHT_TERMS)
    most = Math.max(most, Math.abs(light[at]) + Math.hypot(light[at + 1], light[at + 2]));
  return most;
}
