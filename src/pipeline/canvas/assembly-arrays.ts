// The arrays that an assembly writes into: in memory, in memory with a file behind, or as a file; and how another run knows them again.
import type { Memmap } from '../../cleanup/memmap.js';
import type { MemmapSpec } from '../../cleanup/memmap-spec.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import type { RunConfig } from '../../config/table.js';
import { keepsRadial } from '../planning/grid/keeps-sum.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { MakeTileCanvases } from '../tiles/master-tiles.js';
import { memmapCanvas, memoryCanvas, type Canvas, type MosaicCanvases } from './canvas.js';
import { heldCanvas, type HeldCanvas } from './held-canvas.js';

type What = Pick<MemmapSpec, 'what' | 'planes' | 'meaning' | 'unit'>;
type Shape = Pick<MosaicPlan['grid'], 'nx' | 'ny' | 'wcs'>;

export class AssemblyArrays {
  /** Whether finished cells stay for a later run: an incremental one goes on from the mosaic that stands. */
  readonly keepsCells: boolean;
  readonly #canvases: Canvas[] = [];
  readonly #held: HeldCanvas[] = [];
  readonly #ids: string[] = [];

  constructor(
    private readonly workspace: Workspace,
    private readonly plan: MosaicPlan,
    private readonly config: RunConfig,
  ) {
    this.keepsCells = config.coadd_use_memmap && !config.incremental;
  }

  /** What is flushed before a cell counts as done, in the order of making. */
  get canvases(): readonly Canvas[] {
    return this.#canvases;
  }

  /** Names these very files: cells that were written elsewhere are not done. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** The arrays of the mosaic, over the whole grid: those that the configuration asks for. */
  async ofMosaic(): Promise<MosaicCanvases> {
    const { planes } = this.plan;
    const values = { planes, meaning: 'pipeline_meaning_mosaic', unit: 'adu' };
    const weights = { planes, meaning: 'pipeline_meaning_weight', unit: 'adu-2' };
    const frames = { meaning: 'pipeline_meaning_coverage', unit: 'count' };
    const samples = { planes, meaning: 'pipeline_meaning_rejected', unit: 'count' };
    const mosaic = await this.#canvas({ what: 'mosaic', ...values });
    const weight = await this.#canvas({ what: 'weight', ...weights });
    const coverage = await this.#canvas({ what: 'coverage', ...frames });
    const rejected = this.config.save_rejection_maps && {
      low: await this.#canvas({ what: 'rejected_low', ...samples }),
      high: await this.#canvas({ what: 'rejected_high', ...samples }),
    };
    const radial = keepsRadial(this.config) && (await this.#canvas({ what: 'radial', ...weights }));
    return { mosaic, weight, coverage, ...(rejected && { rejected }), ...(radial && { radial }) };
  }

  /** The arrays of a tile, always files; they go with `discard`. */
  readonly tile: MakeTileCanvases = async (name, shape) => {
    const meaning = 'cleanup_meaning_master_tile';
    const { planes } = this.plan;
    const memmaps = [
      await this.#memmap(shape, { what: `${name}_mosaic`, planes, meaning, unit: 'adu' }),
      await this.#memmap(shape, { what: `${name}_weight`, planes, meaning, unit: 'adu-2' }),
      await this.#memmap(shape, { what: `${name}_coverage`, meaning, unit: 'count' }),
    ];
    const [mosaic, weight, coverage] = memmaps.map(memmapCanvas);
    this.#canvases.push(mosaic, weight, coverage);
    return {
      ...{ mosaic, weight, coverage },
      discard: async () => {
        for (const memmap of memmaps) await this.workspace.removeMemmap(memmap);
      },
    };
  };

  /** Brings what the files of a stopped run hold into memory. */
  async load(): Promise<void> {
    for (const canvas of this.#held) await canvas.load();
  }

  /** Brings what stands in memory into the files. */
  async sync(): Promise<void> {
    for (const canvas of this.#held) await canvas.sync();
  }

  async #canvas(of: What): Promise<Canvas> {
    const canvas = await this.#made(of);
    this.#canvases.push(canvas);
    return canvas;
  }

  async #made(of: What): Promise<Canvas> {
    const { grid, holdsCanvas } = this.plan;
    if (!this.config.coadd_use_memmap) return memoryCanvas(grid.nx, grid.ny, of.planes ?? 1);
    const memmap = await this.#memmap(grid, of);
    if (!holdsCanvas) return memmapCanvas(memmap);
    const canvas = heldCanvas(memmap);
    this.#held.push(canvas);
    return canvas;
  }

  async #memmap({ nx, ny, wcs }: Shape, of: What): Promise<Memmap> {
    const cards = Object.fromEntries(wcsCards(wcs).map(({ key, value }) => [key, value]));
    const spec = { ...of, nx, ny, wcs: cards };
    const memmap = await (this.keepsCells
      ? this.workspace.resume.memmap(spec)
      : this.workspace.createMemmap(spec));
    const { runId, createdAt } = memmap.sidecar;
    this.#ids.push(`${runId} ${createdAt}`);
    return memmap;
  }
}
