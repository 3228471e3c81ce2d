// Whatever a program writes where its tile holds nothing, the engine reads NaN and weight 0 there.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { scanFile } from '../../src/frames/frame-record.js';
import { copyTile, TILE_MAPS_HDU } from '../../src/pipeline/tiles/copy-tile.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const [NX, NY] = [64, 48];
const whole = { x0: 0, y0: 0, width: NX, height: NY };

interface Spec {
  readonly bitpix: 16 | -32;
  readonly planes: 1 | 3;
  readonly value: (x: number, y: number, plane: number) => number;
  readonly extension?: { readonly name: string; readonly value: (x: number, y: number) => number };
}

/** The copy's plane 0 and its maps. */
async function copied({ bitpix, planes, value, extension }: Spec) {
  const at = path.join(folder(), 'tile.fits');
  const pixels = (of: (x: number, y: number) => number) =>
    Float32Array.from({ length: NX * NY }, (_, k) => of(k % NX, Math.floor(k / NX)));
  const writer = await createFitsWriter(at);
  const integer = bitpix === 16 ? { bscale: 1, bzero: 32768 } : {};
  const cards = [{ key: 'MT_NFRAMES', value: 7 }];
  await writer.beginImage({ bitpix, shape: planes === 1 ? [NY, NX] : [3, NY, NX], cards, ...integer });
  for (let plane = 0; plane < planes; plane++) await writer.writeRows(pixels((x, y) => value(x, y, plane)));
  await writer.endImage();
  if (extension) {
    await writer.beginImage({ bitpix: -32, shape: [NY, NX], name: extension.name });
    await writer.writeRows(pixels(extension.value));
    await writer.endImage();
  }
  await writer.commit();
  const scanned = await scanFile(
    { path: at, relative: 'tile.fits', bytes: 1, modifiedMs: 0 },
    undefined,
    'tiles',
  );
  if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
  const fits = await openFits(at);
  const copy = await copyTile(fits, scanned.record, path.join(folder(), 'copy.fits')).finally(() =>
    fits.close(),
  );
  const result = await openFits(copy.path);
  try {
    const map = (plane: number) => readWindow(result, result.hdus[TILE_MAPS_HDU], { ...whole, plane });
    return {
      values: await readWindow(result, result.hdus[0], { ...whole, plane: 0 }),
      weight: await map(0),
      blend: await map(1),
      frames: await map(2),
      copy,
    };
  } finally {
    await result.close();
  }
}

const LEFT = 5 * NX + 8;
const RIGHT = 5 * NX + 50;
const sky = (x: number) => (x < 32 ? 0 : 500);

describe('the copy of a tile', () => {
  it.each<[string, Spec]>([
    ['NaN', { bitpix: -32, planes: 3, value: (x) => sky(x) || NaN }],
    ['0 in all planes', { bitpix: -32, planes: 3, value: sky }],
    ['0 of 16 bit, mono', { bitpix: 16, planes: 1, value: sky }],
    [
      'ALPHA 0',
      { bitpix: -32, planes: 3, value: () => 500, extension: { name: 'ALPHA', value: (x) => sky(x) / 2 } },
    ],
  ])('knows what is blank by %s', async (_, spec) => {
    const { values, weight, frames, copy } = await copied(spec);
    expect([values[LEFT], values[RIGHT]]).toEqual([NaN, 500]);
    expect([weight[LEFT], weight[RIGHT]]).toEqual([0, 1]);
    expect([frames[LEFT], frames[RIGHT]]).toEqual([0, 7]);
    expect([copy.mask.covers(8, 5), copy.mask.covers(50, 5)]).toEqual([false, true]);
  });

  it('keeps a pixel that is 0 in one plane only', async () => {
    const { values } = await copied({
      bitpix: -32,
      planes: 3,
      value: (_x, _y, plane) => (plane === 0 ? 0 : 5),
    });
    expect(values[LEFT]).toBe(0);
  });

  it('weighs pixels by the variance that is stated', async () => {
    const value = (x: number) => (x < 32 ? 2 : 1);
    const extension = { name: 'UNCERTAINTY', value };
    const { weight } = await copied({ bitpix: -32, planes: 1, value: () => 9, extension });
    expect(weight[LEFT] / weight[RIGHT]).toBeCloseTo(0.25, 5);
  });

  it('fades towards the edge of what it holds, not only of the image', async () => {
    const { blend } = await copied({ bitpix: -32, planes: 1, value: sky });
    const middle = 24 * NX;
    expect(blend[middle + 48]).toBe(1);
    expect(blend[middle + 33]).toBeLessThan(0.8);
    expect(blend[middle + 63]).toBeLessThan(0.5);
  });
});
