// How many threads a run has for what comes after its last cell.
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

/** Where they come from. */
export interface ProductThreadCount {
  /** Started while cells are computed. */
  readonly started: number;
  /** With those that the backend gives away after the last cell. */
  readonly all: number;
}

/**
 * None where there are no more than two processors, for threads beside each other cost processor time that only wall time pays for; or where the budget has no room.
 * `processors`: how many the run may use; `spare`: threads that the backend can give away.
 */
export function productThreadCount(
  { processBytes }: Pick<MosaicPlan, 'processBytes'>,
  { memory_budget_mb: budgetMb }: Pick<RunConfig, 'memory_budget_mb'>,
  processors: number,
  spare: number,
): ProductThreadCount {
  if (spareProcessors(processors) === 0) return { started: 0, all: 0 };
  const free = budgetMb * MIB - processBytes - MAX_PICTURE_BYTES;
  const all = Math.max(0, Math.min(ENOUGH_THREADS, processors - 1, Math.floor(free / THREAD_BYTES)));
  return { started: Math.max(0, all - spare), all };
}
