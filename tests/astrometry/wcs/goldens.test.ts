// Every header of the WCS corpus against values that astropy/wcslib computed, in both directions.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { memorySource } from '../../../src/fits/byte-source.js';
import { FitsHeader } from '../../../src/fits/header.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { loadLookupTables } from '../../../src/astrometry/wcs/load-lookup-tables.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { WcsError } from '../../../src/astrometry/wcs/wcs-error.js';
import type { CelestialWcs } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { WcsTransform } from '../../../src/astrometry/wcs/wcs-transform.js';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { describeWithShared, sharedDir } from '../../helpers/shared-data.js';
import { headerFromText } from './header-text.js';

type Point = [
  number,
  number,
  number | null,
  number | null,
  [number, number] | null,
  [number, number] | null | undefined,
];
interface GoldenWcs {
  hdu: number | null;
  error?: string;
  ctype: string[];
  radesys: string;
  lonpole: number;
  latpole: number;
  has_distortion: boolean;
  points: Point[];
}

describeWithShared('WCS corpus', () => {
  const dir = path.join(sharedDir ?? '', 'data/C_wcs');
  const names =
    sharedDir === undefined ? [] : readdirSync(path.join(dir, 'golden')).map((f) => f.replace(/\.json$/, ''));

  it('is all there', () => expect(names.length).toBeGreaterThanOrEqual(40));

  it.each(names)('%s', async (name) => {
    const golden = JSON.parse(readFileSync(path.join(dir, 'golden', `${name}.json`), 'utf8')) as {
      wcs: GoldenWcs[];
    };
    for (const expected of golden.wcs) {
      const open = () => openWcs(path.join(dir, name), expected.hdu ?? 0);
      if (expected.error !== undefined) await expect(open()).rejects.toBeInstanceOf(WcsError);
      else compare(await open(), expected);
    }
  });

  it.each(['wcs_dist.fits', 'wcs_header_with_time.fits'])(
    '%s has no primary celestial axes',
    async (name) => {
      await expect(openWcs(path.join(dir, name), 0)).rejects.toMatchObject({
        reason: 'wcs_no_celestial_axes',
      });
    },
  );

  it('reads the alternate SZP description of wcs_header_with_time.fits', () => {
    const text = readFileSync(path.join(dir, 'wcs_header_with_time.fits'), 'latin1');
    const wcs = parseWcs(FitsHeader.parse(text), { alt: 'A' });
    // astropy 5.2.1 for the same description.
    expect(
      angularSeparationDeg(...wcs.pixelToSky(400, 600)!, 158.90610877327336, -18.60487291163095),
    ).toBeLessThan(1e-9);
    expect(
      angularSeparationDeg(...wcs.pixelToSky(1, 1)!, 213.31505126623148, -40.52840802378871),
    ).toBeLessThan(1e-9);
  });
});

async function openWcs(file: string, hduIndex: number): Promise<CelestialWcs> {
  if (file.endsWith('.hdr')) return parseWcs(headerFromText(readFileSync(file, 'latin1')));
  const raw = readFileSync(file);
  const fits = await openFits(memorySource(file, file.endsWith('.gz') ? gunzipSync(raw) : raw));
  const { header } = fits.hdus[hduIndex];
  return parseWcs(header, { lookup: await loadLookupTables(fits, header) });
}

function compare(wcs: CelestialWcs, expected: GoldenWcs): void {
  const description = wcs.describe();
  expect(description.ctype[0].slice(5)).toBe(expected.ctype[0].slice(5, 8));
  expect(description.radesys).toBe(expected.radesys);
  expect(description.lonpoleDeg).toBeCloseTo(expected.lonpole, 9);
  // TPV and DSS plates count as no distortion for astropy: they are inside wcslib.
  if (expected.has_distortion) expect(wcs.hasDistortion).toBe(true);
  const core = new WcsTransform({ ...(wcs as WcsTransform).parts, pixelDistortion: undefined });
  for (const [x, y, c1, c2, back, undistorted] of expected.points) {
    const sky = wcs.pixelToSky(x, y);
    if (c1 === null || c2 === null) {
      expect(sky, `${x}, ${y}`).toBeNull();
      continue;
    }
    const [lon, lat] = description.latitudeFirst ? [c2, c1] : [c1, c2];
    expect(sky, `${x}, ${y}`).not.toBeNull();
    expect(angularSeparationDeg(...sky!, lon, lat), `${x}, ${y}`).toBeLessThan(1e-9);
    if (undistorted) {
      expect(angularSeparationDeg(...core.pixelToSky(x, y)!, ...undistorted), `${x}, ${y}`).toBeLessThan(
        1e-9,
      );
    }
    const pixel = wcs.skyToPixel(lon, lat);
    expect(pixel, `${lon}, ${lat}`).not.toBeNull();
    const [bx, by] = back ?? [x, y];
    expect(Math.hypot(pixel![0] - bx, pixel![1] - by), `${x}, ${y}`).toBeLessThan(1e-6);
  }
}
