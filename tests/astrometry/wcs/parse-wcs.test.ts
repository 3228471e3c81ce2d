// How keywords resolve, and what is refused with which reason.
import { describe, expect, it } from 'vitest';
import { asIcrs } from '../../../src/astrometry/wcs/as-icrs.js';
import type { LookupTable } from '../../../src/astrometry/wcs/distortion/lookup-table.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import { WcsError } from '../../../src/astrometry/wcs/wcs-error.js';
import { FitsHeader } from '../../../src/fits/header.js';
import { headerOf } from './header-text.js';

type Values = Record<string, string | number | boolean>;
const place: Values = {
  NAXIS: 2,
  NAXIS1: 100,
  NAXIS2: 80,
  CTYPE1: 'RA---TAN',
  CTYPE2: 'DEC--TAN',
  CRVAL1: 50,
  CRVAL2: 20,
  CRPIX1: 0,
  CRPIX2: 0,
};
const cd: Values = { CD1_1: -0.01, CD1_2: 0.002, CD2_1: 0.001, CD2_2: 0.01 };
const pc: Values = { PC1_1: 1, PC1_2: 0.3, PC2_1: -0.3, PC2_2: 1 };
const cdelt: Values = { CDELT1: -0.02, CDELT2: 0.02 };
const crota: Values = { CROTA1: 0, CROTA2: 30 };

function skyAt(...values: Values[]): [number, number] {
  return parseWcs(headerOf(Object.assign({}, place, ...values) as Values)).pixelToSky(10, 50)!;
}

describe('linear keywords', () => {
  // Right-hand sides: astropy 5.2.1 / wcslib 7.12 for the same header.
  const fromCd = [50, 20.509986531371823];
  const fromPc = [49.46473032155521, 20.939081113948124];
  it.each([
    ['CD', [cd], fromCd],
    ['PC with CDELT', [pc, cdelt], fromPc],
    ['PC before CD', [cd, pc, cdelt], fromPc],
    ['CD before CROTA and CDELT', [cd, cdelt, crota], fromCd],
    ['PC before CROTA', [pc, cdelt, crota], fromPc],
    ['CDELT with CROTA2', [cdelt, crota], [49.280124786210074, 20.764480535543047]],
    [
      'CROTA of the longitude alone is nothing',
      [cdelt, { CROTA1: 30 }],
      [49.785804766299165, 20.999764528386248],
    ],
    [
      'an incomplete CD is filled with 0',
      [{ CD1_1: -0.01, CD2_2: 0.01 }],
      [49.893243260933765, 20.499954683178608],
    ],
    [
      'an incomplete PC is filled with the identity',
      [{ PC1_2: 0.1 }, cdelt],
      [49.67870902038243, 20.999597093211822],
    ],
    ['PC001001 is PC1_1', [{ PC001001: 1, PC001002: 0.3, PC002001: -0.3, PC002002: 1 }, cdelt], fromPc],
    [
      'CUNIT arcsec',
      [cd, { CUNIT1: 'arcsec', CUNIT2: 'arcsec' }],
      [0.013888888888888888, 0.005697222222238452],
    ],
    ['PV1_3 before LONPOLE', [cd, { LONPOLE: 170, PV1_3: 160 }], [49.81380899729107, 20.4791329055656]],
    [
      'NCP',
      [cd, { CTYPE1: 'RA---NCP', CTYPE2: 'DEC--NCP', LONPOLE: 170 }],
      [49.906582864593254, 20.496237918244848],
    ],
    ['-SIP without coefficients', [cd, { CTYPE1: 'RA---TAN-SIP', CTYPE2: 'DEC--TAN-SIP' }], fromCd],
    ['numbers in quotes', [cd, { CRVAL1: '50.0', CRVAL2: '2.0D1' }], fromCd],
  ] as [string, Values[], number[]][])('%s', (_name, values, [ra, dec]) => {
    expect(angularSeparationDeg(...skyAt(...values), ra, dec)).toBeLessThan(1e-10);
  });

  it('CDELT = 1 with the scale in PC is CD (Seestar, ASTAP)', () => {
    const scaled = { PC1_1: -0.01, PC1_2: 0.002, PC2_1: 0.001, PC2_2: 0.01, CDELT1: 1, CDELT2: 1 };
    expect(skyAt(scaled)).toEqual(skyAt(cd));
  });
});

describe('axes', () => {
  it('latitude first: the same sky, and cards that say so', () => {
    const swapped: Values = { CTYPE1: 'DEC--TAN', CTYPE2: 'RA---TAN', CRVAL1: 20, CRVAL2: 50 };
    const rows: Values = { CD1_1: 0.001, CD1_2: 0.01, CD2_1: -0.01, CD2_2: 0.002 };
    const wcs = parseWcs(headerOf({ ...place, ...swapped, ...rows }));
    expect(wcs.pixelToSky(10, 50)).toEqual(skyAt(cd));
    const cards = Object.fromEntries(wcsCards(wcs).map((card) => [card.key, card.value]));
    expect(cards).toMatchObject({ CTYPE1: 'DEC--TAN', CRVAL1: 20, CD2_1: -0.01, CD1_2: 0.01 });
  });

  it('a cube rests at the reference pixel of its third axis', () => {
    const third: Values = {
      NAXIS: 3,
      CTYPE3: 'FREQ',
      CRVAL3: 1e9,
      CRPIX3: 7,
      CD3_3: 1e6,
      CD1_3: 0,
      CUNIT3: 'Hz',
    };
    expect(skyAt(cd, third)).toEqual(skyAt(cd));
  });

  it('a missing dash or lower case in CTYPE does no harm', () => {
    const wcs = parseWcs(headerOf({ ...place, ...cd, CTYPE1: 'RA--TAN', CTYPE2: 'dec--tan' }));
    expect(wcs.pixelToSky(10, 50)).toEqual(skyAt(cd));
    expect(wcs.describe().ctype).toEqual(['RA---TAN', 'DEC--TAN']);
  });

  it('an alternate description stands apart from the primary one', () => {
    const a = Object.fromEntries(Object.entries({ ...place, ...cd }).map(([key, v]) => [`${key}A`, v]));
    expect(parseWcs(headerOf(a), { alt: 'A' }).pixelToSky(10, 50)).toEqual(skyAt(cd));
    expect(() => parseWcs(headerOf(a))).toThrow(WcsError);
  });

  it('names frame, system and shape', () => {
    const at = (values: Values) => parseWcs(headerOf({ ...place, ...cd, ...values }));
    expect(at({})).toMatchObject({
      frame: 'equatorial',
      radesys: 'ICRS',
      hasDistortion: false,
      crval: [50, 20],
    });
    expect(at({ EQUINOX: 2000 }).radesys).toBe('FK5');
    expect(at({ EPOCH: 1950 }).describe()).toMatchObject({ radesys: 'FK4', equinox: 1950, shape: [100, 80] });
    expect(at({ RADECSYS: 'FK5' }).describe().equinox).toBe(2000);
    expect(at({ EQUINOX: 'J2000' }).radesys).toBe('FK5');
    expect(at({ CTYPE1: 'GLON-TAN', CTYPE2: 'GLAT-TAN' })).toMatchObject({ frame: 'galactic', radesys: '' });
  });
});

describe('refusals', () => {
  const ok = { ...place, ...cd };
  it.each([
    ['wcs_no_celestial_axes', {}],
    ['wcs_no_celestial_axes', { ...ok, CTYPE1: 'LINEAR', CTYPE2: 'LINEAR' }],
    ['wcs_axes_mismatch', { ...ok, CTYPE2: 'GLAT-TAN' }],
    ['wcs_axes_mismatch', { ...ok, CTYPE2: 'DEC--SIN' }],
    ['wcs_axes_mismatch', { ...ok, CTYPE2: 'PIXEL' }],
    ['wcs_axes_mismatch', { ...ok, CTYPE2: 'RA---TAN' }],
    ['wcs_projection_unknown', { ...ok, CTYPE1: 'RA---TNX', CTYPE2: 'DEC--TNX' }],
    ['wcs_value_not_number', { ...ok, CRVAL1: '12 34 56' }],
    ['wcs_value_not_number', { ...ok, CRPIX2: NaN }],
    ['wcs_value_not_number', { ...ok, CD1_1: Infinity }],
    ['wcs_value_not_number', { ...ok, CRVAL2: true }],
    ['wcs_value_out_of_range', { ...ok, CRVAL2: 100 }],
    ['wcs_value_out_of_range', { ...ok, CRVAL1: 1e6 }],
    ['wcs_value_out_of_range', { ...ok, CRPIX1: 1e300 }],
    ['wcs_value_out_of_range', { ...ok, A_ORDER: 1e9, B_ORDER: 2 }],
    ['wcs_matrix_singular', { ...place, CD1_1: -0.01 }],
    ['wcs_matrix_singular', { ...place, CD1_1: 1, CD1_2: 2, CD2_1: 2, CD2_2: 4 }],
    ['wcs_matrix_singular', { ...place, CDELT1: 0, CDELT2: 0.1 }],
    ['wcs_scale_missing', place],
    ['wcs_scale_missing', { ...place, CDELT1: 0.1 }],
    ['wcs_unit_unknown', { ...ok, CUNIT1: 'm' }],
    ['wcs_parameter_unknown', { ...ok, PV1_5: 0.1 }],
    ['wcs_parameter_unknown', { ...ok, PV2_31: 0.1 }],
    ['wcs_parameter_invalid', { ...ok, CTYPE1: 'RA---COE', CTYPE2: 'DEC--COE' }],
    ['wcs_parameter_invalid', { ...ok, CTYPE1: 'RA---AZP', CTYPE2: 'DEC--AZP', PV2_1: -1 }],
    ['wcs_parameter_invalid', { ...ok, CTYPE1: 'RA---CEA', CTYPE2: 'DEC--CEA', PV2_1: 0 }],
    ['wcs_parameter_invalid', { ...ok, CTYPE1: 'RA---HPX', CTYPE2: 'DEC--HPX', PV2_1: 0.5 }],
    ['wcs_parameter_invalid', { ...ok, CTYPE1: 'RA---ZPN', CTYPE2: 'DEC--ZPN' }],
    ['wcs_parameter_invalid', { ...ok, CTYPE1: 'RA---NCP', CTYPE2: 'DEC--NCP', CRVAL2: 0 }],
    ['wcs_pole_undefined', { ...ok, CTYPE1: 'RA---CAR', CTYPE2: 'DEC--CAR', LONPOLE: 90 }],
    ['wcs_distortion_unknown', { ...ok, CPDIS1: 'Polynomial' }],
    ['wcs_distortion_unknown', { ...ok, CQDIS1: 'TPD' }],
    ['wcs_lookup_missing', { ...ok, CPDIS1: 'Lookup' }],
    ['wcs_sip_incomplete', { ...ok, A_ORDER: 2 }],
  ] as [string, Values][])('%s: %o', (reason, values) => {
    let caught: unknown;
    try {
      parseWcs(headerOf(values));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(WcsError);
    expect(caught).toMatchObject({ reason, code: reason });
  });
});

describe('SIP', () => {
  const sip: Values = { A_ORDER: 2, B_ORDER: 2, A_2_0: 1e-5, B_1_1: -2e-5 };

  it('moves the pixel by A(u, v), B(u, v) before the matrix', () => {
    const x = 10 + 1e-5 * 100;
    const y = 50 - 2e-5 * 500;
    const plain = parseWcs(headerOf({ ...place, ...cd })).pixelToSky(x, y)!;
    const distorted = skyAt(cd, sip, { CTYPE1: 'RA---TAN-SIP', CTYPE2: 'DEC--TAN-SIP' });
    expect(angularSeparationDeg(...distorted, ...plain)).toBeLessThan(1e-13);
  });

  it('is used without the suffix too, and PV cards that SCAMP left beside it are not', () => {
    const scamp = { PV1_1: 1, PV1_5: 0.1, PV2_1: 1, PV2_5: 0.2 };
    expect(skyAt(cd, sip, scamp)).toEqual(skyAt(cd, sip));
    expect(skyAt(cd, sip)).not.toEqual(skyAt(cd));
  });

  it('answers null where the polynomial folds over', () => {
    const wcs = parseWcs(headerOf({ ...place, ...cd, A_ORDER: 3, B_ORDER: 3, A_3_0: -1e-6 }));
    // u - 1e-6 u^3 has its maximum of 385 at u = 577; the one root for 600 is at u = -1225, on the folded side.
    const beyond = parseWcs(headerOf({ ...place, ...cd })).pixelToSky(600, 50)!;
    expect(wcs.skyToPixel(...beyond)).toBeNull();
  });

  it('survives the cards', () => {
    const wcs = parseWcs(headerOf({ ...place, ...cd, ...sip }));
    const cards = Object.fromEntries(wcsCards(wcs).map((card) => [card.key, card.value]));
    expect(cards.CTYPE1).toBe('RA---TAN-SIP');
    expect(parseWcs(headerOf(cards)).pixelToSky(10, 50)).toEqual(wcs.pixelToSky(10, 50));
  });
});

describe('lookup tables', () => {
  const table: LookupTable = {
    // Offsets that grow by 0.001 px a pixel in x: 0 at image x = 1, 0.1 at x = 101.
    data: Float64Array.of(0, 0.1, 0, 0.1),
    naxis: [2, 2],
    crpix: [0, 0],
    crval: [0, 0],
    cdelt: [100, 100],
  };
  const header = headerOf({ ...place, ...cd, CPDIS1: 'Lookup', D2IMDIS2: 'lookup' });
  const wcs = parseWcs(header, { lookup: { cpdis: [table, undefined], d2im: [undefined, table] } });

  it('add their interpolated offset, D2IM first', () => {
    const moved = parseWcs(headerOf({ ...place, ...cd })).pixelToSky(51 + 0.05, 30 + 0.05)!;
    expect(angularSeparationDeg(...wcs.pixelToSky(51, 30)!, ...moved)).toBeLessThan(1e-13);
    expect(wcs.hasDistortion).toBe(true);
  });

  it('hold their edge value outside, and go back', () => {
    for (const [x, y] of [
      [-500, 3],
      [1, 1],
      [51.3, 70.2],
      [101, 99],
      [900, 900],
    ]) {
      const back = wcs.skyToPixel(...wcs.pixelToSky(x, y)!)!;
      expect(Math.hypot(back[0] - x, back[1] - y)).toBeLessThan(1e-8);
    }
  });

  it('cannot be written as cards', () => {
    expect(() => wcsCards(wcs)).toThrow(/wcs_not_writable/);
  });

  it('find EXTVER in record-valued cards', async () => {
    const { recordOf } = await import('../../../src/astrometry/wcs/header-reader.js');
    const lines = [
      "D2IM1   = 'EXTVER: 3'",
      "DP1     = 'NAXES: 2'",
      "DP1     = 'AXIS.1: 1'",
      "DP1     = 'EXTVER: 2.0'",
    ];
    const parsed = FitsHeader.parse(lines.map((line) => line.padEnd(80)).join(''));
    expect(recordOf(parsed, 'DP1', 'EXTVER')).toBe(2);
    expect(recordOf(parsed, 'D2IM1', 'EXTVER')).toBe(3);
    expect(recordOf(parsed, 'DP2', 'EXTVER')).toBeUndefined();
  });
});

describe('DSS plates', () => {
  // A plate of 67.2 arcsec/mm, centre at pixel (100, 100), no cross terms: one arcsec a pixel, east to the left.
  const pixel = 1000 / 67.2;
  const plate: Values = {
    PLTRAH: 2,
    PLTRAM: 0,
    PLTRAS: 0,
    PLTDECSN: '-',
    PLTDECD: 30,
    PLTDECM: 0,
    PLTDECS: 0,
    XPIXELSZ: pixel,
    YPIXELSZ: pixel,
    PPO3: 1100 * pixel,
    PPO6: 2100 * pixel,
    CNPIX1: 1000.5,
    CNPIX2: 2000.5,
    AMDX1: 67.2,
    AMDY1: 67.2,
    EPOCH: 1976.2,
  };
  const wcs = parseWcs(headerOf(plate));

  it('need no CTYPE and count pixels from the corner of the plate', () => {
    expect(angularSeparationDeg(...wcs.pixelToSky(100, 100)!, 30, -30)).toBeLessThan(1e-12);
    const tangent = parseWcs(
      headerOf({
        ...place,
        CRVAL1: 30,
        CRVAL2: -30,
        CRPIX1: 100,
        CRPIX2: 100,
        CDELT1: -1 / 3600,
        CDELT2: 1 / 3600,
      }),
    );
    expect(angularSeparationDeg(...wcs.pixelToSky(400, 50)!, ...tangent.pixelToSky(400, 50)!)).toBeLessThan(
      1e-11,
    );
    const back = wcs.skyToPixel(...tangent.pixelToSky(400, 50)!)!;
    expect(Math.hypot(back[0] - 400, back[1] - 50)).toBeLessThan(1e-7);
  });

  it('are J2000 whatever the date of the exposure', () => {
    expect(wcs.describe()).toMatchObject({ radesys: 'FK5', equinox: 2000, distortions: ['dss'] });
  });

  it('begun and not finished are refused', () => {
    expect(() => parseWcs(headerOf({ ...plate, PPO3: '' }))).toThrow(/wcs_value_not_number/);
  });
});

describe('asIcrs', () => {
  // Right-hand sides: astropy 5.2.1, FK5 J2000 (for the ecliptic: ICRS) of the same position.
  it.each([
    [
      'galactic',
      { CTYPE1: 'GLON-TAN', CTYPE2: 'GLAT-TAN' },
      [100, 20],
      [296.7029490765144, 67.84630064369523],
      1e-9,
    ],
    [
      'ecliptic',
      { CTYPE1: 'ELON-TAN', CTYPE2: 'ELAT-TAN' },
      [100, 20],
      [102.89052198768698, 42.992826332105466],
      2e-6,
    ],
    ['FK5 J2024.5', { EQUINOX: 2024.5 }, [100, 20], [99.63714825621295, 20.02326000664793], 1e-9],
    [
      'FK5 J1975',
      { EQUINOX: 1975, RADESYS: 'FK5' },
      [300, -70],
      [300.6497249393368, -69.9297221925611],
      1e-9,
    ],
    ['FK4 B1950', { EQUINOX: 1950 }, [100, 20], [100.74010883835444, 19.94989227361302], 1e-8],
    ['FK4 B1950, south', { EQUINOX: 1950 }, [210, -50], [210.80935513462265, -50.24018125558201], 1e-8],
  ] as [string, Values, number[], [number, number], number][])(
    '%s',
    (_name, values, [lon, lat], icrs, tolerance) => {
      const native = parseWcs(headerOf({ ...place, ...cd, ...values, CRVAL1: lon, CRVAL2: lat }));
      const wcs = asIcrs(native);
      expect(angularSeparationDeg(...wcs.pixelToSky(0, 0)!, ...icrs)).toBeLessThan(tolerance);
      expect(wcs).toMatchObject({ frame: 'equatorial', radesys: 'ICRS' });
      expect(angularSeparationDeg(...wcs.crval, ...icrs)).toBeLessThan(tolerance);
      const back = wcs.skyToPixel(...wcs.pixelToSky(70, 30)!)!;
      expect(Math.hypot(back[0] - 70, back[1] - 30)).toBeLessThan(1e-8);
    },
  );

  it('leaves ICRS and FK5 J2000 as they are and refuses what it does not know', () => {
    const wcs = parseWcs(headerOf({ ...place, ...cd, EQUINOX: 2000 }));
    expect(asIcrs(wcs)).toBe(wcs);
    const solar = parseWcs(headerOf({ ...place, ...cd, CTYPE1: 'HPLN-TAN', CTYPE2: 'HPLT-TAN' }));
    expect(() => asIcrs(solar)).toThrow(/wcs_frame_not_convertible/);
  });
});
