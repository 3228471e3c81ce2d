// Where the stacks of cells end: in the canvases, in the sums of the run, and on record for a resume.
import type { ComputedCell } from '../integrate/cell-turns.js';
import type { StackResult } from '../integrate/programs/stack-program.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { CellCheckpoints } from '../resume/cell-checkpoints.js';
import type { CellSums } from '../resume/run-memory.js';
import type { StageLedger } from '../stage-ledger.js';
import type { MosaicCanvases } from './canvas.js';
import { storeStack, type StoredSums } from './store-stack.js';

export class CellStore {
  /** Samples that stand in the mosaic, and samples rejected below and above. */
  readonly samples = { used: 0, low: 0, high: 0 };

  constructor(
    private readonly canvases: MosaicCanvases,
    private readonly planes: number,
    private readonly checkpoints: Pick<CellCheckpoints, 'finished'>,
    private readonly ledger: Pick<StageLedger, 'time'>,
  ) {}

  /** Counts a cell; one that an earlier run has written is in the canvases already. */
  credit({ used, low, high }: CellSums): void {
    this.samples.used += used;
    this.samples.low += low;
    this.samples.high += high;
  }

  /** Writes a stack and counts it into `sums`. */
  async store(rect: CellRect, stack: StackResult, sums: StoredSums): Promise<void> {
    const { planes, canvases } = this;
    await this.ledger.time('write', 'host', async () => ({
      result: await storeStack(rect, stack, planes, canvases, sums),
      bytes: 4 * rect.width * rect.height * ((canvases.rejected ? 4 : 2) * planes + 1),
    }));
  }

  /** Writes what of a cell is not written yet, and puts the cell on record. */
  async finish({ index, parts, stored, by }: ComputedCell): Promise<void> {
    for (const { cell, result } of parts) await this.store(cell.rect, result, stored);
    this.credit(stored);
    const { used, low, high } = stored;
    await this.checkpoints.finished(index, { sums: { used, low, high }, by });
  }
}
