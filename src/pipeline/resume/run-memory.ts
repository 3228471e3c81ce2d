// What a run remembers on the disk, so that another can go on where it stopped: the frames as measured, where the stars
// placed them, and the cells that are done. Everything read back is bit for bit what was computed.
import path from 'node:path';
import type { Solution, SolveResult } from '../../astrometry/solver/solve-types.js';
import { makeTanWcs } from '../../astrometry/wcs/tan-wcs.js';
import type { WcsDescription } from '../../astrometry/wcs/celestial-wcs.js';
import type { BackendInfo } from '../../compute/backend.js';
import type { FrameReason } from '../../frames/frame-reason.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import { RecordFile } from './record-file.js';

/** What the pixels of a frame showed, or why it was refused. */
export type SeenFrame = Pick<MeasuredFrame, 'measure' | 'stars'> | { readonly reason: FrameReason };

/** Samples of a cell that stand in the mosaic, and samples rejected below and above. */
export interface CellSums {
  readonly used: number;
  readonly low: number;
  readonly high: number;
}

/** A cell whose bytes are on the disk, and what computed it. */
export interface DoneCell {
  readonly sums: CellSums;
  readonly by: BackendInfo;
}

/** The files of a run's state. */
const FRAMES_FILE = 'frames.bin';
const PLACES_FILE = 'places.bin';
const CELLS_FILE = 'cells.bin';

/** Where frames' stars have placed them, told once all are known: earlier, what was learnt from them is not told apart. */
type StoredPlace = { readonly path: string } & (
  | { readonly solution: Omit<Solution, 'wcs'> & { readonly wcs: WcsDescription } }
  | { readonly reason: FrameReason }
);

interface StoredCell extends DoneCell {
  readonly cell: number;
  /** The integration that it is a cell of, and the canvases that it is written to. */
  readonly work: string;
}

export interface MemoryOptions {
  /** Under what a frame is remembered: its path, unless told. */
  readonly keyOf?: (framePath: string) => string;
  /** False: what failed is not remembered, so that the next run tries again. */
  readonly keepsFailures?: boolean;
}

export class RunMemory {
  #seen: ReadonlyMap<string, SeenFrame> = new Map();
  #places: ReadonlyMap<string, StoredPlace> = new Map();

  private constructor(
    private files: Files | undefined,
    private readonly options: Required<MemoryOptions>,
  ) {
    if (files) this.#read(files);
  }

  /** The memory in `stateDir`: empty files are made where there are none. */
  static async open(
    stateDir: string,
    { keyOf = (framePath) => framePath, keepsFailures = true }: MemoryOptions = {},
  ): Promise<RunMemory> {
    return new RunMemory(await openFiles(stateDir), { keyOf, keepsFailures });
  }

  /** The memory of a run that nobody is to go on with. */
  static none(): RunMemory {
    return new RunMemory(undefined, { keyOf: (framePath) => framePath, keepsFailures: false });
  }

  /** What was kept since is remembered, too: for a plan that is made anew. */
  async reload(): Promise<void> {
    if (!this.files) return;
    await this.close();
    this.#read((this.files = await openFiles(this.files.dir)));
  }

  #read({ frames, places }: Files): void {
    const stored = frames.records as { path: string; seen: SeenFrame }[];
    this.#seen = new Map(stored.map((frame) => [frame.path, frame.seen]));
    this.#places = new Map((places.records as StoredPlace[][]).flat().map((place) => [place.path, place]));
  }

  /** Frames that need not be measured again. */
  get frameCount(): number {
    return this.#seen.size;
  }

  /** Cells that are done, of the integration last worked on. */
  get cellCount(): number {
    return (this.files?.cells.records ?? []).length;
  }

  seen(framePath: string): SeenFrame | undefined {
    return this.seenUnder(this.options.keyOf(framePath));
  }

  /** What is remembered under a key of an earlier run. */
  seenUnder(key: string): SeenFrame | undefined {
    return this.#seen.get(key);
  }

  async keepSeen(framePath: string, seen: SeenFrame): Promise<void> {
    if ('reason' in seen && !this.options.keepsFailures) return;
    await this.files?.frames.append({ path: this.options.keyOf(framePath), seen });
  }

  /** Resolved when all frames that were kept are on the disk. */
  async flushSeen(): Promise<void> {
    await this.files?.frames.flush();
  }

  /** What the search for a frame's place had come to when all frames were through. */
  place(framePath: string): SolveResult | undefined {
    const stored = this.#places.get(this.options.keyOf(framePath));
    if (!stored) return undefined;
    if ('reason' in stored) return { solved: false, reason: stored.reason as never, ms: 0 };
    const { crval, crpix, cd, shape, sip } = stored.solution.wcs;
    return { solved: true, ...stored.solution, wcs: makeTanWcs({ crval, crpix, cd, shape, sip }) };
  }

  /** Adds what is not known yet: places that were not found are told anew once they are. */
  async keepPlaces(places: ReadonlyMap<string, SolveResult>): Promise<void> {
    const stored = [...places].flatMap(([framePath, result]): StoredPlace[] => {
      const at = this.options.keyOf(framePath);
      const known = this.#places.get(at);
      if (!result.solved)
        return known || !this.options.keepsFailures ? [] : [{ path: at, reason: result.reason }];
      const { wcs, ...rest } = result;
      return known && 'solution' in known ? [] : [{ path: at, solution: { ...rest, wcs: wcs.describe() } }];
    });
    if (stored.length > 0) await this.files?.places.append(stored, { flush: true });
  }

  /** Cells of this work that are done. */
  cells(work: string): Map<number, DoneCell> {
    const stored = (this.files?.cells.records ?? []) as StoredCell[];
    return new Map(stored.filter((cell) => cell.work === work).map((cell) => [cell.cell, cell]));
  }

  /** Tells of cells whose bytes are on the disk. */
  async keepCells(work: string, cells: ReadonlyMap<number, DoneCell>): Promise<void> {
    const records = [...cells].map(([cell, done]): StoredCell => ({ ...done, cell, work }));
    for (const [i, record] of records.entries()) {
      await this.files?.cells.append(record, { flush: i === records.length - 1 });
    }
  }

  get isKept(): boolean {
    return this.files !== undefined;
  }

  async close(): Promise<void> {
    const { frames, places, cells } = this.files ?? {};
    for (const file of [frames, places, cells]) await file?.close();
  }
}

interface Files {
  readonly dir: string;
  readonly frames: RecordFile;
  readonly places: RecordFile;
  readonly cells: RecordFile;
}

async function openFiles(dir: string): Promise<Files> {
  const at = (name: string) => RecordFile.open(path.join(dir, name));
  const [frames, places, cells] = await Promise.all([at(FRAMES_FILE), at(PLACES_FILE), at(CELLS_FILE)]);
  return { dir, frames, places, cells };
}
