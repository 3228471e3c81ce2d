// The frames that make the mosaic, with its plan: those that would spoil it are left out.
import type { BackendLimits } from '../../compute/backend.js';
import { expectedOf, starGains, type StarGains } from '../planning/integration-plan.js';
import { judgeFrames, type FrameQuality } from '../planning/frames/judge-frames.js';
import { planMosaic, type MosaicPlan, type MosaicPlanOptions } from '../planning/mosaic-plan.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import { tileAgreement } from '../tiles/placed-wrongly.js';
import { wrongPatterns } from '../planning/frames/wrong-pattern.js';
import { openedHoles } from '../planning/grid/opened-holes.js';
import type { RunContext } from '../run-context.js';

export interface Selection {
  readonly frames: readonly MeasuredFrame[];
  readonly plan: MosaicPlan;
  /** Of `frames`. */
  readonly gains: StarGains;
  /** Of the frames that were given, in their order. */
  readonly quality: readonly FrameQuality[];
}

/** Judges the frames by their stars on the grid of all and plans again without those that go. @throws as `planMosaic`. */
export function selectFrames(
  { config, sink }: Pick<RunContext, 'config' | 'sink'>,
  frames: readonly MeasuredFrame[],
  limits: BackendLimits,
  options?: MosaicPlanOptions,
): Selection {
  const plan = planMosaic(frames, config, limits, options);
  const gains = starGains(frames, plan, config);
  const judged = judgeFrames(frames, gains.gains, expectedOf(frames), config);
  const patterns = wrongPatterns(frames, gains.shared);
  const { wrong, disputed } = tilesPlacedWrongly({ sink }, frames, plan);
  const marked = frames.map((frame, f): MeasuredFrame =>
    frame.tile && disputed.has(f) ? { ...frame, tile: { ...frame.tile, isDisputed: true } } : frame,
  );
  const quality = judged.map((of, f) =>
    // what stands in a mosaic stays there
    frames[f].held
      ? { ...of, reason: undefined }
      : wrong.has(f)
        ? { ...of, reason: { code: 'frames_reject_tile_disagrees', params: {} } }
        : { ...of, reason: patterns[f] ?? of.reason },
  );
  const kept = marked.filter((_, f) => quality[f].reason === undefined);
  if (kept.length === frames.length) return { frames: kept, plan, gains, quality };
  for (const [f, { reason }] of quality.entries()) {
    if (reason) sink.emit({ type: 'frame-rejected', path: frames[f].record.path, reason });
  }
  const holes = openedHoles(
    plan.grid,
    plan.spans,
    quality.map(({ reason }) => reason === undefined),
  );
  if (holes.frames > 0) {
    const params = { count: holes.frames, percent: Number((100 * holes.fraction).toPrecision(2)) };
    sink.emit({ type: 'notice', message: { code: 'pipeline_quality_opens_holes', params } });
  }
  const remaining = planMosaic(kept, config, limits, options);
  return { frames: kept, plan: remaining, gains: starGains(kept, remaining, config), quality };
}

/** Tiles whose WCS the stars of their neighbours contradict; pairs of which it is not known which one is wrong are warned of. */
function tilesPlacedWrongly(
  { sink }: Pick<RunContext, 'sink'>,
  frames: readonly MeasuredFrame[],
  { grid }: MosaicPlan,
): Record<'wrong' | 'disputed', ReadonlySet<number>> {
  const tiles = frames.flatMap(({ wcs, stars, tile }) => (tile ? [{ wcs, stars, covers: tile.covers }] : []));
  if (tiles.length < frames.length) return { wrong: new Set(), disputed: new Set() };
  const { wrong, undecided } = tileAgreement(grid, tiles);
  for (const [a, b] of undecided) {
    const params = { first: frames[a].record.relative, second: frames[b].record.relative };
    sink.emit({ type: 'warning', message: { code: 'pipeline_tiles_disagree', params } });
  }
  return { wrong: new Set(wrong), disputed: new Set(undecided.flat()) };
}
