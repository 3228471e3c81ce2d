// What the commands need of the rest of the program. The composition root (compose.ts) provides it, tests provide
// fakes; the commands know nothing else.
import type { CodedMessage } from '../config/errors.js';
import type { RunConfig } from '../config/table.js';
import type { EventSink } from '../report/events.js';
import type { RunReport } from '../report/run-report.js';
import type {
  BackendSummary,
  CleanSummary,
  FileSummary,
  PlanSummary,
  SolvedFile,
} from '../report/summaries.js';
import type { ExitName } from './exit-codes.js';

export interface CommandServices {
  /**
   * Runs the mosaic. On `signal` it stops as soon as it can, tears down and rejects. Teardown is over when the
   * promise settles, whichever way.
   */
  runMosaic(config: RunConfig, sink: EventSink, signal: AbortSignal): Promise<RunReport>;
  /** Plans the same run and writes nothing. */
  planMosaic(config: RunConfig, sink: EventSink, signal: AbortSignal): Promise<PlanSummary>;
  /** All backends of this machine, those that cannot work with the reason; with `speed` each is measured for a second or two. */
  listBackends(config: RunConfig, options: { readonly speed: boolean }): Promise<readonly BackendSummary[]>;
  inspectFile(path: string): Promise<FileSummary>;
  /**
   * Finds where the files lie, by their stars, and hands each outcome to `report`; writes the solutions as headers into `wcsOut` and pictures into
   * `picture.folder` where given.
   * The solver that `config` names is asked where the built-in one finds nothing; what users should hear about it comes last. On `signal` it rejects as
   * soon as it can.
   */
  solveFiles(
    files: readonly string[],
    options: {
      readonly wcsOut?: string | undefined;
      readonly picture?: { readonly folder: string; readonly overlay: boolean } | undefined;
      readonly config: RunConfig;
      readonly signal: AbortSignal;
    },
    report: (outcome: SolvedFile) => void,
  ): Promise<CodedMessage | undefined>;
  /** Removes what dead and finished runs left in `dir`; with `resumable` also what stopped runs kept to go on; with `dryRun` only says what would go. */
  cleanDir(
    dir: string,
    options: { readonly dryRun: boolean; readonly resumable: boolean },
  ): Promise<CleanSummary>;
  /** Makes the demo session in `dir` unless it is there already. */
  makeDemo(dir: string): Promise<{ readonly dir: string; readonly files: number }>;
  /** The exit code that an error of these functions deserves; undefined for an ordinary failure. */
  exitNameOf(error: unknown): ExitName | undefined;
}
