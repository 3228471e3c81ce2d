// PNG by rows: an image of any size is compressed while it is made, with constant memory.
import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { sharedPasses } from '../simd/sample-passes.js';
import { writeAtomically, writeFully, type AtomicOptions } from './atomic-file.js';

/** Shape of a PNG image: `channels` 1 = grey, 2 = grey + alpha, 3 = RGB, 4 = RGBA. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly depth: 8 | 16;
  /** Latin-1 keyword -> text, kept as tEXt chunks. */
  readonly text?: Readonly<Record<string, string>>;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOUR_TYPE = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

export interface PngOptions extends AtomicOptions {
  /** The picture is made at once and goes to the disk when this has resolved; where it rejects, so does the writing. */
  readonly turn?: Promise<unknown>;
}

/** What is made of a picture ahead of its turn, compressed; then it waits. */
const MAX_AHEAD_BYTES = 1 << 24;

/**
 * Writes a PNG (ISO/IEC 15948), atomically. `rows` yields `height` rows, top first, of `width * channels` samples;
 * 16-bit samples in most-significant-byte-first order. A yielded row may be reused by the producer afterwards.
 * @throws OutputError when the file cannot be written.
 */
export async function writePng(
  path: string,
  image: PngImage,
  rows: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PngOptions = {},
): Promise<void> {
  await writePngParts(path, pngParts(image, rows), options);
}

/** Puts a PNG into a file, atomically, whose bytes come in parts. @throws OutputError when the file cannot be written. */
export async function writePngParts(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PngOptions = {},
): Promise<void> {
  const write = async (file: FileHandle): Promise<void> => {
    const out = new TurnWriter(file, options.turn);
    for await (const part of parts) await out.write(part);
    await out.end();
  };
  await writeAtomically(path, write, options);
}

/** The bytes of a PNG in parts that stay as they are; `rows` as in `writePng`. */
export async function* pngParts(
  image: PngImage,
  rows: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield SIGNATURE;
  yield chunk('IHDR', ihdr(image));
  for (const [keyword, text] of Object.entries(image.text ?? {}))
    yield chunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1'));
  yield* dataChunks(rows, image);
  yield chunk('IEND', new Uint8Array(0));
}

/** Writes to a file once it is its turn, and holds what comes before. */
class TurnWriter {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isTurn: boolean;

  constructor(
    private readonly file: FileHandle,
    private readonly turn?: Promise<unknown>,
  ) {
    this.#isTurn = turn === undefined;
    turn?.then(
      () => (this.#isTurn = true),
      () => undefined,
    );
  }

  /** `bytes` must stay as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#isTurn || this.#heldBytes > MAX_AHEAD_BYTES) await this.end();
  }

  /** Waits for the turn and writes what is held. */
  async end(): Promise<void> {
    await this.turn;
    const held = this.#held;
    [this.#held, this.#heldBytes] = [[], 0];
    for (const bytes of held) await writeFully(this.file, bytes);
  }
}

function ihdr({ width, height, channels, depth }: PngImage): Uint8Array {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes[8] = depth;
  bytes[9] = COLOUR_TYPE[channels];
  return bytes;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** Bytes of samples that are compressed at once. */
const PIECE_BYTES = 1 << 18;
/** Bytes of a block: fflate, by which pages and programs read pictures, loses what lies beyond 2^17 single bytes of one. */
const BLOCK_BYTES = 1 << 17;
/** Of a zlib stream (RFC 1950), with a window of 32 KiB. */
const HEAD = Uint8Array.of(0x78, 0x01);
/** An empty block that says that it is the last. */
const LAST_BLOCK = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff);

/** The rows filtered and compressed, several a chunk. */
async function* dataChunks(
  rows: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { width, channels, depth }: PngImage,
): AsyncGenerator<Uint8Array> {
  const pixelBytes = (channels * depth) / 8;
  const rowBytes = width * pixelBytes;
  const most = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
  // the row above the piece, then its own
  const piece = new Uint8Array((1 + most) * rowBytes);
  let sum = 1;
  const chunkOf = (count: number): Uint8Array => {
    const room = sharedPasses();
    // a row's first pixel reads what stands before it
    const above = room.put(piece.subarray(0, (1 + count) * rowBytes));
    const bytes = count * (1 + rowBytes);
    const filtered = room.take(bytes);
    room.passes.filterRows(above, rowBytes, pixelBytes, count, filtered);
    piece.copyWithin(0, count * rowBytes, (1 + count) * rowBytes);
    sum = room.passes.adler32(sum, filtered, bytes);
    const [spare, out] = [
      room.take(SYMBOLS_ROOM),
      room.take(2 * bytes + 512 * Math.ceil(bytes / BLOCK_BYTES)),
    ];
    let length = 0;
    for (let at = 0; at < bytes; at += BLOCK_BYTES)
      length += room.passes.deflatePiece(
        filtered + at,
        Math.min(BLOCK_BYTES, bytes - at),
        spare,
        out + length,
      );
    return chunk('IDAT', room.bytes().subarray(out, out + length));
  };
  yield chunk('IDAT', HEAD);
  let held = 0;
  for await (const row of rows) {
    piece.set(row, ++held * rowBytes);
    if (held < most) continue;
    yield chunkOf(held);
    held = 0;
    // what else the process does comes in between
    await setImmediate();
  }
  if (held > 0) yield chunkOf(held);
  const tail = Buffer.alloc(LAST_BLOCK.length + 4);
  tail.set(LAST_BLOCK);
  tail.writeUInt32BE(sum >>> 0, LAST_BLOCK.length);
  yield chunk('IDAT', tail);
}

/** Two numbers of each symbol of the code. */
const SYMBOLS_ROOM = 8 * 258;
