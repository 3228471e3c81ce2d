// The last resort of a run for frames that nothing else has placed: the solver outside this program that the user names.
import type { SolveResult } from '../../astrometry/solver/solve-types.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { ExternalFallback } from '../solving/external-fallback.js';
import { externalSolver } from '../solving/external-solver.js';
import type { RunContext } from '../run-context.js';
import { solveHint, solveImage } from './solve.js';

/** A frame of the ingest; `unsolved` says why it has no place. */
interface AskedFrame {
  readonly record: FrameRecord;
  readonly stars: StarList;
  readonly unsolved?: unknown;
}

/**
 * What the configured solver makes of the frames without a place, by their index: the place, or the reason that now holds. Empty where no solver is
 * configured. Asked of frames too for which an earlier run had asked in vain: a service may have been away, a key wrong. The solver's files go into a
 * work folder of the run.
 */
export async function askExternalSolver(
  { config, sink, signal, ledger }: RunContext,
  workspace: Workspace,
  frames: readonly AskedFrame[],
): Promise<Map<number, SolveResult>> {
  const results = new Map<number, SolveResult>();
  const solver = externalSolver(config);
  if (!solver) return results;
  let folder: Promise<string> | undefined;
  const fallback = new ExternalFallback(solver, {
    timeoutMs: 1000 * config.astrometry_timeout,
    instances: config.astap_max_instances,
    folder: () => (folder ??= workspace.workFolder('solver')),
    keepFiles: !config.cleanup_temp_artifacts,
    signal,
  });
  const left = frames.map((frame, index) => ({ ...frame, index })).filter(({ unsolved }) => unsolved);
  await fallback.solveAll(
    left,
    ({ record, stars }) => ({ image: solveImage(record, stars), hint: solveHint(record) }),
    (result, at) => {
      if (!result) return;
      ledger.add('solve', 'host', result.ms, 0, 1);
      results.set(left[at].index, result);
    },
  );
  if (fallback.placed > 0) {
    const params = { count: fallback.placed, solver: fallback.name };
    sink.emit({ type: 'notice', message: { code: 'pipeline_frames_solved_externally', params } });
  }
  if (fallback.givenUp) sink.emit({ type: 'warning', message: fallback.givenUp });
  return results;
}
