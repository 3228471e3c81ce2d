// The solver of a run that may go on for another: what that one's search had come to when all frames were through is taken as it
// is. A search that was cut short begins again with the first frame, because what is learnt from one frame decides about the next.
import type { SolveResult } from '../../astrometry/solver/solve-types.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import type { RunSolver } from '../phases/run-solver.js';
import type { RunMemory } from './run-memory.js';

export class RememberingSolver {
  /** The last result of each frame, the first reason of those that have none. */
  readonly results = new Map<string, SolveResult>();

  constructor(
    private readonly solver: Pick<RunSolver, 'solve' | 'retry' | 'solveInFull'>,
    private readonly memory: RunMemory,
  ) {}

  solve(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    return this.#search(record, () => this.solver.solve(record, stars));
  }

  retry(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    return this.#search(record, () => this.solver.retry(record, stars));
  }

  /** What this search finds is what holds, the place or why there is none. */
  async solveInFull(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    const result = await this.#search(record, () => this.solver.solveInFull(record, stars));
    this.results.set(record.path, result);
    return result;
  }

  async #search({ path }: FrameRecord, search: () => Promise<SolveResult>): Promise<SolveResult> {
    const result = this.memory.place(path) ?? (await search());
    if (result.solved || !this.results.has(path)) this.results.set(path, result);
    return result;
  }
}
