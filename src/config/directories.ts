// The folders of a run as absolute paths; what the configuration leaves open is decided here and nowhere else.
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunConfig } from './table.js';

/** Absolute paths of a run's folders. None of them needs to exist. */
export interface RunDirectories {
  readonly inputDir: string;
  readonly outputDir: string;
  /** Folder of `.dat` files, or undefined when they go into the output folder. */
  readonly memmapDir: string | undefined;
  readonly runtimeTempDir: string;
  readonly imageCacheDir: string;
  readonly masterTileDir: string;
  readonly sdsTileDir: string;
  /** File of the global WCS plan. */
  readonly globalWcsPath: string;
  /** File that lists frames to leave out, or undefined. */
  readonly excludeFramesFile: string | undefined;
  /** Files or folders of calibration frames, by kind; undefined where none is set. */
  readonly calibration: Readonly<Record<'bias' | 'dark' | 'dark_flat' | 'flat', string | undefined>>;
}

/** Where relative paths, `~` and the system's temporary folder lead; from the process unless tests say otherwise. */
export interface PathBases {
  readonly cwd: string;
  readonly homeDir: string;
  readonly tempDir: string;
}

/** The path with a leading `~/` replaced by the home directory. */
export function withHome(path: string, homeDir = homedir()): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homeDir, path.slice(1)) : path;
}

/**
 * Resolves the folders. Relative paths count from the working directory, that of the global WCS plan from the
 * output folder; a leading `~/` is the home directory, also in files, where no shell expands it.
 */
export function runDirectories(
  config: RunConfig,
  bases: PathBases = { cwd: process.cwd(), homeDir: homedir(), tempDir: tmpdir() },
): RunDirectories {
  const absolute = (path: string, from = bases.cwd): string => resolve(from, withHome(path, bases.homeDir));
  const optional = (path: string) => (path === '' ? undefined : absolute(path));
  const outputDir = absolute(config.output_dir);
  return {
    inputDir: absolute(config.input_dir),
    outputDir,
    memmapDir: optional(config.coadd_memmap_dir),
    runtimeTempDir: absolute(config.runtime_temp_dir || join(bases.tempDir, 'zemosaic_runtime')),
    imageCacheDir: absolute(config.temp_image_cache_dir || join(outputDir, '.zemosaic_img_cache')),
    masterTileDir: absolute(
      config.temp_master_tile_storage_dir || join(outputDir, 'zemosaic_temp_master_tiles'),
    ),
    sdsTileDir: absolute(config.sds_runtime_tile_dir || join(outputDir, 'sds_tiles')),
    excludeFramesFile: config.exclude_frames_file === '' ? undefined : absolute(config.exclude_frames_file),
    globalWcsPath: absolute(config.global_wcs_output_path || 'global_mosaic_wcs.fits', outputDir),
    calibration: {
      bias: optional(config.calibration_bias),
      dark: optional(config.calibration_darks),
      dark_flat: optional(config.calibration_dark_flats),
      flat: optional(config.calibration_flats),
    },
  };
}
