// A plain image going out row by row.
import { FitsError } from '../fits-error.js';
import type { CardInput } from './format-card.js';
import { scalingCards, type ImageSpec, type RowData } from './image-spec.js';
import { bigEndianBytes, storePixels, STORED_ARRAYS } from './store-pixels.js';
import type { OutputFile } from './output-file.js';
import { SummedStream } from './summed-stream.js';
import { headerBytes } from './write-header.js';

/** An image being written: rows in order, then `end`. */
export interface ImageSink {
  push(values: RowData): Promise<void>;
  /** Has `read` put further rows of `nx` float32 samples where they go out from, `count` of those from number `from` on at a time; there is none where samples are stored otherwise. */
  readonly fill?: (nx: number, rows: number, read: ReadSamples) => Promise<void>;
  /** Finishes the HDU but for what comes late. */
  end(): Promise<EndedImage>;
}

/** Fills `out` with `count` rows, the first of which is number `from`. */
export type ReadSamples = (from: number, count: number, out: Float32Array) => Promise<void>;

export interface EndedImage {
  /** Where the next HDU begins. */
  readonly end: number;
  /** The header, where it waits for its cards: resolves when it is written. */
  readonly header?: Promise<void>;
}

const BLANK_CARD: CardInput = { key: '' };

export function plainImageSink(
  out: OutputFile,
  start: number,
  spec: ImageSpec,
  cards: readonly CardInput[],
): ImageSink {
  const axes = [...spec.shape].reverse();
  const all: CardInput[] = [
    start === 0
      ? { key: 'SIMPLE', value: true, comment: 'conforms to FITS 4.0' }
      : { key: 'XTENSION', value: 'IMAGE', comment: 'image extension' },
    { key: 'BITPIX', value: spec.bitpix, comment: 'stored pixel type' },
    { key: 'NAXIS', value: axes.length },
    ...axes.map((value, i) => ({ key: `NAXIS${i + 1}`, value })),
    ...(start === 0
      ? [{ key: 'EXTEND', value: true }]
      : [
          { key: 'PCOUNT', value: 0 },
          { key: 'GCOUNT', value: 1 },
        ]),
    ...(spec.name === undefined ? [] : [{ key: 'EXTNAME', value: spec.name }]),
    ...scalingCards(spec),
    ...cards,
  ];
  const { late } = spec;
  // The length of a header does not depend on its sums.
  const room = new Array<CardInput>(late?.most ?? 0).fill(BLANK_CARD);
  const headerLength = headerBytes([...all, ...room], 0).length;
  const stream = new SummedStream(out, start + headerLength);
  const Stored = STORED_ARRAYS[spec.bitpix];
  const push = async (values: RowData) => {
    for (let at = 0; at < values.length;) {
      const room = stream.room();
      const count = Math.min(room.length / Stored.BYTES_PER_ELEMENT, values.length - at);
      const stored = new Stored(room.buffer, room.byteOffset, count);
      storePixels(values, at, spec, stored);
      if (Stored.BYTES_PER_ELEMENT === 4) await stream.advanceWords(count, spec.blankLimit);
      else await stream.advance(bigEndianBytes(stored).byteLength);
      at += count;
    }
  };
  const fill = async (nx: number, rows: number, read: ReadSamples) => {
    for (let done = 0; done < rows;) {
      const room = await stream.roomFor(4 * nx);
      if (!room) {
        const row = new Float32Array(nx);
        await read(done++, 1, row);
        await push(row);
        continue;
      }
      const count = Math.min(rows - done, Math.floor(room.length / (4 * nx)));
      await read(done, count, new Float32Array(room.buffer, room.byteOffset, count * nx));
      await stream.advanceWords(count * nx, spec.blankLimit);
      done += count;
    }
  };
  return {
    push,
    fill: spec.bitpix === -32 ? fill : undefined,
    async end() {
      const { sum, bytes } = await stream.end();
      const write = async (more: readonly CardInput[]) => {
        const header = headerBytes([...all, ...more], sum, headerLength);
        // the pixels stand there already
        if (header.length > headerLength)
          throw new FitsError('fits_writer_misuse', { file: out.target, step: 'late cards' });
        await out.write(header, start);
      };
      const end = start + headerLength + bytes;
      if (late) return { end, header: late.cards.then(write) };
      await write([]);
      return { end };
    },
  };
}
