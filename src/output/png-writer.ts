// PNG by rows: an image of any size is compressed while it is made, with zlib's own code and constant memory.
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, crc32, createDeflate } from 'node:zlib';
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
/**
 * Differences of noise repeat nothing but the same byte: a search for longer matches at level 4 takes 2.5 times as long
 * and makes a 4 Mpx preview 11 % larger, because what it finds spoils the code of the single bytes.
 */
const DEFLATE = { strategy: constants.Z_RLE, chunkSize: 1 << 18 };
/** Compressed bytes of a chunk; the last has what is left. */
const IDAT_BYTES = 1 << 18;

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
  const write = async (file: FileHandle): Promise<void> => {
    const out = new TurnWriter(file, options.turn);
    await out.write(SIGNATURE);
    await out.write(chunk('IHDR', ihdr(image)));
    for (const [keyword, text] of Object.entries(image.text ?? {})) {
      await out.write(chunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1')));
    }
    await pipeline(
      filteredRows(rows, image),
      createDeflate(DEFLATE),
      async (compressed: AsyncIterable<Buffer>) => {
        for await (const bytes of inPieces(compressed, IDAT_BYTES)) await out.write(chunk('IDAT', bytes));
      },
    );
    await out.write(chunk('IEND', new Uint8Array(0)));
    await out.end();
  };
  await writeAtomically(path, write, options);
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

/** The same bytes in pieces of `length`, the last one shorter: a stream joins what has come while nobody read, so its own pieces depend on the moment. */
async function* inPieces(stream: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const bytes of stream) {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (; held.length >= length; held = held.subarray(length)) yield held.subarray(0, length);
  }
  if (held.length > 0) yield held;
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

/** Bytes of samples that are filtered at once. */
const PIECE_BYTES = 1 << 18;

/** Each row as the difference to the row above, several rows a piece. */
async function* filteredRows(
  rows: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { width, channels, depth }: PngImage,
): AsyncGenerator<Uint8Array> {
  const rowBytes = (width * channels * depth) / 8;
  const most = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
  // the row above the piece, then its own
  const piece = new Uint8Array((1 + most) * rowBytes);
  const filter = (count: number): Uint8Array => {
    const room = sharedPasses();
    const above = room.take((1 + count) * rowBytes);
    const filtered = room.take(count * (1 + rowBytes));
    room.bytes().set(piece.subarray(0, (1 + count) * rowBytes), above);
    room.passes.filterUp(above, rowBytes, count, filtered);
    piece.copyWithin(0, count * rowBytes, (1 + count) * rowBytes);
    // a copy: zlib may still hold it when the next is made
    return room.bytes().slice(filtered, filtered + count * (1 + rowBytes));
  };
  let held = 0;
  for await (const row of rows) {
    piece.set(row, ++held * rowBytes);
    if (held < most) continue;
    yield filter(held);
    held = 0;
  }
  if (held > 0) yield filter(held);
}
