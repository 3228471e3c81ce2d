// What the user should know of a plan before its frames are integrated.
import type { EventSink } from '../../report/events.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import { frameMapError, MAP_ERROR_LIMIT } from '../planning/grid/map-check.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { MeasuredFrame, PlacedFrame } from '../planning/grid/placed-frame.js';
import type { LevelEvidence } from '../planning/sky/sky-gauge.js';

/** Parts of the mosaic that share no sky cannot be matched to each other: each is set by its own sky, or by its darkest places where it shows none, which the user should know. */
export function warnOfIslands(
  sink: EventSink,
  { solutions, gauges }: Pick<IntegrationPlan, 'solutions' | 'gauges'>,
): void {
  const most = Math.max(0, ...solutions.map(({ components }) => components));
  const isLevelledBy = (part: number, evidence: LevelEvidence) =>
    gauges.some((channel) => channel[part]?.levelEvidence === evidence);
  // a frame of which no sky was measured is no part that could have been levelled otherwise
  const skies = Array.from({ length: most }, (_, part) => part).filter(
    (part) => !isLevelledBy(part, 'no_sky'),
  );
  const parts = skies.length;
  if (parts < 2) return;
  sink.emit({ type: 'warning', message: { code: 'pipeline_islands', params: { parts } } });
  const count = skies.filter((part) => isLevelledBy(part, 'darkest_places')).length;
  if (count > 0)
    sink.emit({ type: 'warning', message: { code: 'pipeline_islands_without_sky', params: { count } } });
}

/**
 * Parts that share no stars stay as exposed: what the air took from one and not from the other is not evened out. `group` numbers the frames that see the
 * same sky: where none of a group shares enough stars to be measured by them, as single frames side by side may not, the group is a part of its own.
 */
export function noteApartGains(
  sink: EventSink,
  { gains }: Pick<IntegrationPlan, 'gains'>,
  group: Int32Array,
): void {
  const groups = new Set(group).size;
  const apart = gains.map((solution) => {
    const told = new Set(group.filter((_, f) => !Number.isNaN(solution.gains[f])));
    return solution.component ? starParts(solution) + groups - told.size : 0;
  });
  // channels go together: one that ties two parts ties them for all
  const parts = gains.length > 0 ? Math.min(...apart) : 0;
  if (parts > 1) sink.emit({ type: 'notice', message: { code: 'pipeline_gains_apart', params: { parts } } });
}

/** Number of the parts that hang together by shared stars, of frames that have any to share. */
export function starParts({ gains, component }: IntegrationPlan['gains'][number]): number {
  return new Set(component?.filter((_, f) => !Number.isNaN(gains[f]))).size;
}

/** A frame whose stars are far fainter than its exposure says has seen clouds, and the user may want to leave it out. */
export function warnOfUnusualGains(
  sink: EventSink,
  { unusualGains }: IntegrationPlan,
  frames: readonly MeasuredFrame[],
): void {
  for (const { frame, ratio } of unusualGains) {
    // the scale of a finished tile is its maker's choice
    if (frames[frame].tile) continue;
    const params = { path: frames[frame].record.path, factor: Number(ratio.toPrecision(2)) };
    sink.emit({ type: 'warning', message: { code: 'pipeline_gain_unusual', params } });
  }
}

/** Where the sky that frames share is too even to tell their gains, fluxes are as exposed: other methods can do better. */
export function noteSkyLines(sink: EventSink, { skyLines }: IntegrationPlan): void {
  const { flat, unlikely } = skyLines ?? { flat: [], unlikely: [] };
  if (flat.length > 0)
    sink.emit({
      type: 'notice',
      message: { code: 'pipeline_sky_lines_flat', params: { count: flat.length } },
    });
  if (unlikely.length > 0) {
    const params = { count: unlikely.length };
    sink.emit({ type: 'notice', message: { code: 'pipeline_sky_lines_unlikely', params } });
  }
}

/** Where nothing tells what an electron is worth, bright light is noisier than UNCERTAINTY says. */
export function noteUnknownPhotons(sink: EventSink, { photonGroups }: IntegrationPlan): void {
  const unknown = photonGroups.filter(({ electronsPerAdu }) => !electronsPerAdu);
  const count = unknown.reduce((sum, { frames }) => sum + frames.length, 0);
  if (count > 0)
    sink.emit({ type: 'notice', message: { code: 'pipeline_photons_unknown', params: { count } } });
}

/** A distortion that bends faster than the warp can follow costs accuracy, which the user should know. */
export function warnOfInexactMaps(sink: EventSink, plan: MosaicPlan, frames: readonly PlacedFrame[]): void {
  frames.forEach((frame, i) => {
    const error = frameMapError(plan.grid, frame, plan.spans[i]);
    if (error <= MAP_ERROR_LIMIT) return;
    const params = { path: frame.record.path, error: Number(error.toPrecision(2)), limit: MAP_ERROR_LIMIT };
    sink.emit({ type: 'warning', message: { code: 'pipeline_map_inexact', params } });
  });
}
