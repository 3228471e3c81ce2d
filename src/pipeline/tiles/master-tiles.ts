// The stacks of a run's groups as tiles of their own, where they are to be kept: windows of the mosaic's pixels, filled while the mosaic is made.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { windowWcs } from '../../astrometry/wcs/window-wcs.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { BLANK_LIMIT, BLOCK_SIZE } from '../../compute/constants.js';
import type { Provenance } from '../../output/cards/provenance-cards.js';
import { writeScienceFits } from '../../output/science-fits.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import { mosaicSource, uncertaintySource, type Canvases } from '../canvas/canvas.js';
import type { IntegratedPart } from '../integrate/cell-parts.js';
import { columnsOf } from '../planning/grid/block-spans.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import { runPhase, type RunContext } from '../run-context.js';
import { fieldIn, type PhotonField } from '../uncertainty/photon-field.js';
import { photonsImage } from '../uncertainty/photons-hdu.js';
import { removeOldTiles } from './old-tiles.js';

/** Arrays of a tile while it is made, and how they go before the run's end. */
export interface TileCanvases extends Canvases {
  discard(): Promise<void>;
}

/** Makes the arrays of one tile. */
export type MakeTileCanvases = (
  name: string,
  shape: { readonly nx: number; readonly ny: number; readonly wcs: CelestialWcs },
) => Promise<TileCanvases>;

/** The stack of a group, in its window of the canvas. */
export interface StackTile {
  readonly name: string;
  readonly frames: readonly number[];
  readonly window: CellRect;
  readonly canvases: TileCanvases;
}

export class MasterTiles {
  private constructor(
    readonly tiles: readonly StackTile[],
    private readonly plan: MosaicPlan,
    private readonly mode: FrameGroups['mode'],
  ) {}

  /** Tiles of all groups, with their arrays made by `makeCanvases`: each is as large as what its frames touch, in whole blocks. */
  static async make(
    { mode, groups }: FrameGroups,
    plan: MosaicPlan,
    makeCanvases: MakeTileCanvases,
  ): Promise<MasterTiles> {
    const kind = mode === 'sds' ? 'sds_tile' : 'master_tile';
    const tiles: StackTile[] = [];
    for (const [number, frames] of groups.entries()) {
      const name = `${kind}_${String(number + 1).padStart(3, '0')}`;
      const window = windowOf(frames, plan);
      const wcs = windowWcs(plan.grid.wcs, window);
      const canvases = await makeCanvases(name, { nx: window.width, ny: window.height, wcs });
      tiles.push({ name, frames, window, canvases });
    }
    return new MasterTiles(tiles, plan, mode);
  }

  /** The arrays of all tiles: what is flushed before a cell counts as done. */
  get canvases(): readonly Canvases[] {
    return this.tiles.map(({ canvases }) => canvases);
  }

  /**
   * Bytes that the files need on their disk: all of them, or the largest where the arrays lie on the same disk, as each array goes when its file stands.
   */
  fileBytes(besideArrays: boolean): number {
    const bytes = this.tiles.map(({ window }) => bytesOf(window, this.plan));
    return besideArrays ? Math.max(...bytes) : bytes.reduce((a, b) => a + b, 0);
  }

  /** Takes the stack of a group over a cell, or over a part of it. */
  async add(group: number, { cell: { rect }, result }: IntegratedPart): Promise<void> {
    const { window, canvases } = this.tiles[group];
    const common = overlap(rect, window);
    if (!common) return;
    const { planes } = this.plan;
    const cut = (values: ArrayLike<number>, of: number) => cutOut(values, of, rect, common);
    const [mean, weight, used] = [
      cut(result.mean, planes),
      cut(result.weight, planes),
      cut(result.used, planes),
    ];
    const pixels = common.width * common.height;
    const coverage = new Float32Array(pixels);
    for (let k = 0; k < mean.length; k++) {
      if (!(mean[k] > BLANK_LIMIT && weight[k] > 0)) [mean[k], weight[k]] = [NaN, 0];
      coverage[k % pixels] = Math.max(coverage[k % pixels], used[k]);
    }
    const at = { ...common, x0: common.x0 - window.x0, y0: common.y0 - window.y0 };
    await canvases.mosaic.write(at, mean);
    await canvases.weight.write(at, weight);
    await canvases.coverage.write(at, coverage);
  }

  /**
   * Writes the tiles as FITS files: values with extensions COVERAGE and UNCERTAINTY, as the science image has them. As outputs, in
   * `<name>_master_tiles` and in the place of those that an earlier run left there, where the user asks for them; else in the run's own folder of tiles, kept with all that is temporary.
   */
  async save(
    context: RunContext,
    workspace: Workspace,
    provenanceOf: (frames: readonly number[]) => Provenance,
    photons?: PhotonField,
  ): Promise<void> {
    const { config, directories, sink } = context;
    const isOutput = config.save_master_tiles;
    const kind = this.mode === 'sds' ? 'sds_tile' : 'master_tile';
    const dir = isOutput
      ? path.join(directories.outputDir, `${config.output_name}_master_tiles`)
      : await (kind === 'sds_tile' ? workspace.sdsTileDir() : workspace.masterTileDir());
    if (isOutput) await mkdir(dir, { recursive: true });
    const needed = this.fileBytes(directories.memmapDir === undefined);
    await runPhase(context, 'master_tiles', 'files', this.tiles.length, async (step) => {
      for (const { name, frames, window, canvases } of this.tiles) {
        const file = `${name}.fits`;
        const at = path.join(dir, file);
        const output = await workspace.beginOutput(at);
        if (!isOutput) await workspace.reserveFile(kind, file, { dir });
        const values = mosaicSource(canvases.mosaic, canvases.weight);
        const field = photons && fieldIn(photons, window);
        const image = {
          mosaic: values,
          coverage: canvases.coverage,
          uncertainty: uncertaintySource(
            canvases.weight,
            config.stacking_final_combine_method === 'median' ? canvases.coverage : undefined,
            field && { field, values },
          ),
          ...(field && { photons: photonsImage(field) }),
          wcs: windowWcs(this.plan.grid.wcs, window),
          provenance: provenanceOf(frames),
        };
        await output.written(needed, (temporaryPath) => writeScienceFits(at, image, { temporaryPath }));
        if (isOutput) {
          await output.committed();
          sink.emit({ type: 'output-written', kind: 'master_tile', path: at, bytes: (await stat(at)).size });
        } else await output.handedOver();
        await canvases.discard();
        step();
      }
    });
    if (!isOutput) return;
    const count = await removeOldTiles(dir, new Set(this.tiles.map(({ name }) => `${name}.fits`)));
    const params = { count, path: dir };
    if (count > 0) sink.emit({ type: 'notice', message: { code: 'pipeline_old_tiles_removed', params } });
  }
}

/** Bytes of the tiles of all groups, as arrays and again as files. */
export function tileBytes(groups: FrameGroups['groups'], plan: MosaicPlan): number {
  return groups.reduce((sum, frames) => sum + bytesOf(windowOf(frames, plan), plan), 0);
}

const bytesOf = ({ width, height }: CellRect, { planes }: MosaicPlan) => width * height * (8 * planes + 4);

/** The window of whole blocks that a group's frames touch. */
function windowOf(frames: readonly number[], { grid, spans }: MosaicPlan): CellRect {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const f of frames) {
    const [first, last] = columnsOf(spans[f]);
    [left, right] = [Math.min(left, first), Math.max(right, last)];
    [top, bottom] = [
      Math.min(top, spans[f].firstRow),
      Math.max(bottom, spans[f].firstRow + spans[f].spans.length / 2 - 1),
    ];
  }
  const [x0, y0] = [left * BLOCK_SIZE, top * BLOCK_SIZE];
  return {
    x0,
    y0,
    width: Math.min(grid.nx, (right + 1) * BLOCK_SIZE) - x0,
    height: Math.min(grid.ny, (bottom + 1) * BLOCK_SIZE) - y0,
  };
}

/** What two rectangles have in common; undefined where nothing. */
export function overlap(a: CellRect, b: CellRect): CellRect | undefined {
  const [x0, y0] = [Math.max(a.x0, b.x0), Math.max(a.y0, b.y0)];
  const width = Math.min(a.x0 + a.width, b.x0 + b.width) - x0;
  const height = Math.min(a.y0 + a.height, b.y0 + b.height) - y0;
  return width > 0 && height > 0 ? { x0, y0, width, height } : undefined;
}

/** `part` of planes over `rect`, a copy. */
function cutOut(values: ArrayLike<number>, planes: number, rect: CellRect, part: CellRect): Float32Array {
  const out = new Float32Array(planes * part.width * part.height);
  for (let plane = 0, to = 0; plane < planes; plane++) {
    for (let y = 0; y < part.height; y++) {
      let from = (plane * rect.height + part.y0 - rect.y0 + y) * rect.width + part.x0 - rect.x0;
      for (let x = 0; x < part.width; x++) out[to++] = values[from++];
    }
  }
  return out;
}
