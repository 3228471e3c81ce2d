// Writes a FITS file by rows, several HDUs, whole or not at all.
import { FitsError } from '../fits-error.js';
import { STRUCTURAL, type ImageSpec, type RowData } from './image-spec.js';
import { OutputFile } from './output-file.js';
import { compressedImageSink } from './write-compressed-image.js';
import { plainImageSink, type ImageSink, type ReadSamples } from './write-plain-image.js';

export interface FitsWriterOptions {
  /** Name of the file while it grows, on the same file system; default: the target's name, 8 hex digits, `.part`. */
  readonly temporaryPath?: string;
}

/** Samples that are read at once where they go out otherwise than as they are. */
const FILL_PIXELS = 1 << 18;

interface OpenImage {
  readonly sink: ImageSink;
  readonly pixels: number;
  readonly nx: number;
  written: number;
}

/**
 * `beginImage`, `writeRows` ..., `endImage` for each HDU (the first is the primary), then `commit`, or `abort` at any
 * time. Calls must not overlap. Every HDU gets CHECKSUM and DATASUM. The same calls give the same bytes.
 */
export class FitsWriter {
  #image: OpenImage | undefined;
  #offset = 0;
  /** Headers that wait for their cards. */
  readonly #headers: Promise<void>[] = [];
  #open = true;

  /** Use `createFitsWriter`. */
  constructor(private readonly out: OutputFile) {}

  /** Where the file grows: the caller registers it as a temporary. */
  get temporaryPath(): string {
    return this.out.temporaryPath;
  }

  /**
   * Begins an HDU. A compressed image is always an extension: as the first image it gets an empty primary before it.
   * Throws `fits_bad_image_spec` or `fits_bad_card`.
   */
  async beginImage(spec: ImageSpec): Promise<void> {
    this.#check(this.#open && !this.#image, 'beginImage');
    checkSpec(this.out.target, spec);
    const cards = (spec.cards ?? []).filter((card) => !STRUCTURAL.test(card.key.toUpperCase()));
    const { compression } = spec;
    if (compression && this.#offset === 0) {
      this.#offset = (await plainImageSink(this.out, 0, { bitpix: 8, shape: [] }, []).end()).end;
    }
    const sink = compression
      ? compressedImageSink(this.out, this.#offset, { ...spec, compression }, cards)
      : plainImageSink(this.out, this.#offset, spec, cards);
    const pixels = spec.shape.reduce((product, axis) => product * axis, 1);
    this.#image = {
      sink,
      pixels: spec.shape.length === 0 ? 0 : pixels,
      nx: spec.shape.at(-1) ?? 1,
      written: 0,
    };
  }

  /** One or more whole rows of physical values, rows in order, planes in order. `values` may be reused afterwards. */
  async writeRows(values: RowData): Promise<void> {
    const image = this.#image;
    this.#check(
      image !== undefined && values.length % image.nx === 0 && image.written + values.length <= image.pixels,
      'writeRows',
    );
    if (!image) return;
    await image.sink.push(values);
    image.written += values.length;
  }

  /** The same of float32 samples, of whole planes: `read` puts them where they go out from, some rows at a time and in order. */
  async fillRows(rows: number, read: ReadSamples): Promise<void> {
    const image = this.#image;
    const pixels = rows * (image?.nx ?? 0);
    this.#check(image !== undefined && image.written + pixels <= image.pixels, 'fillRows');
    if (!image) return;
    const { sink, nx } = image;
    if (sink.fill) {
      await sink.fill(nx, rows, read);
      image.written += pixels;
      return;
    }
    const most = Math.max(1, Math.min(rows, Math.floor(FILL_PIXELS / nx)));
    const block = new Float32Array(most * nx);
    for (let done = 0; done < rows; done += most) {
      const count = Math.min(most, rows - done);
      await read(done, count, block);
      await this.writeRows(block.subarray(0, count * nx));
    }
  }

  /** Ends the HDU; throws `fits_writer_misuse` when rows are missing. */
  async endImage(): Promise<void> {
    const image = this.#image;
    this.#check(image !== undefined && image.written === image.pixels, 'endImage');
    if (!image) return;
    const { end, header } = await image.sink.end();
    // whether it failed is asked by `whole`
    header?.catch(() => undefined);
    if (header) this.#headers.push(header);
    this.#offset = end;
    this.#image = undefined;
  }

  /** Resolves when headers that came late are written too. */
  async whole(): Promise<void> {
    await Promise.all(this.#headers);
  }

  /** Flushes to disk and puts the file in its place. On failure the temporary is removed. */
  async commit(): Promise<void> {
    this.#check(this.#open && !this.#image && this.#offset > 0, 'commit');
    this.#open = false;
    try {
      await this.whole();
      await this.out.commit();
    } catch (error) {
      await this.#discard();
      throw error;
    }
  }

  /** Removes what was written; does nothing after `commit` or `abort`. */
  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#discard();
  }

  /** Nothing is written to the file any more when it goes. */
  async #discard(): Promise<void> {
    await Promise.allSettled(this.#headers);
    await this.out.abort();
  }

  #check(allowed: boolean, step: string): void {
    if (!allowed) throw new FitsError('fits_writer_misuse', { file: this.out.target, step });
  }
}

/** Begins a file. Throws `fits_cannot_write`. */
export async function createFitsWriter(path: string, options: FitsWriterOptions = {}): Promise<FitsWriter> {
  return new FitsWriter(await OutputFile.create(path, options.temporaryPath));
}

function checkSpec(file: string, spec: ImageSpec): void {
  const { shape, bitpix, bscale = 1, bzero = 0, compression } = spec;
  const scaled = bscale !== 1 || bzero !== 0 || spec.blank !== undefined;
  const level = compression?.quantiseLevel ?? 1;
  const seed = compression?.ditherSeed ?? 1;
  const sane =
    shape.length <= 999 &&
    shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0) &&
    (!compression || (shape.length >= 1 && !shape.includes(0) && !spec.late)) &&
    (bitpix > 0 || !scaled) &&
    (spec.blankLimit === undefined || (bitpix === -32 && !compression)) &&
    Number.isFinite(bscale) &&
    bscale !== 0 &&
    Number.isFinite(bzero) &&
    (spec.blank === undefined || Number.isSafeInteger(spec.blank)) &&
    !(compression?.codec === 'RICE_1' && bitpix === -64) &&
    level > 0 &&
    Number.isInteger(seed) &&
    seed >= 1 &&
    seed <= 10000;
  if (!sane) {
    throw new FitsError('fits_bad_image_spec', {
      file,
      bitpix,
      shape: shape.join(' x '),
      codec: compression?.codec ?? '-',
    });
  }
}
