// The external solver for `solve`, which has no run and no output folder: a workspace of its own is opened when the first file needs one.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { SolveResult } from '../../astrometry/solver/solve-types.js';
import { ensureDir, missingFolders, removeEmpty } from '../../cleanup/ensure-dir.js';
import { openWorkspace, type Workspace } from '../../cleanup/workspace.js';
import { runtimeTempDirOf } from '../../cleanup/workspace-options.js';
import { withHome } from '../../config/directories.js';
import type { CodedMessage } from '../../config/errors.js';
import type { RunConfig } from '../../config/table.js';
import { ExternalFallback, type ShownFrame } from './external-fallback.js';
import { externalSolver, type SolverConfig } from './external-solver.js';

/** The part of the configuration that it is made from. */
export type SolveConfig = SolverConfig & Pick<RunConfig, 'runtime_temp_dir'>;

export class SolveFallback {
  readonly #fallback: ExternalFallback | undefined;
  readonly #runtimeTempDir: string;
  #folder: Promise<string> | undefined;
  #workspace: Workspace | undefined;
  /** Folders that were not there before. */
  #made: readonly string[] = [];

  /** Without a configuration, or one that names no solver, there is none to ask. */
  constructor(config: SolveConfig | undefined, signal: AbortSignal) {
    const named = withHome(config?.runtime_temp_dir ?? '');
    this.#runtimeTempDir = runtimeTempDirOf(named && path.resolve(named));
    const solver = config && externalSolver(config);
    this.#fallback =
      solver &&
      new ExternalFallback(solver, {
        timeoutMs: 1000 * config.astrometry_timeout,
        instances: config.astap_max_instances,
        folder: () => (this.#folder ??= this.#makeFolder()),
        keepFiles: false,
        signal,
      });
  }

  /** As of `ExternalFallback`. */
  get givenUp(): CodedMessage | undefined {
    return this.#fallback?.givenUp;
  }

  /** As of `ExternalFallback`; without a solver undefined for every frame. @throws DirectoryError that names `runtime_temp_dir`. */
  async solveAll<T>(
    frames: readonly T[],
    shown: (frame: T) => ShownFrame,
    each: (result: SolveResult | undefined, index: number) => Promise<void>,
  ): Promise<void> {
    if (this.#fallback) return this.#fallback.solveAll(frames, shown, each);
    for (const index of frames.keys()) await each(undefined, index);
  }

  /** Removes what the solver has written. */
  async close(): Promise<void> {
    // what is being made is waited for; that it fails was told to who asked for it
    await this.#folder?.catch(() => undefined);
    await this.#workspace?.finish('success');
    await removeEmpty(this.#made);
  }

  /** Journalled like a run, so that whoever comes after a killed process finds what it left: its folder bears a name that teardowns know. */
  async #makeFolder(): Promise<string> {
    const outputDir = path.join(this.#runtimeTempDir, `mosaic_first_${randomUUID()}`);
    this.#made = await missingFolders(outputDir);
    await ensureDir(this.#runtimeTempDir, 'runtime_temp_dir', true);
    this.#workspace = await openWorkspace({
      outputDir,
      inputPaths: [],
      policy: {
        cleanupTempArtifacts: true,
        coaddUseMemmap: false,
        coaddCleanupMemmap: false,
        cacheRetention: 'run_end',
      },
      folders: { runtimeTempDir: this.#runtimeTempDir },
    });
    return this.#workspace.workFolder('solver');
  }
}
