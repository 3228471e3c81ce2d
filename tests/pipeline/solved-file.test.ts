// The JSON of `solve` against astropy: what the keys say is enough to put every pixel where astropy puts it (tests/fixtures/wcs/make-solution-values.py).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SipCoefficients } from '../../src/astrometry/wcs/celestial-wcs.js';
import { footprint } from '../../src/astrometry/wcs/footprint.js';
import { angularSeparationDeg } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { solvedJson } from '../../src/cli/commands/solve.js';
import { solvedFile } from '../../src/pipeline/solving/solved-file.js';
import { createMessages } from '../../src/report/messages.js';

interface Case {
  readonly name: string;
  readonly size: readonly [number, number];
  readonly center: readonly [number, number];
  readonly cd: readonly [number, number, number, number];
  readonly sip: SipCoefficients | null;
  readonly corners: readonly (readonly [number, number])[];
  readonly pixels: readonly (readonly [number, number, number, number])[];
}

const fixture = path.resolve(import.meta.dirname, '../fixtures/wcs/solution-values.json');
const cases = JSON.parse(readFileSync(fixture, 'utf8')) as Case[];
const wcsOf = ({ center, cd, sip, size }: Pick<Case, 'center' | 'cd' | 'sip' | 'size'>) =>
  makeTanWcs({ crval: center, crpix: [(size[0] + 1) / 2, (size[1] + 1) / 2], cd, sip: sip ?? undefined });

describe('the JSON of a solution', () => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_, truth) => {
    const wcs = wcsOf(truth);
    const solution = {
      wcs,
      centre: wcs.pixelToSky((truth.size[0] + 1) / 2, (truth.size[1] + 1) / 2)!,
      corners: footprint(wcs, ...truth.size).slice(0, 4),
      scaleArcsec: wcs.pixelScaleArcsec(),
      parity: 1,
      matched: 40,
      rmsPx: 0.1,
      logOdds: 90,
    } as const;
    const line = JSON.stringify(solvedJson(solvedFile('a.fits', solution, 12), createMessages('en')));
    const told = JSON.parse(line) as Omit<Case, 'size'>;
    expect(angularSeparationDeg(...told.center, ...truth.center)).toBeLessThan(1e-10);
    truth.corners.forEach((corner, c) =>
      expect(angularSeparationDeg(...told.corners[c], ...corner), `corner ${c}`).toBeLessThan(1e-9),
    );
    const rebuilt = wcsOf({ ...told, size: truth.size });
    for (const [x, y, ra, dec] of truth.pixels)
      expect(angularSeparationDeg(...rebuilt.pixelToSky(x, y)!, ra, dec), `pixel ${x}, ${y}`).toBeLessThan(
        1e-9,
      );
  });
});
