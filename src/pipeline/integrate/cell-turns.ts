// The cells of an assembly, each computed when its turn comes, with the windows of the next read meanwhile.
import type { BackendInfo, ComputeBackend } from '../../compute/backend.js';
import { nothingStored, type StoredSums } from '../canvas/store-stack.js';
import type { ReadBase } from '../incremental/cell-increment.js';
import type { Cell } from '../planning/cells/cells.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { RunBackend } from '../run-backend.js';
import { integrateInParts, type IntegratedPart } from './cell-parts.js';
import { prepareCell, type CellContext, type PreparedCell } from './integrate-cell.js';
import { integrateGroups, type StackGroups, type WhenStacked } from './integrate-groups.js';
import type { StackResult } from './programs/stack-program.js';

/** A cell that is to be computed. */
export interface OpenCell {
  /** Its number in the plan. */
  readonly index: number;
  readonly cell: Cell;
  /** What its samples are added to. */
  readonly addsTo?: ReadBase;
}

/** What came of a cell: parts that are not stored yet, and what was counted of those that are. */
export interface ComputedCell {
  readonly index: number;
  readonly parts: readonly IntegratedPart[];
  readonly stored: StoredSums;
  readonly by: BackendInfo;
}

/** What cells are computed by, and who takes what comes of them. */
export interface CellHands {
  readonly computing: Pick<RunBackend, 'compute'>;
  readonly context: Omit<CellContext, 'backend' | 'takeStack' | 'addsTo' | 'keepProduct'>;
  readonly planes: number;
  /** Groups of frames that are stacked apart; without them all frames of a cell are one stack. */
  readonly stacks?: StackGroups;
  /** Takes the stack of each group. */
  readonly whenStacked?: WhenStacked;
  /** Takes a stack of all frames where it lies, and counts it into `sums`. */
  readonly store: (rect: CellRect, stack: StackResult, sums: StoredSums) => Promise<void>;
  /** Keepers of every stage's product of the cell `index`, where these are to be kept. */
  readonly keepersOf: (index: number) => (() => CellContext['keepProduct']) | undefined;
  /** Called for every part of a cell that the device had no room for. */
  readonly whenSplit: () => void;
}

export class CellTurns {
  /** The cell of the next turn, with its first windows. */
  #ahead: PreparedCell | undefined;
  #begun = 0;

  constructor(
    private readonly cells: readonly OpenCell[],
    private readonly hands: CellHands,
  ) {}

  /** Calls `whenStacking` when the last program of the cell has been given to the device. Rejects as `RunBackend.compute`. */
  async compute(turn: number, whenStacking: () => void): Promise<ComputedCell> {
    const { computing, context, planes, stacks, whenStacked, store, keepersOf, whenSplit } = this.hands;
    const { index, cell, addsTo } = this.cells[turn];
    let prepared = this.#ahead;
    this.#ahead = undefined;
    this.#begun = turn;
    const keeper = keepersOf(index);
    let stored = nothingStored();
    const { result: parts, by } = await computing.compute(index, (backend) => {
      const first = prepared;
      prepared = undefined;
      // A backend that takes over begins with the cell again.
      const sums = (stored = nothingStored());
      const contextOf = (): CellContext => ({
        ...context,
        backend,
        addsTo,
        keepProduct: keeper?.(),
        ...(!stacks && { takeStack: (rect: CellRect, stack: StackResult) => store(rect, stack, sums) }),
      });
      if (stacks) return integrateGroups(cell, planes, stacks, contextOf, { whenSplit }, whenStacked);
      return integrateInParts(cell, first, contextOf, {
        whenSplit,
        whenRead: () => this.#prepareAfter(turn, backend),
        whenStacking,
      });
    });
    return { index, parts, stored, by };
  }

  /** A cell that begins again may be behind the newest. */
  #prepareAfter(turn: number, backend: ComputeBackend): void {
    const next = this.cells.at(turn + 1);
    if (turn !== this.#begun || !next || this.#ahead) return;
    this.#ahead = prepareCell(next.cell, this.hands.context, backend);
    this.#ahead.reads.readIdly();
  }
}
