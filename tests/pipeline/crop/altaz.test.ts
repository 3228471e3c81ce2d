// Ragged borders of panels whose frames turn: which pixels stay.
import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { altazPanels } from '../../../src/pipeline/crop/altaz-cleanup.js';
import { borderFade } from '../../../src/pipeline/crop/altaz-fade.js';
import { altazMask, frameLimit } from '../../../src/pipeline/crop/altaz-mask.js';
import { blankPixels } from '../../../src/pipeline/canvas/blank-pixels.js';
import { memoryCanvas, mosaicSource } from '../../../src/pipeline/canvas/canvas.js';
import { writtenBlocks } from '../../../src/pipeline/canvas/written-blocks.js';
import type { PlacedFrame } from '../../../src/pipeline/planning/grid/placed-frame.js';

const [NX, NY] = [120, 100];

/** A rectangle about (x, y), turned. */
function turned(x: number, y: number, width: number, height: number, deg: number): Float64Array {
  const [sin, cos] = [Math.sin((deg * Math.PI) / 180), Math.cos((deg * Math.PI) / 180)];
  return Float64Array.from(
    [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ].flatMap(([i, j]) => [
      x + (i * width * cos - j * height * sin) / 2,
      y + (i * width * sin + j * height * cos) / 2,
    ]),
  );
}

/** Whether a point lies in a rectangle made by `turned`. */
function within(px: number, py: number, x: number, y: number, width: number, height: number, deg: number) {
  const [sin, cos] = [Math.sin((deg * Math.PI) / 180), Math.cos((deg * Math.PI) / 180)];
  const [dx, dy] = [px - x, py - y];
  return Math.abs(dx * cos + dy * sin) <= width / 2 && Math.abs(-dx * sin + dy * cos) <= height / 2;
}

describe('alt-azimuth borders', () => {
  const angles = [0, 10, 20, 30, 40, 50, 60, 70];
  const panel = angles.map((deg) => turned(60, 50, 70, 40, deg));
  const count = (x: number, y: number) => angles.filter((deg) => within(x, y, 60, 50, 70, 40, deg)).length;

  it('keep what half of the most frames cover', () => {
    expect(frameLimit(panel, NX, NY)).toBe(4);
    const keep = altazMask([panel], [], NX, NY);
    for (let y = 0; y < NY; y++) {
      const row = keep(y);
      for (let x = 0; x < NX; x++) {
        // not within a pixel of an edge, where the outline and its pixels differ
        const near = [-1, 1].some((d) => count(x + d, y) !== count(x, y) || count(x, y + d) !== count(x, y));
        if (!near) expect([x, y, row[x]]).toEqual([x, y, count(x, y) >= 4 ? 1 : 0]);
      }
    }
  });

  it('keep what frames of other panels and mounts reach, and shallow panels by their own depth', () => {
    const other = [turned(60, 50, 110, 10, 0)];
    const shallow = [0, 5, 10].map((deg) => turned(105, 90, 20, 14, deg));
    const keep = altazMask([panel, shallow], other, NX, NY);
    expect(keep(50)[8]).toBe(1);
    expect(keep(90)[105]).toBe(1);
    expect(keep(20)[20]).toBe(0);
    expect(frameLimit(shallow, NX, NY)).toBe(3);
    // a panel of one frame stays
    expect(frameLimit([turned(60, 50, 40, 40, 0)], NX, NY)).toBeLessThanOrEqual(1);
  });

  it('let a stack fade over the margin, by the distance from them', () => {
    // eight frames that are the same keep all of what they cover: 300 x 200 pixels about (200, 150)
    const frames = Array.from({ length: 8 }, () => turned(200, 150, 300, 200, 0));
    const fade = borderFade(frames, { nx: 400, ny: 300 }, 40, 0.5);
    expect(fade(200, 150)).toBe(1);
    expect(fade(200, 50 + 48)).toBe(1);
    // (d / margin)^2 within two pixels of the distance, which cells tell
    for (const d of [10, 20, 30]) {
      for (const [x, y] of [
        [200, 50 + d],
        [200, 250 - d],
        [50 + d, 150],
        [350 - d, 150],
      ]) {
        expect(fade(x, y)).toBeGreaterThan(((d - 4.5) / 40) ** 2);
        expect(fade(x, y)).toBeLessThan(((d + 4.5) / 40) ** 2);
      }
    }
    expect(fade(200, 40)).toBe(1e-3);
    expect(fade(-500, 900)).toBe(1e-3);
    expect(borderFade(frames, { nx: 400, ny: 300 }, 40, 0.15)(200, 70)).toBeLessThan(0.05);
  });

  it('are blank in all canvases, and counted', async () => {
    const canvases = {
      mosaic: memoryCanvas(4, 2, 3),
      weight: memoryCanvas(4, 2, 3),
      coverage: memoryCanvas(4, 2, 1),
    };
    const all = { x0: 0, y0: 0, width: 4, height: 2 };
    await canvases.mosaic.write(all, new Float32Array(24).fill(5));
    await canvases.weight.write(all, new Float32Array(24).fill(2));
    await canvases.coverage.write(all, Float32Array.of(1, 1, 0, 1, 1, 1, 1, 1));
    const marked = (y: number) => Uint8Array.of(0, y, 1, 1);
    expect(await blankPixels(canvases, marked)).toEqual({ covered: 7, blanked: 4 });
    const read = async (canvas: typeof canvases.mosaic, plane: number) => {
      const out = new Float32Array(8);
      await canvas.readRows(plane, 0, 2, out);
      return [...out];
    };
    expect(await read(canvases.mosaic, 2)).toEqual([5, 5, NaN, NaN, 5, NaN, NaN, NaN]);
    expect(await read(canvases.weight, 1)).toEqual([2, 2, 0, 0, 2, 0, 0, 0]);
    expect(await read(canvases.coverage, 0)).toEqual([1, 1, 0, 0, 1, 0, 0, 0]);
  });

  it('leave what no cell has written as it is, in part of a block as in all of it', async () => {
    // rows that are looked at together end within the first block; only those before have something to blank
    const [nx, ny] = [2 ** 15, 64];
    const [mosaic, weight, coverage] = [0, 1, 2].map(() => memoryCanvas(nx, ny, 1));
    const rect = { x0: 64, y0: 0, width: 64, height: 64 };
    for (const canvas of [mosaic, weight, coverage])
      await canvas.write(rect, new Float32Array(64 * 64).fill(9));
    const blanked = await blankPixels({ mosaic, weight, coverage }, (y) =>
      new Uint8Array(nx).fill(y < 5 ? 1 : 0),
    );
    expect(blanked).toEqual({ covered: 64 * 64, blanked: 64 * 5 });
    const written = await writtenBlocks(mosaic, weight);
    expect(written.marks.indexOf(1)).toBe(1);
    expect(written.marks.lastIndexOf(1)).toBe(1);
    const out = new Float32Array(nx);
    for (const [y, value] of [
      [4, NaN],
      [60, 9],
    ]) {
      await mosaicSource({ ...mosaic, written }, weight).readRows(0, y, 1, out);
      expect([out[0], out[63], out[64], out[127], out[128]]).toEqual([NaN, NaN, value, value, NaN]);
    }
  });

  it('fade over groups of any size', () => {
    const outline = Float64Array.of(20, 20, 380, 20, 380, 280, 20, 280);
    const many = Array.from({ length: 20_000 }, () => outline);
    const fade = borderFade(many, { nx: 400, ny: 300 }, 40, 0.5);
    expect(fade(200, 150)).toBe(1);
    expect(fade(30, 150)).toBeLessThan(0.2);
  });
});

describe('alt-azimuth panels', () => {
  const frame = (ra: number, deg: number, mount?: 'eq' | 'altaz') => {
    const s = 2.4 / 3600;
    const [sin, cos] = [Math.sin((deg * Math.PI) / 180), Math.cos((deg * Math.PI) / 180)];
    const wcs = makeTanWcs({ crval: [ra, 20], crpix: [500, 300], cd: [-s * cos, s * sin, s * sin, s * cos] });
    return { record: { width: 1000, height: 600, mount }, wcs } as unknown as PlacedFrame;
  };
  const told = [frame(10, 0, 'altaz'), frame(10, 9, 'altaz'), frame(10.01, 20, 'altaz'), frame(10, 0, 'eq')];
  const turning = [frame(20, 0), frame(20, 4), frame(20.01, 8)];
  const flipped = [frame(30, 0.1), frame(30, 180), frame(30.01, 359.9)];
  const panels = (policy: 'auto' | 'on' | 'off') =>
    altazPanels([...told, ...turning, ...flipped], {
      altaz_unknown_policy: policy,
      cluster_panel_threshold: 0,
    });

  it('are those that headers tell, and by the policy those whose frames turn', () => {
    expect(panels('off')).toEqual([[0, 1, 2]]);
    expect(panels('auto')).toEqual([
      [0, 1, 2],
      [4, 5, 6],
    ]);
    expect(panels('on')).toEqual([
      [0, 1, 2],
      [4, 5, 6],
      [7, 8, 9],
    ]);
  });
});
