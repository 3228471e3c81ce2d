// Pictures of frames with their stars: what is drawn lies where the coordinates say, whichever way up the picture is.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { frameLuminance } from '../../src/output/star-picture/luminance.js';
import { skyGrid } from '../../src/output/star-picture/sky-grid.js';
import { writeStarPicture, type StarPicture } from '../../src/output/star-picture/star-picture.js';
import type { FramePixels } from '../../src/astrometry/stars/frame-pixels.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

/** The picture's colours by place, and where anything amber, green or violet lies. */
async function drawn(picture: StarPicture) {
  const file = path.join(folder(), 'a.png');
  await writeStarPicture(file, picture);
  const { width, height, data } = decode(await readFile(file), { checkCrc: true });
  const middleOf = (is: (r: number, g: number, b: number) => boolean) => {
    const places = Array.from({ length: width * height }, (_, i) => i).filter((i) =>
      is(data[3 * i], data[3 * i + 1], data[3 * i + 2]),
    );
    const between = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
    if (places.length === 0) return undefined;
    return [between(places.map((i) => i % width)), between(places.map((i) => Math.floor(i / width)))];
  };
  return {
    size: [width, height],
    amber: middleOf((r, g, b) => r - b > 40 && r - g > 10),
    green: middleOf((r, g, b) => g - r > 40 && g - b > 10),
    violet: middleOf((r, g, b) => r - g > 20 && b - g > 20),
  };
}

const plain = (width: number, height: number) => new Float32Array(width * height).fill(100);
const at = (x: number, y: number) => ({ x: [x], y: [y] });

describe('writeStarPicture', () => {
  it('without a WCS has the first row at the bottom', async () => {
    const picture = { width: 90, height: 60, luminance: plain(90, 60), detected: at(21, 41) };
    const { size, amber, green } = await drawn(picture);
    expect(size).toEqual([90, 60]);
    expect(amber).toEqual([20, 60 - 41]);
    expect(green).toBeUndefined();
  });

  it('with one has north up and east left, rings and diamonds with it', async () => {
    const [width, height] = [180, 120];
    // file columns run north, file rows run east
    const wcs = makeTanWcs({ crval: [80, 20], crpix: [90.5, 60.5], cd: [0, 0.001, 0.001, 0] });
    const base = { width, height, luminance: plain(width, height), wcs, overlay: at(90, 30) };
    const { size, amber, green, violet } = await drawn({
      ...base,
      detected: at(150, 35),
      matched: at(35, 85),
    });
    expect(size).toEqual([height, width]);
    // north is up: column 150 of 180 is 30 rows from the top; east is left: row 35 of 120 is 85 columns from there
    const near = (x: number, y: number) => [expect.closeTo(x, -0.3), expect.closeTo(y, -0.3)];
    expect(amber).toEqual(near(120 - 35, 180 - 150));
    expect(green).toEqual(near(120 - 85, 180 - 35));
    expect(violet).toEqual(near(120 - 30, 180 - 90));
    expect((await drawn({ ...base, overlay: undefined, detected: at(150, 35) })).violet).toBeUndefined();
  });

  it('a frame larger than a screen is made smaller, and its marks move with it', async () => {
    const [width, height] = [4900, 40];
    const picture = { width, height, luminance: plain(width, height), detected: at(3001, 20) };
    const { size, amber } = await drawn(picture);
    expect(size).toEqual([1634, 14]);
    expect(amber?.[0]).toBeCloseTo(1000 - 0.3, 0);
  });
});

describe('skyGrid', () => {
  it.each([
    ['an ordinary field', [200, 41], 8],
    ['a field about the pole', [10, 89.99], 8],
    ['a field over the seam of right ascension', [0.01, -30], 8],
  ] as const)('%s: every piece lies on the line that it names', (_, crval, least) => {
    const [width, height] = [300, 400];
    const wcs = makeTanWcs({ crval, crpix: [150.5, 200.5], cd: [-8e-4, 3e-4, 3e-4, 8e-4] });
    const pieces = skyGrid(wcs, width, height);
    expect(new Set(pieces.map(({ label }) => label)).size).toBeGreaterThanOrEqual(least);
    let worst = 0;
    for (const { from, to, label } of pieces) {
      const [h, m, s] = [...label.matchAll(/[\d.]+/g)].map(Number);
      const named = h + m / 60 + (s || 0) / 3600;
      for (const [x, y] of [from, to]) {
        const [ra, dec] = wcs.pixelToSky(x, y)!;
        const off = label.includes('h')
          ? Math.abs(((ra - 15 * named + 540) % 360) - 180) * Math.cos((dec * Math.PI) / 180)
          : Math.abs(dec - (label.startsWith('-') ? -named : named));
        worst = Math.max(worst, off);
      }
    }
    // a pixel: lines are straight within a square of the mesh
    expect(worst).toBeLessThan(8.5e-4);
  });
});

describe('frameLuminance', () => {
  const frame = (planes: Float32Array[], cfa?: FramePixels['cfa']) =>
    frameLuminance({ width: 7, height: 6, planes, ...(cfa && { cfa }) });

  it.each([[[0, 1, 1, 2]], [[2, 1, 1, 0]], [[1, 0, 2, 1]], [[1, 2, 0, 1]]] as [FramePixels['cfa']][])(
    'no pattern is left of the colours %j, to the very edge',
    (cfa) => {
      const plane = Float32Array.from(
        { length: 42 },
        (_, i) => [100, 200, 600][cfa![(Math.floor(i / 7) & 1) * 2 + ((i % 7) & 1)]],
      );
      expect(new Set(frame([plane], cfa))).toEqual(new Set([(100 + 2 * 200 + 600) / 4]));
    },
  );

  it('is the plane of a mono frame and the mean of three', () => {
    const plane = Float32Array.from({ length: 42 }, (_, i) => i);
    expect(frame([plane])).toEqual(plane);
    expect(frame([plane, plane.map((v) => v + 3), plane.map((v) => v + 6)])).toEqual(plane.map((v) => v + 3));
  });
});
