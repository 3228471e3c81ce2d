// Combines the frames of a group to a master on disk, by bands, with the stack kernels of the mosaic.
import type { Handle } from '../../compute/backend.js';
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { createFitsWriter } from '../../fits/write/create-fits-writer.js';
import { readLevels } from '../../frames/read-levels.js';
import type { CfaSites } from '../../photometry/background/background-mesh.js';
import type { FrameFiles } from '../integrate/windows/frame-files.js';
import type { WindowRect } from '../integrate/windows/frame-window.js';
import { asLoss, LostFrameError, readOfFrame } from '../integrate/windows/lost-frame-error.js';
import { stackStem } from '../integrate/programs/rejection.js';
import { stackProgram, stackResult, type StackSettings } from '../integrate/programs/stack-program.js';
import type { Computing } from '../run-backend.js';
import type { StageLedger } from '../stage-ledger.js';
import { readablePath } from '../expand-input.js';
import { calibrateSamples } from './calibrate-rows.js';
import type { CalibrationGroup } from './calibration-group.js';
import { blanksOf, readCalibration, type FrameCalibration } from './frame-calibration.js';
import { frameLevels, type FrameLevels } from './frame-levels.js';
import { masterCards } from './master-cards.js';

/** A finished master. */
export interface Master {
  readonly path: string;
  /** Mean of its valid samples, ADU; of a flat 1. */
  readonly mean: number;
  /** Greatest mean of a run of neighbours: what a flat divides by at most, defects apart. */
  readonly peak: number;
  /** Flats that are no brighter than their pedestal: it has been taken off them already, and is not taken off again. */
  readonly withoutPedestal: number;
}

export interface MasterMaker {
  readonly computing: Computing;
  readonly workspace: Workspace;
  readonly ledger: StageLedger;
  readonly files: FrameFiles;
  readonly signal: AbortSignal;
  /** Bytes that the samples of one band may take. */
  readonly bandBytes: number;
}

export interface MasterRecipe {
  readonly group: CalibrationGroup;
  /** Names the file. */
  readonly name: string;
  /** Taken off each frame of a flat. */
  readonly pedestal?: Master;
  /** Colours of the sites of a flat whose colours are set to mean 1 each; undefined: all samples alike. */
  readonly sites?: CfaSites;
  /** ADU of a sample of 1 in a frame whose samples all lie within 0..1, as some programs write their masters. */
  readonly unit: number;
}

/** A run of neighbours whose mean counts for `peak`. */
const RUN = 64;
/** From this many frames on outliers are told from the spread; from three, the median stands for the mean. */
const CLIPPED_FROM = 5;
const MEDIAN_FROM = 3;
const KAPPA = 3;

function settingsFor(frames: number): StackSettings {
  const combine = frames >= MEDIAN_FROM && frames < CLIPPED_FROM ? 'median' : 'mean';
  const rejection = frames >= CLIPPED_FROM ? 'winsorized_sigma_clip' : 'none';
  return {
    rejection,
    combine,
    kappaLow: KAPPA,
    kappaHigh: KAPPA,
    guardsFew: false,
    guardSlope: 0,
    trailReach: 0,
  };
}

/** Kernels that masters may take. */
export const masterStems = [1, MEDIAN_FROM, CLIPPED_FROM].map((frames) => stackStem(settingsFor(frames)));

/**
 * Makes the master as a float32 FITS file among the run's temporary files. Each flat loses its pedestal and is divided by its own mean per colour
 * before the frames are combined, so that the light's brightness does not matter.
 * @throws LostFrameError when a frame of the group cannot be read.
 */
export async function makeMaster(maker: MasterMaker, recipe: MasterRecipe): Promise<Master> {
  const { workspace, ledger } = maker;
  const { group, pedestal } = recipe;
  const { width, height, planes } = group.frames[0].record;
  const sources: Source[] = [];
  for (const [i, { record }] of group.frames.entries()) {
    const tag = `${recipe.name}_${i}`;
    const path = await readablePath(workspace, ledger, record, tag).catch((error: unknown) => {
      throw asLoss(record.path, error);
    });
    const levels = await readOfFrame(record.path, () =>
      frameLevels(maker.files, path, record, recipe.sites, recipe.unit),
    );
    sources.push({
      ...{ frame: record.path, path, hdu: record.hdu, levels },
      pedestal: holds(levels, pedestal) ? pedestal : undefined,
    });
  }
  const file = await workspace.reserveFile('calibration_master', `zemosaic_master_${recipe.name}.fits`, {
    dir: await workspace.mosaicFirstDir(),
  });
  const writer = await createFitsWriter(file);
  const statistics = new MasterStatistics();
  const rows = bandRows(maker.bandBytes, width, sources.length);
  try {
    await writer.beginImage({
      bitpix: -32,
      shape: planes === 1 ? [height, width] : [planes, height, width],
      cards: masterCards(group),
      blankLimit: BLANK_LIMIT,
    });
    for (let plane = 0; plane < planes; plane++) {
      for (let y0 = 0; y0 < height; y0 += rows) {
        maker.signal.throwIfAborted();
        const rect = { x0: 0, y0, width, height: Math.min(rows, height - y0) };
        const band = await ledger.time('master', maker.computing.info.name, async () => {
          const result = await combineBand(maker, recipe, sources, rect, plane);
          return { result, bytes: 4 * result.length * sources.length };
        });
        statistics.add(band, width);
        await writer.writeRows(band);
      }
    }
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const withoutPedestal = pedestal ? sources.filter((source) => source.pedestal === undefined).length : 0;
  return { path: file, mean: statistics.mean, peak: statistics.peak, withoutPedestal };
}

/** True where the samples are bright enough to hold the pedestal. */
function holds({ means }: FrameLevels, pedestal: Master | undefined): boolean {
  return pedestal !== undefined && !means.some((mean) => mean <= pedestal.mean);
}

interface Source {
  /** The frame, and what is read of it: itself, or its expanded copy. */
  readonly frame: string;
  readonly path: string;
  readonly hdu: number;
  readonly levels: FrameLevels;
  /** What is taken off it. */
  readonly pedestal: Master | undefined;
}

/** Rows of a band: the cube, its results and what a flat takes meanwhile, about eight arrays beside the cube. */
function bandRows(bytes: number, width: number, slots: number): number {
  return Math.max(1, Math.floor(bytes / (4 * width * (slots + 8))));
}

/** The combined band `[rows, width]`, blank where no frame has a sample. */
async function combineBand(
  maker: MasterMaker,
  recipe: MasterRecipe,
  sources: readonly Source[],
  rect: WindowRect,
  plane: number,
): Promise<Float32Array> {
  const { computing, files } = maker;
  const pixels = rect.width * rect.height;
  const cube: Handle = { label: 'master cube', element: 'f32', length: sources.length * pixels };
  const calibration: FrameCalibration = recipe.pedestal
    ? { dark: { path: recipe.pedestal.path, scale: 1 } }
    : {};
  const planes = { first: plane, count: 1 };
  const masters = await readCalibration(files, calibration, rect, planes);
  const load = async ({ frame, path, hdu, levels, pedestal }: Source): Promise<Float32Array> => {
    const raw = await readOfFrame(frame, () =>
      files.use(path, (file) => readLevels(file, file.hdus[hdu], { ...rect, plane })),
    );
    if (levels.unit !== 1) for (let i = 0; i < raw.length; i++) raw[i] *= levels.unit;
    const values = blanksOf(raw);
    if (recipe.group.kind !== 'flat') return values;
    const flat = levelPlane(levels, pedestal?.mean ?? 0, rect, plane, recipe.sites);
    return calibrateSamples(
      computing,
      values,
      pedestal ? { ...masters, flat } : { biasScale: 0, darkScale: 0, flat },
    );
  };
  const { mean } = await computing.use(async (backend) => {
    await backend.submit({ label: 'master', ops: [{ op: 'alloc', handle: cube }] });
    try {
      for (const [slot, source] of sources.entries()) {
        const data = await load(source);
        const upload = { op: 'upload', handle: cube, data, offset: slot * pixels } as const;
        await backend.submit({ label: 'master', ops: [upload] });
      }
    } catch (error) {
      // the backend is used again where the run goes on without a frame
      if (error instanceof LostFrameError)
        await backend.submit({ label: 'release', ops: [{ op: 'free', handle: cube }] });
      throw error;
    }
    const shape = { width: rect.width, height: rect.height, planes: 1, slots: sources.length };
    const weights = new Float32Array(sources.length).fill(1);
    const settings = settingsFor(sources.length);
    const ops = stackProgram(cube, shape, { weights, inverseVariances: weights }, settings);
    return stackResult((await backend.submit({ label: 'master', ops })).reads, settings);
  });
  return mean;
}

/** What a flat is divided by: its own mean, without the pedestal's, at the sites of each colour. A colour without light is blank. */
function levelPlane(
  { means }: FrameLevels,
  pedestalMean: number,
  rect: WindowRect,
  plane: number,
  sites: CfaSites | undefined,
): Float32Array {
  const levels = [0, 1, 2, 3].map((site) => {
    const level = means[sites ? sites[site] : plane] - pedestalMean;
    return level > 0 ? level : BLANK_VALUE;
  });
  const out = new Float32Array(rect.width * rect.height);
  for (let y = 0, i = 0; y < rect.height; y++) {
    const row = ((rect.y0 + y) & 1) * 2;
    for (let x = 0; x < rect.width; x++) out[i++] = levels[row + ((rect.x0 + x) & 1)];
  }
  return out;
}

class MasterStatistics {
  #sum = 0;
  #count = 0;
  peak = -Infinity;

  get mean(): number {
    return this.#count > 0 ? this.#sum / this.#count : NaN;
  }

  add(band: Float32Array, width: number): void {
    for (let start = 0, end = 0; start < band.length; start = end) {
      end = Math.min(start + RUN, start - (start % width) + width);
      let sum = 0;
      let count = 0;
      for (let i = start; i < end; i++) {
        if (!(band[i] > BLANK_LIMIT)) continue;
        sum += band[i];
        count++;
      }
      if (count === 0) continue;
      this.#sum += sum;
      this.#count += count;
      if (sum / count > this.peak) this.peak = sum / count;
    }
  }
}
