// A mosaic as a HiPS: tiles of the sky in a pyramid, which Aladin and other viewers show at any zoom (IVOA HiPS 1.0). Tiles are made
// one by one from the deepest up, so that memory holds one of each order and never the mosaic.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { binPlanes } from '../picture/bin-planes.js';
import type { PlaneSource } from '../sources/plane-source.js';
import { imageRows } from '../picture/picture-rows.js';
import { planStretch } from '../picture/plan-stretch.js';
import type { Stretch, StretchOptions } from '../picture/stretch.js';
import { Allsky } from './allsky.js';
import { hipsProperties, type HipsFacts } from './properties.js';
import { type Tile, TileMaker } from './tile.js';
import { deepestOrder, FIRST_ORDER, tilesOf } from './tile-set.js';
import { tilePainter, writeFitsTile, writePngTile } from './tile-files.js';

export interface HipsOptions extends StretchOptions {
  readonly name: string;
  readonly object?: string;
  readonly software: string;
  readonly dateBegin?: string;
  /** Side of a mosaic pixel, arc seconds. */
  readonly scaleArcsec: number;
  /** Also float32 tiles: of the mean of the planes. */
  readonly withFits: boolean;
  /** Looked at after every tile; throws to stop. */
  readonly step?: () => void;
}

export interface HipsResult {
  readonly order: number;
  /** Tiles of all orders. */
  readonly tiles: number;
  /** Of all files. */
  readonly bytes: number;
}

/** Longest side of the reduced mosaic that the stretch is chosen on. */
const STRETCH_MAX_DIM = 2048;

/**
 * Writes the tree into `dir`, an empty folder: `properties`, `Norder3` to the deepest order whose pixels are as fine as the mosaic's,
 * `Norder3/Allsky.png`. Pixels without coverage are transparent (PNG) or NaN (FITS). Nothing of it enters a science output.
 */
export async function writeHips(
  dir: string,
  mosaic: PlaneSource,
  wcs: CelestialWcs,
  options: HipsOptions,
): Promise<HipsResult> {
  const order = deepestOrder(options.scaleArcsec);
  const deepest = tilesOf(wcs, mosaic.nx, mosaic.ny, order);
  const wanted = new Map<number, ReadonlySet<number>>();
  for (let o = order, tiles = new Set(deepest); o >= FIRST_ORDER; o--) {
    wanted.set(o, tiles);
    tiles = new Set([...tiles].map((number) => Math.floor(number / 4)));
  }
  const stretch = await planStretch(imageRows(await binPlanes(mosaic, STRETCH_MAX_DIM)), options);
  const paint = tilePainter(stretch, mosaic.planes);
  const maker = new TileMaker(mosaic, wcs);
  const allsky = new Allsky(mosaic.planes === 1 ? 2 : 4);
  let [tiles, bytes, low, high] = [0, 0, Infinity, -Infinity];

  const made = async (o: number, number: number): Promise<Tile | undefined> => {
    if (!wanted.get(o)?.has(number)) return undefined;
    let tile: Tile | undefined;
    if (o === order) tile = await maker.render(o, number);
    else {
      const children: (Tile | undefined)[] = [];
      for (let quadrant = 0; quadrant < 4; quadrant++)
        children.push(await made(o + 1, 4 * number + quadrant));
      tile = children.some((child) => child) ? maker.above(children) : undefined;
    }
    options.step?.();
    if (tile) await save(o, number, tile);
    return tile;
  };
  const save = async (o: number, number: number, tile: Tile): Promise<void> => {
    const folder = path.join(dir, `Norder${o}`, `Dir${Math.floor(number / 10_000) * 10_000}`);
    await mkdir(folder, { recursive: true });
    const stem = path.join(folder, `Npix${number}`);
    const pixels = paint(tile);
    await writePngTile(`${stem}.png`, pixels);
    bytes += (await stat(`${stem}.png`)).size;
    if (options.withFits) {
      const range = await writeFitsTile(`${stem}.fits`, tile, o, number, options.software);
      if (o === order) [low, high] = [Math.min(low, range[0]), Math.max(high, range[1])];
      bytes += (await stat(`${stem}.fits`)).size;
    }
    tiles++;
    if (o === FIRST_ORDER) allsky.put(number, pixels.data);
  };

  for (const number of wanted.get(FIRST_ORDER)!) await made(FIRST_ORDER, number);
  if (tiles > 0) await allsky.write(path.join(dir, `Norder${FIRST_ORDER}`, 'Allsky.png'));
  const facts: HipsFacts = {
    ...options,
    order,
    isColour: mosaic.planes === 3,
    formats: options.withFits ? ['png', 'fits'] : ['png'],
    centre: wcs.pixelToSky((mosaic.nx + 1) / 2, (mosaic.ny + 1) / 2) ?? wcs.crval,
    widthDeg: (Math.max(mosaic.nx, mosaic.ny) * options.scaleArcsec) / 3600,
    tiles: deepest.length,
    bytes,
    cut: cutsOf(stretch),
    range: low <= high ? [low, high] : [0, 0],
    madeAt: new Date(),
  };
  await writeFile(path.join(dir, 'properties'), hipsProperties(facts));
  return { order, tiles, bytes };
}

/** What of the mean of the planes is shown black and white. */
function cutsOf({ sky, gains, black, white }: Stretch): readonly [number, number] {
  const level = sky.reduce((sum, value) => sum + value, 0) / sky.length;
  const gain = gains.reduce((sum, value) => sum + value, 0) / gains.length;
  return [level + black / gain, level + white / gain];
}
