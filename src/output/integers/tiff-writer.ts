// Uncompressed 16-bit TIFF by strips; BigTIFF where 32-bit offsets end. Constant memory at any size.
import type { FileHandle } from 'node:fs/promises';
import { writeAtomically, writeFully, type AtomicOptions } from '../atomic-file.js';

/** Shape of a TIFF image: `channels` 1 = grey, 3 = RGB interleaved. */
export interface TiffImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** ASCII text of tag ImageDescription. */
  readonly description: string;
  /** BigTIFF although the size does not ask for it (a test of the format needs no 4 GiB). */
  readonly forceBig?: boolean;
}

/** Strips near 1 MiB: few enough for a short directory, small enough for any reader's memory. */
const STRIP_BYTES = 1 << 20;
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const LONG8 = 16;
const BYTES_OF = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [LONG8]: 8 } as const;

interface Tag {
  readonly id: number;
  readonly type: keyof typeof BYTES_OF;
  readonly values: readonly number[];
}

/**
 * Writes a little-endian TIFF 6.0 file (BigTIFF when the file would pass 4 GiB), atomically. `rows` yields
 * `height` rows, top first, of `width * channels` samples; a yielded row may be reused by the producer.
 * @throws OutputError when the file cannot be written.
 */
export async function writeTiff16(
  path: string,
  image: TiffImage,
  rows: AsyncIterable<Uint16Array> | Iterable<Uint16Array>,
  options: AtomicOptions = {},
): Promise<void> {
  const rowBytes = image.width * image.channels * 2;
  // The last 16 MiB below 4 GiB are left to the directory and its tables.
  const isBig = image.forceBig === true || rowBytes * image.height > 2 ** 32 - (1 << 24);
  const head = directory(image, rowBytes, isBig);
  const write = async (file: FileHandle): Promise<void> => {
    await writeFully(file, head);
    await writeSamples(file, rows, rowBytes);
  };
  await writeAtomically(path, write, options);
}

async function writeSamples(
  file: FileHandle,
  rows: AsyncIterable<Uint16Array> | Iterable<Uint16Array>,
  rowBytes: number,
): Promise<void> {
  const rowsAtOnce = Math.max(1, Math.floor(STRIP_BYTES / rowBytes));
  const buffer = new Uint8Array(rowsAtOnce * rowBytes);
  const view = new DataView(buffer.buffer);
  let filled = 0;
  for await (const row of rows) {
    for (let i = 0; i < row.length; i++) view.setUint16(filled + 2 * i, row[i], true);
    filled += rowBytes;
    if (filled === buffer.length) {
      await writeFully(file, buffer);
      filled = 0;
    }
  }
  if (filled > 0) await writeFully(file, buffer.subarray(0, filled));
}

/** Everything before the samples: file header, one directory, the values that do not fit into it. */
function directory(image: TiffImage, rowBytes: number, isBig: boolean): Uint8Array {
  const rowsPerStrip = Math.max(1, Math.floor(STRIP_BYTES / rowBytes));
  const strips = Math.ceil(image.height / rowsPerStrip);
  const offsetType = isBig ? LONG8 : LONG;
  const stripBytes = Array.from(
    { length: strips },
    (_, i) => Math.min(rowsPerStrip, image.height - i * rowsPerStrip) * rowBytes,
  );
  // The tables' size does not depend on the offsets in them: lay out once with zeros to learn where samples begin.
  const tags = (firstStrip: number): Tag[] => [
    { id: 256, type: LONG, values: [image.width] },
    { id: 257, type: LONG, values: [image.height] },
    { id: 258, type: SHORT, values: Array<number>(image.channels).fill(16) },
    { id: 259, type: SHORT, values: [1] }, // no compression
    { id: 262, type: SHORT, values: [image.channels === 3 ? 2 : 1] }, // RGB, or 0 is black
    { id: 270, type: ASCII, values: [...Buffer.from(`${image.description}\0`, 'latin1')] },
    { id: 273, type: offsetType, values: stripBytes.map((_, i) => firstStrip + i * rowsPerStrip * rowBytes) },
    { id: 277, type: SHORT, values: [image.channels] },
    { id: 278, type: LONG, values: [rowsPerStrip] },
    { id: 279, type: offsetType, values: stripBytes },
    { id: 284, type: SHORT, values: [1] }, // samples of a pixel together
    { id: 339, type: SHORT, values: Array<number>(image.channels).fill(1) }, // unsigned integers
  ];
  const size = layOut(tags(0), isBig).length;
  return layOut(tags(size), isBig);
}

function layOut(tags: readonly Tag[], isBig: boolean): Uint8Array {
  const headBytes = isBig ? 16 : 8;
  const entryBytes = isBig ? 20 : 12;
  const inlineBytes = isBig ? 8 : 4;
  const countBytes = isBig ? 8 : 2;
  const valueBytes = (tag: Tag) => tag.values.length * BYTES_OF[tag.type];
  const outside = tags.map((tag) => (valueBytes(tag) > inlineBytes ? Math.ceil(valueBytes(tag) / 8) * 8 : 0));
  // Values begin at a multiple of 8 so that every type is aligned.
  const valuesAt = Math.ceil((headBytes + countBytes + tags.length * entryBytes + inlineBytes) / 8) * 8;
  const out = new Uint8Array(valuesAt + outside.reduce((sum, bytes) => sum + bytes, 0));
  const view = new DataView(out.buffer);
  const setOffset = (at: number, value: number) =>
    isBig ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true);

  view.setUint16(0, 0x4949, true); // "II"
  view.setUint16(2, isBig ? 43 : 42, true);
  if (isBig) view.setUint16(4, 8, true); // bytes of an offset
  setOffset(isBig ? 8 : 4, headBytes);
  if (isBig) setOffset(headBytes, tags.length);
  else view.setUint16(headBytes, tags.length, true);

  let next = valuesAt;
  tags.forEach((tag, i) => {
    const at = headBytes + countBytes + i * entryBytes;
    view.setUint16(at, tag.id, true);
    view.setUint16(at + 2, tag.type, true);
    setOffset(at + 4, tag.values.length);
    let valueAt = at + entryBytes - inlineBytes;
    if (outside[i] > 0) {
      setOffset(valueAt, next);
      valueAt = next;
      next += outside[i];
    }
    tag.values.forEach((value, j) => setValue(view, valueAt + j * BYTES_OF[tag.type], tag.type, value));
  });
  return out;
}

function setValue(view: DataView, at: number, type: Tag['type'], value: number): void {
  if (type === ASCII) view.setUint8(at, value);
  else if (type === SHORT) view.setUint16(at, value, true);
  else if (type === LONG) view.setUint32(at, value, true);
  else view.setBigUint64(at, BigInt(value), true);
}
