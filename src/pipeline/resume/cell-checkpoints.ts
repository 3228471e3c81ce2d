// Cells as they are finished: first their bytes go to the disk, then the run's memory tells of them.
import type { Canvas } from '../canvas/canvas.js';
import type { DoneCell, RunMemory } from './run-memory.js';

/** A killed run loses at most this much work; flushing the canvases more often would cost disks that nobody waits for. */
const CHECKPOINT_MS = 20_000;

export interface CheckpointOptions {
  readonly memory: RunMemory;
  /** Names the integration and the canvases: cells of another one, or written elsewhere, are not done. */
  readonly work: string;
  readonly canvases: readonly Pick<Canvas, 'sync'>[];
  readonly everyMs?: number;
}

export class CellCheckpoints {
  /** Cells that an earlier run has finished. */
  readonly done: ReadonlyMap<number, DoneCell>;
  #pending = new Map<number, DoneCell>();
  #last = performance.now();

  constructor(private readonly options: CheckpointOptions) {
    this.done = options.memory.cells(options.work);
  }

  /** The cell's bytes are written. */
  async finished(cell: number, done: DoneCell): Promise<void> {
    this.#pending.set(cell, done);
    if (performance.now() - this.#last >= (this.options.everyMs ?? CHECKPOINT_MS)) await this.flush();
  }

  /** Flushes the canvases and tells of what they hold: also when the run is to end. */
  async flush(): Promise<void> {
    const { memory, work, canvases } = this.options;
    const finished = this.#pending;
    if (finished.size === 0 || !memory.isKept) return;
    this.#pending = new Map();
    for (const canvas of canvases) await canvas.sync();
    await memory.keepCells(work, finished);
    this.#last = performance.now();
  }
}
