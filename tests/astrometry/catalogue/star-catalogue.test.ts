import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BUILT_IN_CATALOGUE,
  builtInCatalogue,
  readCatalogue,
} from '../../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../../src/astrometry/catalogue/star-catalogue.js';
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

describe('files that are no catalogue are refused with a reason', () => {
  const sound = () => readFile(BUILT_IN_CATALOGUE);

  it.each([
    ['empty', 'length', () => new Uint8Array(0)],
    ['cut short', 'length', (bytes: Uint8Array) => bytes.subarray(0, 1_000_000)],
    ['of another kind', 'signature', (bytes: Uint8Array) => change(bytes, 0, 0x58)],
    ['with another record size', 'layout', (bytes: Uint8Array) => change(bytes, 10, 7)],
    ['with one star more in its count', 'length', (bytes: Uint8Array) => change(bytes, 16, bytes[16] + 1)],
    ['with cells out of order', 'cells', (bytes: Uint8Array) => change(bytes, 64 + 360 + 4 * 1000 + 2, 0xff)],
    [
      'with motions out of order',
      'motions',
      (bytes: Uint8Array) => change(bytes, 165_436 + 8 * 50 + 3, 0xff),
    ],
    [
      'with one changed star',
      'checksum',
      (bytes: Uint8Array) => change(bytes, 9_000_000, bytes[9_000_000] ^ 1),
    ],
  ])('%s', async (_, rule, spoil) => {
    const file = path.join(folder(), 'catalogue.bin');
    await writeFile(file, spoil(await sound()));
    const sha256 = createHash('sha256')
      .update(await sound())
      .digest('hex');
    await expect(readCatalogue(file, sha256)).rejects.toMatchObject({
      code: 'catalogue_damaged',
      params: { file, rule },
    });
  });

  it('absent', async () => {
    await expect(readCatalogue('/nowhere/catalogue.bin')).rejects.toMatchObject({
      code: 'catalogue_unreadable',
      params: { reason: 'ENOENT' },
    });
  });
});

function change(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}
