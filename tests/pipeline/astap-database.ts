// A small star database for ASTAP, made of our catalogue around one place, in the format 1476-5 that its documentation describes: so the real
// program can be asked on machines that have it, without a download.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { skyPosition, unitVector } from '../../src/astrometry/wcs/sphere.js';

/** Areas of the 36 rings of declination from the south pole on; a ring is cut into so many files. */
const HALF = [1, 3, 9, 15, 21, 27, 33, 38, 43, 48, 52, 56, 60, 63, 65, 67, 68, 69];
const AREAS = [...HALF, ...HALF.toReversed()];
const STEPS_DEC = 128 * 65536 - 1;
const STEPS_RA = 2 ** 24 - 1;

interface Star {
  readonly ra: number;
  readonly dec: number;
  /** Tenths of a magnitude. */
  readonly mag: number;
}

/** Writes all 1476 files into `dir`; only those within `radiusDeg` of `centre` hold stars. */
export async function writeAstapDatabase(
  dir: string,
  catalogue: StarCatalogue,
  centre: readonly [number, number],
  radiusDeg: number,
): Promise<void> {
  await mkdir(dir);
  const cone = catalogue.cone(unitVector(...centre), (radiusDeg * Math.PI) / 180);
  const files = new Map<string, Star[]>();
  for (const [ring, count] of AREAS.entries())
    for (let area = 0; area < count; area++) files.set(nameOf(ring, area), []);
  for (let i = 0; i < cone.count; i++) {
    const [ra, dec] = skyPosition([cone.x[i], cone.y[i], cone.z[i]]);
    const south = -90 + 90 / 35;
    const ring = dec < south ? 0 : Math.min(35, 1 + Math.floor((dec - south) / (180 / 35)));
    const area = Math.floor((ra / 360) * AREAS[ring]) % AREAS[ring];
    files.get(nameOf(ring, area))!.push({ ra, dec, mag: Math.round(10 * cone.vt[i]) });
  }
  for (const [name, stars] of files) await writeFile(path.join(dir, name), bytesOf(stars));
}

function nameOf(ring: number, area: number): string {
  const two = (n: number) => String(n + 1).padStart(2, '0');
  return `h18_${two(ring)}${two(area)}.1476`;
}

/** Header of 110 bytes, the last one the size of a record; stars by magnitude, each group of one magnitude and one high byte of Dec behind a mark. */
function bytesOf(stars: readonly Star[]): Uint8Array {
  const decOf = ({ dec }: Star) => Math.round((dec / 90) * STEPS_DEC);
  const sorted = stars.toSorted((a, b) => a.mag - b.mag || decOf(a) - decOf(b));
  const records: number[] = [];
  let group = '';
  for (const star of sorted) {
    const [dec, ra] = [decOf(star), Math.round((star.ra / 360) * STEPS_RA)];
    const high = dec >> 16;
    if (group !== `${star.mag} ${high}`) records.push(255, 255, 255, high + 128, star.mag + 16);
    group = `${star.mag} ${high}`;
    records.push(ra & 255, (ra >> 8) & 255, ra >> 16, dec & 255, (dec >> 8) & 255);
  }
  return Buffer.concat([Buffer.from('test database'.padEnd(109), 'latin1'), Buffer.from([5, ...records])]);
}
