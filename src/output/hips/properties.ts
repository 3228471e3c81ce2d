// The file `properties` of a HiPS: what it is and how it is to be shown (IVOA HiPS 1.0, section 4.4).
import { cellSideArcsec } from '../../astrometry/healpix/cells.js';
import { FIRST_ORDER, TILE_ORDER, TILE_SIDE } from './tile-set.js';

export interface HipsFacts {
  /** Name of the mosaic, and of its object where that is known. */
  readonly name: string;
  readonly object?: string;
  /** Version of the program. */
  readonly software: string;
  readonly order: number;
  readonly isColour: boolean;
  readonly formats: readonly ('png' | 'fits')[];
  readonly centre: readonly [raDeg: number, decDeg: number];
  /** Width of the mosaic and side of its pixels. */
  readonly widthDeg: number;
  readonly scaleArcsec: number;
  /** Tiles of the deepest order. */
  readonly tiles: number;
  /** Bytes of all tiles. */
  readonly bytes: number;
  /** Values shown black and white, and all values, of FITS tiles. */
  readonly cut: readonly [number, number];
  readonly range: readonly [number, number];
  readonly madeAt: Date;
  /** First and last day of the exposures, ISO 8601. */
  readonly dateBegin?: string;
}

/** The whole text of the file, a line a key. */
export function hipsProperties(facts: HipsFacts): string {
  const day = `${facts.madeAt.toISOString().slice(0, 16)}Z`;
  const number = (value: number) => String(Number(value.toPrecision(9)));
  const pixel = cellSideArcsec(facts.order + TILE_ORDER) / 3600;
  const rows: [string, string | undefined][] = [
    ['creator_did', `ivo://UNK.AUTH/P/${facts.name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`],
    ['obs_title', oneLine(facts.object ? `${facts.object} (${facts.name})` : facts.name)],
    ['dataproduct_type', 'image'],
    ['dataproduct_subtype', facts.isColour ? 'color' : undefined],
    ['hips_version', '1.4'],
    ['hips_builder', oneLine(facts.software)],
    ['hips_creation_date', day],
    ['hips_release_date', day],
    ['hips_status', 'private master clonableOnce'],
    ['hips_frame', 'equatorial'],
    ['hips_order', String(facts.order)],
    ['hips_order_min', String(FIRST_ORDER)],
    ['hips_tile_width', String(TILE_SIDE)],
    ['hips_tile_format', facts.formats.join(' ')],
    ['hips_pixel_bitpix', facts.formats.includes('fits') ? '-32' : undefined],
    ['hips_pixel_cut', facts.formats.includes('fits') ? facts.cut.map(number).join(' ') : undefined],
    ['hips_data_range', facts.formats.includes('fits') ? facts.range.map(number).join(' ') : undefined],
    ['hips_pixel_scale', number(pixel)],
    ['hips_initial_ra', number(facts.centre[0])],
    ['hips_initial_dec', number(facts.centre[1])],
    ['hips_initial_fov', number(Math.min(180, Math.max(2 * facts.widthDeg, pixel * TILE_SIDE)))],
    ['hips_estsize', String(Math.ceil(facts.bytes / 1024))],
    ['s_pixel_scale', number(facts.scaleArcsec / 3600)],
    ['moc_sky_fraction', number(facts.tiles / (12 * 4 ** facts.order))],
    ['t_min', modifiedJulianDate(facts.dateBegin)],
  ];
  return rows
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key.padEnd(20)} = ${value}\n`]))
    .join('');
}

/** Of a time in UTC, with or without its zone; undefined for what is none. */
function modifiedJulianDate(time: string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const hasZone = !time.includes('T') || /(Z|[+-]\d\d:?\d\d)$/.test(time);
  const mjd = Date.parse(hasZone ? time : `${time}Z`) / 86_400_000 + 40_587;
  return Number.isFinite(mjd) ? mjd.toFixed(6) : undefined;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
