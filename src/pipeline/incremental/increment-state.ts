// What stands beside a mosaic so that frames can be added to it: which frames it holds and how they were brought to one level, by which settings.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { WcsCard } from '../../astrometry/wcs/wcs-cards.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { RunConfig } from '../../config/table.js';
import { openFits } from '../../fits/open-fits.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { writeAtomically, writeFully } from '../../output/atomic-file.js';
import type { PlaneLevel } from '../integrate/windows/integration-frame.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import type { FileMark } from '../../frames/file-mark.js';

/** Version of the layout. */
const INCREMENT_VERSION = 2;
const STATE_FILE = 'state.bin';

/** A frame that stands in the mosaic. */
export interface IntegratedFrame {
  readonly mark: FileMark;
  /** Of its file (`fileDigest`); absent in states of earlier versions, and where the file was gone. */
  readonly digest?: string;
  readonly record: FrameRecord;
  /** Cards of its WCS; absent where cards cannot hold it: its header has to be read again. */
  readonly wcs?: readonly WcsCard[];
  readonly solution?: MeasuredFrame['solution'];
  readonly levels: readonly PlaneLevel[];
  /** What the memory beside the mosaic has its measure under. */
  readonly measuredUnder: string;
  /** Digest of the calibration frames that the run had. */
  readonly calibration: string;
}

/** What is added to, where that is not the science image. */
export interface KeptSum {
  /** Its name in the folder beside the mosaic. */
  readonly name: string;
  /** Checksums, as of the science image. */
  readonly mark: readonly string[];
}

export interface IncrementState {
  /** Settings that have a say in the pixels. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly grid: Omit<OutputGrid, 'wcs'> & { readonly wcs: readonly WcsCard[] };
  readonly levelOrder: IntegrationPlan['levelOrder'];
  readonly gauges: IntegrationPlan['gauges'];
  /** WCS of headers were refined. */
  readonly refined: boolean;
  /** Checksums of the science image. */
  readonly mosaic: readonly string[];
  /** What is added to, where that is not the science image. */
  readonly sum?: KeptSum;
  readonly frames: readonly IntegratedFrame[];
}

/** Keys without a say in the sum that is added to: what is made of it, shown, kept and written besides, where it lies, how it is computed, and who is asked for places. */
const WITHOUT_A_SAY =
  /^(resume|incremental|language|qt_theme_mode|log_level|cleanup_.*|coadd_.*|cache_retention|.*_dir|output_.*|save_.*|preview_.*|export_aesthetic_.*|aesthetic_.*|patchwork_suppressor_.*|visual_seam_heal_.*|final_mosaic_.*|global_wcs_autocrop_.*|quality_crop_.*|altaz_.*|two_pass_residuals|num_.*|backend|require_gpu|memory_budget_mb|cell_size_px|keep_debug_cells|exclude_frames_file|sky_field|canvas_max_megapixels|global_wcs_output_path|solver_method|astap_.*|astrometry_.*)$/;

/** The settings that a mosaic and what is added to it must have in common. */
export function settingsOf(config: RunConfig | Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !WITHOUT_A_SAY.test(key)));
}

/** Keys in which two settings differ, sorted. */
export function differingKeys(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .sort();
}

/**
 * The states in `dir`, the latest first: it is told before the mosaic that it belongs to takes the place of the one before, whose state is therefore kept
 * beside it. Undefined where there is none, 'unreadable' where it is none of ours.
 */
export async function readIncrement(
  dir: string,
): Promise<readonly [IncrementState, ...IncrementState[]] | 'unreadable' | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path.join(dir, STATE_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { version, states } = deserialize(bytes) as StateFile;
    return version === INCREMENT_VERSION ? states : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

interface StateFile {
  readonly version: number;
  readonly states: readonly [IncrementState, ...IncrementState[]];
}

/** Puts the state, with the one of the mosaic that still stands, in the place of those before, whole or not at all. */
export async function writeIncrement(
  workspace: Workspace,
  dir: string,
  state: IncrementState,
  standing: IncrementState | undefined,
): Promise<void> {
  const at = path.join(dir, STATE_FILE);
  const output = await workspace.beginOutput(at);
  const file: StateFile = { version: INCREMENT_VERSION, states: standing ? [state, standing] : [state] };
  const bytes = serialize(file);
  await output.written(bytes.length, (temporaryPath) =>
    writeAtomically(at, (handle) => writeFully(handle, bytes), { temporaryPath }),
  );
  await output.committed();
}

/** What tells that a science image is the one that was written: its size and the checksums of its HDUs; undefined when there is no such file. */
export async function mosaicMark(file: string): Promise<string[] | undefined> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (!found) return undefined;
  const fits = await openFits(file);
  try {
    const sums = fits.hdus.map(({ header }) => `${header.get('CHECKSUM')} ${header.get('DATASUM')}`);
    return [String(found.size), ...sums];
  } finally {
    await fits.close();
  }
}
