// Repeated halves of a run: at a few places of the mosaic the even and the odd frames are integrated apart, to see whether uncertainties are true.
import { BLANK_LIMIT, BLOCK_SIZE } from '../../compute/constants.js';
import { medianInefficiency } from '../../photometry/noise/median-inefficiency.js';
import { addHalves, halvesChi2, NO_HALVES, type Half } from '../../quality/repeated-halves.js';
import { integrateInParts } from '../integrate/cell-parts.js';
import { FrameFiles } from '../integrate/windows/frame-files.js';
import type { CellContext } from '../integrate/integrate-cell.js';
import type { StackResult } from '../integrate/programs/stack-program.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import { stackSettings, warpSettings, type MosaicPlan } from '../planning/mosaic-plan.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { Computing } from '../run-backend.js';
import type { RunContext } from '../run-context.js';
import { toDeviations } from '../uncertainty/to-deviations.js';
import type { QuietSquare } from './frame-finder.js';

/** Side of a place: two blocks. */
export const PLACE_PX = 2 * BLOCK_SIZE;
const PLACES = 3;
/** A half of fewer frames is no stack; one of more would only take time and memory. */
const MIN_FRAMES = 4;
const MAX_FRAMES = 32;

/** chi2 of the repeated halves per plane; undefined where no place has four frames in common. */
export async function measureHalves(
  context: RunContext,
  plan: MosaicPlan,
  integration: IntegrationPlan,
  quiet: readonly QuietSquare[],
  computing: Computing,
): Promise<ReturnType<typeof halvesChi2>[]> {
  const { config, ledger, signal } = context;
  const files = new FrameFiles();
  const base: Omit<CellContext, 'backend'> = {
    grid: plan.grid,
    frames: integration.frames,
    files,
    settings: { ...warpSettings(config), ...stackSettings(config, integration) },
    ledger,
    signal,
    // a place is small, and what is found there is not to depend on the budget
    mostBytes: Infinity,
  };
  const sums = Array.from({ length: plan.planes }, () => NO_HALVES);
  const halves = [new HalfStack(plan.planes), new HalfStack(plan.planes)] as const;
  try {
    for (const { rect, frames } of choosePlaces(quiet)) {
      for (const [parity, half] of halves.entries()) {
        const members = Uint32Array.from(frames.filter((_, i) => i % 2 === parity));
        await computing.use(async (backend) => {
          half.parts = 0;
          const takeStack = (part: CellRect, stack: StackResult) =>
            Promise.resolve(half.take(part, stack, integration));
          const contextOf = () => ({ ...base, backend, takeStack });
          const kept = await integrateInParts({ rect, frames: members }, undefined, contextOf, NO_HOOKS);
          for (const { cell, result } of kept) half.take(cell.rect, result, integration);
        });
      }
      // a place in parts is a device without room: it has other worries
      if (halves.some(({ parts }) => parts !== 1)) continue;
      const [a, b] = halves;
      for (let c = 0; c < plan.planes; c++)
        sums[c] = addHalves(sums[c], a.planes[c], b.planes[c], rect.width, BLANK_LIMIT);
    }
  } finally {
    await files.close();
  }
  return sums.map(halvesChi2);
}

const NO_HOOKS = { whenSplit: () => undefined };

/** Quiet places of at least four frames, from all over the mosaic. */
function choosePlaces(quiet: readonly QuietSquare[]): { rect: CellRect; frames: number[] }[] {
  const deep = quiet.filter(({ frames }) => frames.length >= MIN_FRAMES);
  const chosen =
    deep.length <= PLACES
      ? deep
      : Array.from({ length: PLACES }, (_, k) => deep[Math.floor(((k + 0.5) * deep.length) / PLACES)]);
  return chosen.map(({ x, y, frames }) => {
    const stride = Math.ceil(frames.length / MAX_FRAMES);
    const corner = (PLACE_PX - 1) / 2;
    return {
      rect: { x0: x - corner, y0: y - corner, width: PLACE_PX, height: PLACE_PX },
      frames: frames.filter((_, k) => k % stride === 0),
    };
  });
}

/** The frames of one parity, stacked over a place; the memory of one place serves the next. */
class HalfStack {
  readonly planes: readonly Half[];
  /** Stacks that were taken: more than one where the place is cut. */
  parts = 0;

  constructor(planes: number) {
    const plane = () => new Float32Array(PLACE_PX ** 2);
    this.planes = Array.from({ length: planes }, () => ({ values: plane(), sigma: plane() }));
  }

  /** Takes what is needed of the stack of all of a place. */
  take(
    region: CellRect,
    { mean, weight, used }: StackResult,
    { medianCombined, photons }: Pick<IntegrationPlan, 'medianCombined' | 'photons'>,
  ): void {
    this.parts++;
    const pixels = region.width * region.height;
    if (pixels !== PLACE_PX ** 2) return;
    for (const [plane, { values, sigma }] of this.planes.entries()) {
      const [from, to] = [plane * pixels, (plane + 1) * pixels];
      values.set(mean.subarray(from, to));
      toDeviations(weight.subarray(from, to), sigma, photons && { field: photons, plane, region, values });
      if (medianCombined) for (let i = 0; i < pixels; i++) sigma[i] *= medianInefficiency(used[from + i]);
    }
  }
}
