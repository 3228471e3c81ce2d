// The end of an incremental run: what the next one needs to know of the mosaic that was written.
import type { Workspace } from '../../cleanup/workspace.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import type { PlannedRun } from '../planning/planned-run.js';
import { fileDigest, fileMark, markKey, type FileMark } from '../../frames/file-mark.js';
import type { RunContext } from '../run-context.js';
import { cardsOf, type BegunIncrement } from './begin-increment.js';
import { mosaicMark, settingsOf, writeIncrement, type KeptSum } from './increment-state.js';

/**
 * Writes the state that belongs to the science image, which is whole at `sciencePath` and about to take its place; the measures that it names are on the
 * disk before. Killed between the two, the next run finds the mosaic that was there with the state that was there.
 */
export async function keepIncrement(
  { config }: RunContext,
  workspace: Workspace,
  sciencePath: string,
  { dir, memory, marks, measuredUnder, calibration, base }: BegunIncrement,
  { frames, plan, integration, headersRefined }: PlannedRun,
  sum: KeptSum | undefined,
): Promise<void> {
  const { wcs, ...grid } = plan.grid;
  await memory.flushSeen();
  const digests: (string | undefined)[] = [];
  for (const { record, held } of frames)
    digests.push(held ? held.kept.digest : await digestOf(marks.get(record.path)!));
  const state = {
    settings: settingsOf(config),
    grid: { ...grid, wcs: wcsCards(wcs) },
    levelOrder: integration.levelOrder,
    gauges: integration.gauges,
    refined: base?.state.refined ?? headersRefined ?? false,
    mosaic: (await mosaicMark(sciencePath)) ?? [],
    ...(sum && { sum }),
    frames: frames.map(({ record, wcs: place, solution, held }, f) => ({
      // of one that lies elsewhere now, the file that is there
      mark: marks.get(record.path) ?? held!.kept.mark,
      ...(digests[f] !== undefined && { digest: digests[f] }),
      record,
      wcs: cardsOf(place),
      solution,
      levels: held?.levels ?? integration.frames[f].levels,
      measuredUnder: held?.kept.measuredUnder ?? measuredUnder(record.path),
      calibration: held?.kept.calibration ?? calibration,
    })),
  };
  await writeIncrement(workspace, dir, state, base?.state);
}

/** Of a file that is gone by now, or no longer the one that was measured, nothing is known. */
export async function digestOf(mark: FileMark): Promise<string | undefined> {
  try {
    const digest = await fileDigest(mark.path);
    return markKey(await fileMark(mark.path)) === markKey(mark) ? digest : undefined;
  } catch {
    return undefined;
  }
}
