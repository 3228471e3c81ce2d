// The external solver for `solve`, which has no run and no output folder: a workspace of its own is opened when the first file needs one.
import { randomUUID } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { SolveHint, SolveImage, SolveResult } from '../astrometry/solver/solve-types.js';
import { openWorkspace, type Workspace } from '../cleanup/workspace.js';
import { runtimeTempDirOf } from '../cleanup/workspace-options.js';
import { withHome } from '../config/directories.js';
import type { RunConfig } from '../config/table.js';
import { ExternalFallback } from './external-fallback.js';
import { externalSolver, type SolverConfig } from './external-solver.js';

export class SolveFallback {
  readonly #fallback: ExternalFallback | undefined;
  readonly #runtimeTempDir: string;
  #workspace: Workspace | undefined;
  #folder: Promise<string> | undefined;

  constructor(config: SolverConfig & Pick<RunConfig, 'runtime_temp_dir'>, signal: AbortSignal) {
    const named = withHome(config.runtime_temp_dir);
    this.#runtimeTempDir = runtimeTempDirOf(named && path.resolve(named));
    const solver = externalSolver(config);
    this.#fallback =
      solver &&
      new ExternalFallback(solver, {
        timeoutMs: 1000 * config.astrometry_timeout,
        folder: () => (this.#folder ??= this.#makeFolder()),
        keepFiles: false,
        signal,
      });
  }

  async solve(image: SolveImage, hint: SolveHint): Promise<SolveResult | undefined> {
    return this.#fallback?.solve(image, hint);
  }

  /** Removes what the solver has written. */
  async close(): Promise<void> {
    if (!this.#workspace) return;
    await this.#workspace.finish('success');
    await rmdir(this.#workspace.places.outputDir);
  }

  /** Journalled like a run, so that whoever comes after a killed process finds what it left: its folder bears a name that teardowns know. */
  async #makeFolder(): Promise<string> {
    this.#workspace = await openWorkspace({
      outputDir: path.join(this.#runtimeTempDir, `mosaic_first_${randomUUID()}`),
      inputPaths: [],
      cleanupTempArtifacts: true,
      coaddUseMemmap: false,
      coaddCleanupMemmap: false,
      cacheRetention: 'run_end',
      coaddMemmapDir: '',
      runtimeTempDir: this.#runtimeTempDir,
      tempImageCacheDir: '',
      tempMasterTileStorageDir: '',
      sdsRuntimeTileDir: '',
      globalWcsPlanPath: '',
    });
    return this.#workspace.workFolder('solver');
  }
}
