// What a run tells its workspace, and where that puts things.
import os from 'node:os';
import path from 'node:path';
import { realEntryPath, realPathOf } from './paths.js';
import type { TeardownPolicy } from './teardown-policy.js';

/** Places that a run may name. */
export interface WorkspaceFolders {
  /** Without one memmaps stand in the output folder, and no folder is "the memmap directory". */
  readonly memmapDir?: string;
  /** Otherwise `zemosaic_runtime` in the system's temporary directory. */
  readonly runtimeTempDir?: string;
  /** Otherwise `.zemosaic_img_cache` in the output folder. */
  readonly imageCacheDir?: string;
  /** Otherwise `zemosaic_temp_master_tiles` in the output folder. */
  readonly masterTileDir?: string;
  /** Otherwise `sds_tiles_<run>` in the output folder. */
  readonly sdsTileDir?: string;
  /** Otherwise `global_mosaic_wcs.fits`; relative paths stand in the output folder. */
  readonly globalWcsPath?: string;
}

/** Settings of a workspace. */
export interface WorkspaceOptions {
  readonly outputDir: string;
  /** Files and folders that the run reads, a supplied WCS plan included: never touched. */
  readonly inputPaths: readonly string[];
  /** What the end of the run removes. */
  readonly policy: TeardownPolicy;
  readonly folders: WorkspaceFolders;
  /** Keep what a resume needs when the run does not end well; false until resuming exists. */
  readonly resume?: boolean;
}

/** Real paths of everything that a workspace may use. */
export interface WorkspacePlaces {
  readonly outputDir: string;
  /** The configured memmap directory, or null. */
  readonly memmapDir: string | null;
  readonly runtimeTempDir: string;
  readonly cacheDir: string;
  readonly masterTileDir: string;
  readonly sdsTileDir: string;
  readonly planPath: string;
}

/** The runtime temp directory that is meant by an empty setting. */
export function runtimeTempDirOf(setting: string): string {
  return setting === '' ? path.join(os.tmpdir(), 'zemosaic_runtime') : setting;
}

/** Resolves the settings; `outputDir` must exist. */
export function resolvePlaces(
  options: Pick<WorkspaceOptions, 'outputDir' | 'folders'>,
  shortId: string,
): WorkspacePlaces {
  const outputDir = realPathOf(options.outputDir);
  const { memmapDir, runtimeTempDir, imageCacheDir, masterTileDir, sdsTileDir, globalWcsPath } =
    options.folders;
  const inOutput = (named: string | undefined, otherwise: string): string =>
    named === undefined ? path.join(outputDir, otherwise) : realPathOf(named);
  return {
    outputDir,
    memmapDir: memmapDir === undefined ? null : realPathOf(memmapDir),
    runtimeTempDir: realPathOf(runtimeTempDirOf(runtimeTempDir ?? '')),
    cacheDir: inOutput(imageCacheDir, '.zemosaic_img_cache'),
    masterTileDir: inOutput(masterTileDir, 'zemosaic_temp_master_tiles'),
    sdsTileDir: inOutput(sdsTileDir, `sds_tiles_${shortId}`),
    planPath: realEntryPath(path.resolve(outputDir, globalWcsPath ?? 'global_mosaic_wcs.fits')),
  };
}
