import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BUILT_IN_CATALOGUE,
  BUILT_IN_DIGESTS,
  builtInCatalogue,
  openCatalogue,
  readDigests,
} from '../../../src/astrometry/catalogue/built-in-catalogue.js';
import { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
import { angularSeparationDeg, skyPosition, unitVector } from '../../../src/astrometry/wcs/sphere.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

interface Cone {
  readonly name: string;
  readonly ra: number;
  readonly dec: number;
  readonly radiusDeg: number;
  readonly count: number;
  readonly brightest: readonly { readonly ra: number; readonly dec: number; readonly vt: number }[];
}
/** Made by whoever made the catalogue, with another reader. */
const vectors = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../fixtures/catalogue/tycho2-cones.json'), 'utf8'),
) as { readonly stars: number; readonly cells: number; readonly exceptions: number; readonly cones: Cone[] };

const RADIAN = Math.PI / 180;
const folder = temporaryFolder();
let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

describe('the catalogue of the package', () => {
  it('has the stars, cells and proper motions of its description', () => {
    expect(catalogue.starCount).toBe(vectors.stars);
    expect(catalogue.cellCount).toBe(vectors.cells);
    expect(catalogue.exceptionCount).toBe(vectors.exceptions);
    expect(catalogue.epoch).toBe(2026);
  });

  it.each(vectors.cones)('cone $name: $count stars, the brightest where they are', (cone) => {
    const stars = catalogue.cone(unitVector(cone.ra, cone.dec), cone.radiusDeg * RADIAN);
    expect(stars.count).toBe(cone.count);
    const order = Array.from({ length: stars.count }, (_, i) => i).sort((a, b) => stars.vt[a] - stars.vt[b]);
    cone.brightest.forEach(({ ra, dec, vt }, rank) => {
      const i = order[rank];
      const at = skyPosition([stars.x[i], stars.y[i], stars.z[i]]);
      expect(angularSeparationDeg(...at, ra, dec)).toBeLessThan(2e-5);
      expect(stars.vt[i]).toBeCloseTo(vt, 2);
    });
  });

  it('perCell keeps the brightest of every cell', () => {
    const centre = unitVector(300, 35);
    const all = catalogue.cone(centre, 2 * RADIAN);
    const few = catalogue.cone(centre, 2 * RADIAN, { perCell: 10 });
    expect(few.count).toBeGreaterThan(80);
    expect(few.count).toBeLessThan(all.count / 5);
    const brightest = Math.min(...all.vt);
    expect(Math.min(...few.vt)).toBe(brightest);
    const known = new Set(all.index);
    expect([...few.index].every((i) => known.has(i))).toBe(true);
  });

  it("Barnard's star moves by its proper motion, its neighbours stay", () => {
    // SIMBAD: J2000 269.45208 +4.69339, -801.6 and 10362.4 mas a year
    const place = (epoch: number) => {
      const stars = catalogue.cone(unitVector(269.448, 4.7), 0.2 * RADIAN, { epoch });
      const moved = Array.from({ length: stars.count }, (_, i) => ({
        index: stars.index[i],
        at: skyPosition([stars.x[i], stars.y[i], stars.z[i]]),
      }));
      return new Map(moved.map(({ index, at }) => [index, at]));
    };
    const [then, now] = [place(2000), place(2026)];
    const shifts = [...then].map(
      ([index, at]) => 3600 * angularSeparationDeg(...at, ...(now.get(index) ?? [0, 0])),
    );
    const greatest = Math.max(...shifts);
    // Tycho-2's own value is 0.8 % below that of SIMBAD
    expect(Math.abs(greatest / 26 - 10.39)).toBeLessThan(0.1);
    expect(shifts.filter((shift) => shift > 0.1)).toHaveLength(1);
    const barnard = [...then.values()][shifts.indexOf(greatest)];
    expect(3600 * angularSeparationDeg(...barnard, 269.45208, 4.69339)).toBeLessThan(1);
  });
});

describe('the digests of the package', () => {
  it('are those of the catalogue, part by part', async () => {
    const bytes = await readFile(BUILT_IN_CATALOGUE);
    expect(digestsOf(bytes).equals(await readFile(BUILT_IN_DIGESTS))).toBe(true);
  });

  it('are themselves held against what the program knows of them', async () => {
    const file = path.join(folder(), 'digests');
    await writeFile(file, change(await readFile(BUILT_IN_DIGESTS), 500, 0));
    const sound = createHash('sha256')
      .update(await readFile(BUILT_IN_DIGESTS))
      .digest('hex');
    await expect(readDigests(file, sound)).rejects.toMatchObject({
      code: 'catalogue_damaged',
      params: { file, rule: 'checksum' },
    });
    await expect(readDigests('/nowhere/digests', sound)).rejects.toMatchObject({
      code: 'catalogue_unreadable',
    });
  });
});

describe('bytes that are no catalogue are refused with a reason', () => {
  it.each([
    ['none', 'length', () => new Uint8Array(0)],
    ['cut short', 'length', (bytes: Uint8Array) => bytes.subarray(0, 1_000_000)],
    ['of another kind', 'signature', (bytes: Uint8Array) => change(bytes, 0, 0x58)],
    ['with another record size', 'layout', (bytes: Uint8Array) => change(bytes, 10, 7)],
    ['with one star more in their count', 'length', (bytes: Uint8Array) => change(bytes, 16, bytes[16] + 1)],
    ['with cells out of order', 'cells', (bytes: Uint8Array) => change(bytes, 64 + 360 + 4 * 1000 + 2, 0xff)],
    [
      'with motions out of order',
      'motions',
      (bytes: Uint8Array) => change(bytes, 165_436 + 8 * 50 + 3, 0xff),
    ],
  ])('%s', async (_, rule, spoil) => {
    const bytes = spoil(await readFile(BUILT_IN_CATALOGUE));
    expect(() => new StarCatalogue(bytes, 'a file')).toThrow(
      expect.objectContaining({ code: 'catalogue_damaged', params: { file: 'a file', rule } }),
    );
  });
});

describe('a file', () => {
  const damaged = (file: string, rule: string) =>
    expect.objectContaining({ code: 'catalogue_damaged', params: { file, rule } });
  const written = async (bytes: Uint8Array) => {
    const file = path.join(folder(), 'catalogue.bin');
    await writeFile(file, bytes);
    return { file, digests: await readFile(BUILT_IN_DIGESTS) };
  };

  it.each([
    ['in its signature', 0],
    ['in its cells', 64 + 360 + 4 * 1000 + 2],
    ['in its proper motions', 165_436 + 8 * 50 + 3],
  ])('changed %s is refused when it is opened', async (_, at) => {
    const { file, digests } = await written(change(await readFile(BUILT_IN_CATALOGUE), at, 0xff));
    await expect(openCatalogue(file, digests)).rejects.toEqual(damaged(file, 'checksum'));
  });

  it('cut short is refused when it is opened', async () => {
    const { file, digests } = await written((await readFile(BUILT_IN_CATALOGUE)).subarray(0, 1_000_000));
    await expect(openCatalogue(file, digests)).rejects.toEqual(damaged(file, 'length'));
  });

  it('with one changed star is refused by whoever looks there, again and again, and by whoever wants all of it; elsewhere it is sound', async () => {
    const whole = await readFile(BUILT_IN_CATALOGUE);
    const { file, digests } = await written(change(whole, 9_000_000, whole[9_000_000] ^ 1));
    const opened = await openCatalogue(file, digests);
    const sound = opened.cone(unitVector(300, 85), RADIAN);
    expect([...sound.index]).toEqual([...catalogue.cone(unitVector(300, 85), RADIAN).index]);
    expect([...sound.x]).toEqual([...catalogue.cone(unitVector(300, 85), RADIAN).x]);
    const spoilt = Math.floor((9_000_000 - (whole.length - 6 * vectors.stars)) / 6);
    const all = catalogue.cone([0, 0, 1], Math.PI);
    const at = all.index.indexOf(spoilt);
    for (let time = 0; time < 2; time++)
      expect(() => opened.cone([all.x[at], all.y[at], all.z[at]], 1e-4)).toThrow(damaged(file, 'checksum'));
    expect(() => opened.bytes).toThrow(damaged(file, 'checksum'));
  });

  it('gives all its bytes to whoever wants them', async () => {
    const { file, digests } = await written(await readFile(BUILT_IN_CATALOGUE));
    const { bytes } = await openCatalogue(file, digests);
    expect(Buffer.compare(bytes, await readFile(BUILT_IN_CATALOGUE))).toBe(0);
    expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('that is gone when it is wanted is unreadable', async () => {
    const { file, digests } = await written(await readFile(BUILT_IN_CATALOGUE));
    const opened = await openCatalogue(file, digests);
    await rm(file);
    expect(() => opened.cone(unitVector(300, 35), RADIAN)).toThrow(
      expect.objectContaining({ code: 'catalogue_unreadable', params: { file, reason: 'ENOENT' } }),
    );
  });

  it('absent', async () => {
    await expect(openCatalogue('/nowhere/catalogue.bin', new Uint8Array(0))).rejects.toMatchObject({
      code: 'catalogue_unreadable',
      params: { reason: 'ENOENT' },
    });
  });
});

/** SHA-256 of every 64 KiB. */
function digestsOf(bytes: Uint8Array): Buffer {
  const parts = Array.from({ length: Math.ceil(bytes.length / 65536) }, (_, k) =>
    createHash('sha256')
      .update(bytes.subarray(65536 * k, 65536 * (k + 1)))
      .digest(),
  );
  return Buffer.concat(parts);
}

function change(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}
