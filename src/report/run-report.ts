// run-report.json: what a run was given, did and left, for people, scripts and the window.
import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { CodedMessage } from '../config/errors.js';
import type { RunConfig } from '../config/table.js';
import type { AestheticReport } from './aesthetic-report.js';
import type { TwoPassReport } from './two-pass-report.js';
import type { ProductQuality } from './product-quality.js';
import type { KeptArtifact, OutputKind, StageTiming, RunOutcome } from './events.js';

/** Version of the report's shape; raised when a field changes its meaning or goes. */
export const RUN_REPORT_VERSION = 2;

export interface RunReport {
  readonly report_version: typeof RUN_REPORT_VERSION;
  readonly run_id: string;
  readonly outcome: RunOutcome;
  /** The error that ended the run. */
  readonly error?: CodedMessage;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly wall_ms: number;
  /** CPU time of this process in all its threads. */
  readonly cpu_ms: number;
  /** Largest resident set of this process, bytes. */
  readonly peak_memory_bytes: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly config: RunConfig;
  readonly config_digest: string;
  readonly inputs: {
    readonly dir: string;
    /** Files looked at; `used` of them are in the mosaic, the others are in `rejected`, each with its reason. */
    readonly total: number;
    readonly used: number;
    readonly rejected: readonly { readonly path: string; readonly reason: CodedMessage }[];
    /** What the pixels and stars of each measured frame told, those that were rejected for it included; what stars did not tell is absent. */
    readonly measured?: readonly {
      readonly path: string;
      /** Per channel, of a raw pixel after calibration. */
      readonly background_adu: readonly number[];
      readonly noise_adu: readonly number[];
      readonly stars: number;
      readonly fwhm_arcsec?: number;
      readonly ellipticity?: number;
      /** Flux of its stars in units of what its exposure lets expect. */
      readonly transparency?: number;
    }[];
    /** Frames of the mosaic that were placed by their stars: stars in the fit, and its residual over both coordinates together. */
    readonly solved?: readonly {
      readonly path: string;
      readonly matched: number;
      readonly rms_px: number;
      /** The solver outside this program that has proposed the place. */
      readonly by?: string;
    }[];
  };
  /** The stopped run that this one went on for, with the frames and cells that it had done. */
  readonly resumed?: { readonly run_id: string; readonly frames: number; readonly cells: number };
  /** How the frames of the mosaic were adjusted to each other by their stars. Root mean squares over both coordinates together, bright stars count more. */
  readonly astrometry?: {
    readonly header_wcs_refined: boolean;
    /** Of stars that frames with a WCS in their header share with others, by that WCS and after the adjustment. */
    readonly header_rms_before_px?: number;
    readonly header_rms_px?: number;
    readonly frames: readonly {
      readonly path: string;
      /** Whether its place was changed. */
      readonly adjusted: boolean;
      /** Stars shared with other frames, and with the catalogue. */
      readonly links: number;
      readonly catalogue_links: number;
      readonly rms_before_px?: number;
      readonly rms_px?: number;
      readonly catalogue_rms_px?: number;
      /** Over the middle and the corners. */
      readonly moved_px?: number;
    }[];
  };
  readonly grid?: {
    readonly width_px: number;
    readonly height_px: number;
    readonly pixel_scale_arcsec: number;
    readonly center_ra_deg: number;
    readonly center_dec_deg: number;
    readonly rotation_deg: number;
    readonly projection: string;
  };
  /** The part of the grid that was saved: where it begins on it, and how many of its pixels along a side make one that is saved. */
  readonly output?: {
    readonly width_px: number;
    readonly height_px: number;
    readonly pixel_scale_arcsec: number;
    readonly first_column_px: number;
    readonly first_row_px: number;
    readonly binning: number;
  };
  /** What the run began to compute with, in its maker's words. */
  readonly backend?: { readonly name: string; readonly device: string; readonly hardware: boolean };
  /** Every backend of the run in the order of use: several where one failed and the next took over. */
  readonly backends?: readonly {
    readonly name: string;
    readonly device: string;
    readonly hardware: boolean;
    /** Numbers of the cells that it computed (`0-11, 13`); empty when it computed none. */
    readonly cells: string;
    /** Where these cells lie on the output grid, 0-based pixels; only where several backends shared the cells. */
    readonly cell_rects?: readonly {
      readonly x0: number;
      readonly y0: number;
      readonly width: number;
      readonly height: number;
    }[];
  }[];
  /** Samples that stand in the mosaic, and those rejected below and above, over all planes. */
  readonly samples?: {
    readonly used: number;
    readonly rejected_low: number;
    readonly rejected_high: number;
    readonly rejected_fraction: number;
  };
  /** The global level solve, per channel. */
  readonly levels?: readonly {
    /** Groups of frames that overlap; 1 when all hang together. */
    readonly components: number;
    /** Robust scatter of the levels about the solution, in units of their own noise. */
    readonly residual_scale: number;
    readonly outlier_fraction: number;
    readonly converged: boolean;
    /** Per group: what was taken from its sky along the axes of the grid, and what tells it: sky without nebula, or the colour of a nebula that leaves none. */
    readonly sky: readonly {
      readonly told_by: 'plain_sky' | 'nebula_colour' | 'none';
      readonly gradient_x_adu_per_deg: number;
      readonly gradient_y_adu_per_deg: number;
      readonly offset_adu: number;
      /** What its level was set beside those of other groups by: `overlaps` where there is one group only. */
      readonly level_told_by: 'overlaps' | 'plain_sky' | 'darkest_places' | 'no_sky';
    }[];
  }[];
  /** The gains by shared stars, per channel. */
  readonly gains?: readonly {
    /** Smallest and largest factor of a frame. */
    readonly least: number;
    readonly most: number;
    /** Frames that shared enough stars to be measured. */
    readonly frames_measured: number;
    /** Robust scatter of ln flux about the solution, in units of its own noise. */
    readonly residual_scale: number;
    /** Groups of frames that hang together by shared stars; absent where the sky told the gains. Between them fluxes are as exposed. */
    readonly components?: number;
  }[];
  /** What photons are worth in frames that were taken alike, per channel: their noise in bright light is in the uncertainty, but where nothing told. */
  readonly photons?: readonly {
    readonly frames: number;
    readonly told_by: 'noise' | 'header' | 'nothing';
    readonly electrons_per_adu: readonly number[] | null;
    /** Standard error of what noise against level tells. */
    readonly error_percent: number | null;
  }[];
  /**
   * How much the colour of the air differed from frame to frame of one pointing, and from pointing to pointing, as the stars' gains bear it out; null where nothing tells.
   * 0: gains of all channels are one.
   */
  readonly transparency_colour?: {
    readonly frames_percent: number | null;
    readonly groups_percent: number | null;
  };
  /** Trails of satellites and aircraft: left out of the frames that show them where another shows the sky. */
  readonly trails?: {
    /** In all frames. */
    readonly found: number;
    /** Of these, at a place of the sky or the sensor that another frame shows one at: no trails, which stay. */
    readonly repeated: number;
    /** Frames that something was left out of, and how long that was. */
    readonly frames: number;
    readonly length_px: number;
  };
  /** What was measured on the mosaic. */
  readonly product?: ProductQuality;
  /** What was taken off where frames end, where a second pass was asked for. */
  readonly two_pass?: TwoPassReport;
  /** What was altered in the aesthetic product, where one was asked for. */
  readonly aesthetic?: AestheticReport;
  /** What computed against the clock of the integration: kernels of all backends, without transfers and reading. */
  readonly device_time?: {
    readonly kernel_ms: number;
    readonly assembly_ms: number;
    /** Share of the integration during which a kernel ran. */
    readonly busy_share: number;
  };
  readonly stages: readonly ReportedStage[];
  readonly outputs: readonly { readonly kind: OutputKind; readonly path: string; readonly bytes: number }[];
  readonly teardown: {
    readonly removed: readonly { readonly path: string; readonly bytes: number }[];
    readonly kept: readonly KeptArtifact[];
    /** What bears the name of an artefact and was not touched, because it may not be ours. */
    readonly refused: readonly { readonly path: string; readonly reason: CodedMessage }[];
    /** What should have gone and could not, with the reason. */
    readonly failed: readonly { readonly path: string; readonly reason: CodedMessage }[];
  };
  readonly warnings: readonly CodedMessage[];
  readonly notices: readonly CodedMessage[];
}

/** A stage as `StageTiming` has it, and its throughput; 0 where no time or no bytes were measured. */
export interface ReportedStage extends Omit<StageTiming, 'wallMs'> {
  readonly wall_ms: number;
  readonly bytes_per_second: number;
}

export function reportedStage({ stage, backend, wallMs, bytes, items }: StageTiming): ReportedStage {
  const bytesPerSecond = wallMs > 0 ? Math.round((bytes * 1000) / wallMs) : 0;
  return { stage, backend, wall_ms: wallMs, bytes, items, bytes_per_second: bytesPerSecond };
}

/** End of the temporary name that a report grows under. */
const GROWING = /^\.[0-9a-f]{12}\.tmp$/;

/**
 * Writes the report atomically (temporary name beside it, flush, rename). It is written when the run's journal is gone, so what a run that was killed
 * over its report has left under such a name goes here, with the next report.
 * @throws the file system's error; an older report is then untouched and no temporary file is left.
 */
export async function writeRunReport(path: string, report: RunReport): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(`${JSON.stringify(report, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await removeHalfReports(path, Date.parse(report.started_at));
}

/** Of those older than this run: what is younger another one may be writing, which has let go of the folder. The report stands: nothing here is a failure of it. */
async function removeHalfReports(path: string, startedAtMs: number): Promise<void> {
  const [dir, name] = [dirname(path), basename(path)];
  for (const other of await readdir(dir).catch(() => [])) {
    if (!other.startsWith(name) || !GROWING.test(other.slice(name.length))) continue;
    const at = join(dir, other);
    const found = await lstat(at).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs < startedAtMs) await rm(at, { force: true }).catch(() => undefined);
  }
}
