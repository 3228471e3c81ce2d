// Minimal FITS files for the tests of this room: cards as given, 16-bit data or float32.
import { gzipSync } from 'node:zlib';
import { writeFile } from 'node:fs/promises';
import { FitsHeader } from '../../src/fits/header.js';

export type Cards = Readonly<Record<string, string | number | boolean>>;

function cardText(key: string, value: string | number | boolean): string {
  const field =
    typeof value === 'string'
      ? `'${value.padEnd(8)}'`
      : String(typeof value === 'boolean' ? (value ? 'T' : 'F') : value).padStart(20);
  return `${key.padEnd(8)}= ${field}`.padEnd(80);
}

/** A header object of the cards alone. */
export function header(cards: Cards): FitsHeader {
  return FitsHeader.parse(
    Object.entries(cards)
      .map(([key, value]) => cardText(key, value))
      .join('') + 'END'.padEnd(80),
  );
}

/** Bytes of a FITS file of one image, of 16 bits or, with BITPIX -32 among the cards, of floats; `axes` is NAXIS1, NAXIS2, ...; `sample` gives stored values by flat index. */
export function fitsBytes(
  axes: readonly number[],
  cards: Cards = {},
  sample: (index: number) => number = (i) => i % 100,
): Uint8Array {
  const naxis = Object.fromEntries(axes.map((n, i) => [`NAXIS${i + 1}`, n]));
  const all = { SIMPLE: true, BITPIX: 16, NAXIS: axes.length, ...naxis, ...cards };
  const text =
    Object.entries(all)
      .map(([key, value]) => cardText(key, value))
      .join('') + 'END'.padEnd(80);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1');
  const count = axes.reduce((product, n) => product * n, axes.length ? 1 : 0);
  const size = cards.BITPIX === -32 ? 4 : 2;
  const data = Buffer.alloc(Math.ceil((size * count) / 2880) * 2880);
  for (let i = 0; i < count; i++) {
    if (size === 4) data.writeFloatBE(sample(i), 4 * i);
    else data.writeInt16BE(sample(i), 2 * i);
  }
  return Buffer.concat([head, data]);
}

export async function writeFits(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, path.endsWith('.gz') ? gzipSync(bytes) : bytes);
}

/** Cards of a plain TAN WCS at a place on the sky, for a frame of `width` x `height`. */
export function tanCards(
  raDeg: number,
  decDeg: number,
  scaleArcsec: number,
  width: number,
  height: number,
): Cards {
  return {
    CTYPE1: 'RA---TAN',
    CTYPE2: 'DEC--TAN',
    CRVAL1: raDeg,
    CRVAL2: decDeg,
    CRPIX1: (width + 1) / 2,
    CRPIX2: (height + 1) / 2,
    CD1_1: -scaleArcsec / 3600,
    CD1_2: 0,
    CD2_1: 0,
    CD2_2: scaleArcsec / 3600,
  };
}
