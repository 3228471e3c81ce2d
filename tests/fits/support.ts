// Builds small FITS files in memory, byte by byte, without the writer under test; counts what a reader asks for.
import { createHash } from 'node:crypto';
import { memorySource, type ByteSource } from '../../src/fits/byte-source.js';
import { CodedError } from '../../src/errors.js';

/** Cards as `KEY  = value` texts, END added, padded to blocks. */
export function headerBlock(cards: readonly string[]): Uint8Array {
  const text = [...cards, 'END'].map((card) => card.padEnd(80).slice(0, 80)).join('');
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1');
}

export const card = (key: string, value: string | number) =>
  `${key.padEnd(8)}= ${String(value).padStart(20)}`;

/** A whole HDU: header, data, zero padding. */
export function hduBytes(cards: readonly string[], data: Uint8Array): Uint8Array {
  return Buffer.concat([headerBlock(cards), data, new Uint8Array((2880 - (data.length % 2880)) % 2880)]);
}

/** A primary image; `shape` slowest axis first. */
export function primary(
  bitpix: number,
  shape: readonly number[],
  data: Uint8Array,
  extra: readonly string[] = [],
): Uint8Array {
  const axes = [...shape].reverse().map((axis, i) => card(`NAXIS${i + 1}`, axis));
  return hduBytes(
    [card('SIMPLE', 'T'), card('BITPIX', bitpix), card('NAXIS', shape.length), ...axes, ...extra],
    data,
  );
}

export function bigEndian(bitpix: number, values: readonly (number | bigint)[]): Uint8Array {
  const width = Math.abs(bitpix) / 8;
  const view = new DataView(new ArrayBuffer(values.length * width));
  values.forEach((value, i) => {
    const at = i * width;
    if (bitpix === 64) view.setBigInt64(at, BigInt(value));
    else if (bitpix === 8) view.setUint8(at, Number(value));
    else if (bitpix === 16) view.setInt16(at, Number(value));
    else if (bitpix === 32) view.setInt32(at, Number(value));
    else if (bitpix === -32) view.setFloat32(at, Number(value));
    else view.setFloat64(at, Number(value));
  });
  return new Uint8Array(view.buffer);
}

/** A source that remembers every range it was asked for. */
export function countingSource(
  bytes: Uint8Array,
): ByteSource & { reads: { offset: number; length: number }[] } {
  const inner = memorySource('counted.fits', bytes);
  const reads: { offset: number; length: number }[] = [];
  return {
    ...inner,
    reads,
    getBytes(offset, length, target) {
      reads.push({ offset, length });
      return inner.getBytes(offset, length, target);
    },
  };
}

/** sha256 as the corpus states it: little-endian float64, NaN canonical, -0 as 0. */
export function digestOf(planes: readonly Float64Array[]): string {
  const hash = createHash('sha256');
  for (const plane of planes) {
    const canonical = plane.map((value) => (Number.isNaN(value) ? NaN : value === 0 ? 0 : value));
    hash.update(new Uint8Array(canonical.buffer));
  }
  return hash.digest('hex');
}

/** The code a promise is rejected with; fails the test when it is fulfilled or rejected with anything but a CodedError. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return 'fulfilled';
}
