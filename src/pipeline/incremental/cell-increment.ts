// Which cells of a mosaic that frames are added to are integrated anew, which are added to, and which stay.
import type { EventSink } from '../../report/events.js';
import type { Cell } from '../planning/cells/cells.js';
import type { HeldFrame } from '../planning/grid/placed-frame.js';
import type { BaseMosaic } from './base-mosaic.js';

/**
 * A cell that fewer frames had touched is integrated anew from all of them: rejection is only as good as what it can compare, and reading few frames
 * again costs little.
 */
const REDO_BELOW = 16;

/** What becomes of a cell. */
export type CellTask =
  | { readonly kind: 'stays' }
  /** From all frames. */
  | { readonly kind: 'anew'; readonly cell: Cell }
  /** New frames to what is there. */
  | { readonly kind: 'adds'; readonly cell: Cell };

/** `held[f]` is set for the frames that the mosaic holds. */
export function cellTask(cell: Cell, held: readonly (Pick<HeldFrame, 'readable'> | undefined)[]): CellTask {
  const added = cell.frames.filter((f) => held[f] === undefined);
  if (added.length === 0) return { kind: 'stays' };
  const old = cell.frames.length - added.length;
  const readable = cell.frames.every((f) => held[f]?.readable ?? true);
  if (old === 0 || (old < REDO_BELOW && readable)) return { kind: 'anew', cell };
  return { kind: 'adds', cell: { ...cell, frames: added } };
}

/** Reads what a cell's samples are added to: with the neighbours of its edge pixels. */
export type ReadBase = (rect: Cell['rect']) => ReturnType<BaseMosaic['read']>;

/** Says how many frames are added to how many, and what that means for the cells. */
export function tellTasks(
  sink: EventSink,
  tasks: readonly CellTask[],
  held: readonly (HeldFrame | undefined)[],
): void {
  const count = (kind: CellTask['kind']) => tasks.filter((task) => task.kind === kind).length;
  const old = held.filter((frame) => frame).length;
  const params = {
    held: old,
    added: held.length - old,
    anew: count('anew'),
    adds: count('adds'),
    stays: count('stays'),
  };
  sink.emit({ type: 'notice', message: { code: 'pipeline_incremental_adding', params } });
}
