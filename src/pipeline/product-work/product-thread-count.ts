// How many threads a run starts for what comes after its last cell.
import type { RunConfig } from '../../config/table.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import { spareProcessors } from '../spare-processors.js';

/** The picture, the stars, and the rest. */
const ENOUGH_THREADS = 3;
/** Isolate, code and buffers of a thread. */
const THREAD_BYTES = 24e6;
/** What a thread may take for a picture that it begins with as soon as the last cell is there. */
export const MAX_PICTURE_BYTES = 128e6;
const MIB = 2 ** 20;

/**
 * 0 where there are no more than two processors, for a thread costs processor time that only wall time pays for; where canvases are files; or where the budget has no room.
 * `processors`: how many the run may use.
 */
export function productThreadCount(
  { holdsCanvas, processBytes }: Pick<MosaicPlan, 'holdsCanvas' | 'processBytes'>,
  { coadd_use_memmap: usesFiles, memory_budget_mb: budgetMb }: RunConfig,
  processors: number,
): number {
  if (usesFiles && !holdsCanvas) return 0;
  if (spareProcessors(processors) === 0) return 0;
  const free = budgetMb * MIB - processBytes - MAX_PICTURE_BYTES;
  return Math.max(0, Math.min(ENOUGH_THREADS, processors - 1, Math.floor(free / THREAD_BYTES)));
}
