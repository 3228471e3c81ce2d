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
  try {
    for (const { rect, frames } of choosePlaces(quiet)) {
      const halves: StackResult[][] = [];
      for (const parity of [0, 1]) {
        const members = Uint32Array.from(frames.filter((_, i) => i % 2 === parity));
        const parts = await computing.use((backend) =>
          integrateInParts({ rect, frames: members }, undefined, () => ({ ...base, backend }), NO_HOOKS),
        );
        halves.push(parts.map(({ result }) => result));
      }
      // a place in parts is a device without room: it has other worries
      const [a, b] = halves;
      if (a.length !== 1 || b.length !== 1) continue;
      for (let c = 0; c < plan.planes; c++) {
        sums[c] = addHalves(
          sums[c],
          halfOf(a[0], c, rect, integration),
          halfOf(b[0], c, rect, integration),
          rect.width,
          BLANK_LIMIT,
        );
      }
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

function halfOf(
  { mean, weight, used }: StackResult,
  plane: number,
  rect: CellRect,
  { medianCombined, photons }: Pick<IntegrationPlan, 'medianCombined' | 'photons'>,
): Half {
  const pixels = rect.width * rect.height;
  const [from, to] = [plane * pixels, (plane + 1) * pixels];
  const values = mean.subarray(from, to);
  const sigma = new Float32Array(pixels);
  toDeviations(weight.subarray(from, to), sigma, photons && { field: photons, plane, region: rect, values });
  if (medianCombined) for (let i = 0; i < pixels; i++) sigma[i] *= medianInefficiency(used[from + i]);
  return { values, sigma };
}
