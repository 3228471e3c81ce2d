// What a run tells its workspace, and where that puts things.
import os from 'node:os';
import path from 'node:path';
import { realEntryPath, realPathOf } from './paths.js';
import type { TeardownPolicy } from './teardown-policy.js';

/** Settings of a workspace; the names are those of the configuration. Empty paths mean the default. */
export interface WorkspaceOptions extends TeardownPolicy {
  readonly outputDir: string;
  /** Files and folders that the run reads, a supplied WCS plan included: never touched. */
  readonly inputPaths: readonly string[];
  /** `''`: memmaps stand in the output folder, and no folder is "the memmap directory". */
  readonly coaddMemmapDir: string;
  /** `''`: `zemosaic_runtime` in the system's temporary directory. */
  readonly runtimeTempDir: string;
  /** `''`: `.zemosaic_img_cache` in the output folder. */
  readonly tempImageCacheDir: string;
  /** `''`: `zemosaic_temp_master_tiles` in the output folder. */
  readonly tempMasterTileStorageDir: string;
  /** `''`: `sds_tiles_<run>` in the output folder. */
  readonly sdsRuntimeTileDir: string;
  /** `''`: `global_mosaic_wcs.fits`; relative paths stand in the output folder. */
  readonly globalWcsPlanPath: string;
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
export async function resolvePlaces(options: WorkspaceOptions, shortId: string): Promise<WorkspacePlaces> {
  const outputDir = await realPathOf(options.outputDir);
  const inOutput = (setting: string, otherwise: string): Promise<string> =>
    setting === '' ? Promise.resolve(path.join(outputDir, otherwise)) : realPathOf(setting);
  const plan = options.globalWcsPlanPath === '' ? 'global_mosaic_wcs.fits' : options.globalWcsPlanPath;
  return {
    outputDir,
    memmapDir: options.coaddMemmapDir === '' ? null : await realPathOf(options.coaddMemmapDir),
    runtimeTempDir: await realPathOf(runtimeTempDirOf(options.runtimeTempDir)),
    cacheDir: await inOutput(options.tempImageCacheDir, '.zemosaic_img_cache'),
    masterTileDir: await inOutput(options.tempMasterTileStorageDir, 'zemosaic_temp_master_tiles'),
    sdsTileDir: await inOutput(options.sdsRuntimeTileDir, `sds_tiles_${shortId}`),
    planPath: await realEntryPath(path.resolve(outputDir, plan)),
  };
}
