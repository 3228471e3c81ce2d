// PNG by rows: an image of any size is compressed while it is made, with constant memory.
import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { keepPasses, takePasses, type SamplePasses } from '../simd/sample-passes.js';
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
  const write = (file: FileHandle): Promise<void> =>
    withRoom(async (room) => {
      const out = new TurnWriter(file, room, options.turn);
      for await (const part of parts) await out.write(part);
      await out.end();
    });
  await writeAtomically(path, write, options);
}

/** Has `use` work in memory that has served, which others get after it. */
async function withRoom<T>(use: (room: SamplePasses) => Promise<T>): Promise<T> {
  const room = takePasses();
  try {
    return await use(room);
  } finally {
    keepPasses(room);
  }
}

/** The bytes of a PNG in parts, each of which holds until the next is asked for; `rows` as in `writePng`. */
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
  /** Where they lie in the room. */
  #held: { readonly at: number; readonly length: number }[] = [];
  #heldBytes = 0;
  #isTurn: boolean;

  constructor(
    private readonly file: FileHandle,
    private readonly room: SamplePasses,
    private readonly turn?: Promise<unknown>,
  ) {
    this.#isTurn = turn === undefined;
    turn?.then(
      () => (this.#isTurn = true),
      () => undefined,
    );
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isTurn && this.#held.length === 0) return writeFully(this.file, bytes);
    this.#held.push({ at: this.room.put(bytes), length: bytes.length });
    this.#heldBytes += bytes.length;
    if (this.#isTurn || this.#heldBytes > MAX_AHEAD_BYTES) await this.end();
  }

  /** Waits for the turn and writes what is held. */
  async end(): Promise<void> {
    await this.turn;
    for (const { at, length } of this.#held)
      await writeFully(this.file, this.room.bytes().subarray(at, at + length));
    [this.#held, this.#heldBytes] = [[], 0];
    this.room.reset();
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
  const out = new Uint8Array(CHUNK_HEAD + data.length + CHUNK_TAIL);
  out.set(data, CHUNK_HEAD);
  return frame(type, out);
}

/** Bytes before the data of a chunk, and behind. */
const CHUNK_HEAD = 8;
const CHUNK_TAIL = 4;

/** Makes a chunk of its data, in their place between head and tail. */
function frame(type: string, out: Uint8Array): Uint8Array {
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  const end = out.length - CHUNK_TAIL;
  view.setUint32(0, end - CHUNK_HEAD);
  for (let k = 0; k < 4; k++) out[4 + k] = type.charCodeAt(k);
  view.setUint32(end, crc32(out.subarray(4, end)));
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
  const mostBytes = most * (1 + rowBytes);
  const room = takePasses();
  try {
    // the row above the piece, then its own; a row's first pixel reads what stands before it
    const pieceAt = room.take(16 + (1 + most) * rowBytes) + 16;
    const [filtered, spare] = [room.take(mostBytes), room.take(SYMBOLS_ROOM)];
    const blocks = Math.ceil(mostBytes / BLOCK_BYTES);
    const out = room.take(CHUNK_HEAD + 2 * mostBytes + 512 * blocks + CHUNK_TAIL);
    const piece = room.bytes().subarray(pieceAt, pieceAt + (1 + most) * rowBytes);
    piece.fill(0, 0, rowBytes);
    let sum = 1;
    const chunkOf = (count: number): Uint8Array => {
      const bytes = count * (1 + rowBytes);
      room.passes.filterRows(pieceAt, rowBytes, pixelBytes, count, filtered);
      piece.copyWithin(0, count * rowBytes, (1 + count) * rowBytes);
      sum = room.passes.adler32(sum, filtered, bytes);
      let length = CHUNK_HEAD;
      for (let at = 0; at < bytes; at += BLOCK_BYTES)
        length += room.passes.deflatePiece(
          filtered + at,
          Math.min(BLOCK_BYTES, bytes - at),
          spare,
          out + length,
        );
      return frame('IDAT', room.bytes().subarray(out, out + length + CHUNK_TAIL));
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
    const tail = new Uint8Array(LAST_BLOCK.length + 4);
    tail.set(LAST_BLOCK);
    new DataView(tail.buffer).setUint32(LAST_BLOCK.length, sum >>> 0);
    yield chunk('IDAT', tail);
  } finally {
    keepPasses(room);
  }
}

/** Two numbers of each symbol of the code. */
const SYMBOLS_ROOM = 8 * 258;
