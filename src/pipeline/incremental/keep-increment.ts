// The end of an incremental run: what the next one needs to know of the mosaic that was written.
import type { Workspace } from '../../cleanup/workspace.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { OutputGrid } from '../planning/output-grid.js';
import type { MeasuredFrame } from '../planning/placed-frame.js';
import type { RunContext } from '../run-context.js';
import { cardsOf, type BegunIncrement } from './begin-increment.js';
import { INCREMENT_VERSION, mosaicMark, settingsOf, writeIncrement } from './increment-state.js';

/** Writes the state that belongs to the science image, which stands. Killed between the two, the next run finds that they do not fit and says so. */
export async function keepIncrement(
  { config }: RunContext,
  workspace: Workspace,
  { dir, mosaicPath, marks, base }: BegunIncrement,
  { wcs, ...grid }: OutputGrid,
  frames: readonly MeasuredFrame[],
  integration: IntegrationPlan,
  refined = false,
): Promise<void> {
  await writeIncrement(workspace, dir, {
    version: INCREMENT_VERSION,
    settings: settingsOf(config),
    grid: { ...grid, wcs: wcsCards(wcs) },
    levelOrder: integration.levelOrder,
    gauges: integration.gauges,
    refined: base?.state.refined ?? refined,
    mosaic: (await mosaicMark(mosaicPath)) ?? [],
    frames: frames.map(({ record, wcs: place, solution, held }, f) => ({
      mark: marks.get(record.path)!,
      record,
      wcs: cardsOf(place),
      solution,
      levels: held?.levels ?? integration.frames[f].levels,
    })),
  });
}
