// Arrays larger than memory: a little-endian `.dat` read and written by position into buffers of the caller, shared
// ones included. Measured as fast as a mapped file for windows, and a full disk is an error instead of a signal.
import fs from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { sidecarPathOf } from './artifact-kinds.js';
import { isDiskFull } from '../errors.js';
import { diskSpaceError, freeBytesOfFull } from './disk-space.js';
import {
  DTYPE_ARRAYS,
  MemmapError,
  parseSidecar,
  type MemmapArray,
  type MemmapSidecar,
} from './memmap-spec.js';

/** A window of a plane: rows `y0 .. y0+height-1`, columns `x0 .. x0+width-1`, 0-based. */
export interface MemmapRegion {
  /** 0 when omitted. */
  readonly plane?: number;
  readonly y0: number;
  readonly x0: number;
  readonly height: number;
  readonly width: number;
}

/** Largest single call: below the 2 GiB limit of the system calls, small enough to let signals and timers in between. */
const CALL_BYTES = 8 * 1024 * 1024;

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** An open `.dat`. Any number of processes may have it open; writers must keep to disjoint windows. */
export class Memmap {
  readonly ny: number;
  readonly nx: number;
  readonly planes: number;
  readonly #bytesPerElement: number;
  /** Bytes since the event loop last ran. */
  #batch = 0;

  private constructor(
    readonly path: string,
    readonly sidecar: MemmapSidecar,
    private readonly handle: FileHandle,
  ) {
    const [nx, ny, planes = 1] = [...sidecar.shape].reverse();
    [this.ny, this.nx, this.planes] = [ny, nx, planes];
    this.#bytesPerElement = DTYPE_ARRAYS[sidecar.dtype].BYTES_PER_ELEMENT;
  }

  /**
   * Opens the `.dat` at `datPath` by its sidecar. Throws `MemmapError` when the sidecar is unusable or the file is
   * not as long as its shape, and the system's error when either is missing.
   */
  static async open(datPath: string, mode: 'r' | 'r+' = 'r'): Promise<Memmap> {
    const sidecarPath = sidecarPathOf(datPath);
    const sidecar = parseSidecar(await readFile(sidecarPath, 'utf8'), sidecarPath);
    if (sidecar.data !== path.basename(datPath)) {
      throw new MemmapError('cleanup_memmap_sidecar_invalid', { path: sidecarPath, field: 'data' });
    }
    const handle = await open(datPath, mode);
    const memmap = new Memmap(datPath, sidecar, handle);
    const actualBytes = (await handle.stat()).size;
    if (actualBytes !== memmap.bytes) {
      await handle.close();
      throw new MemmapError('cleanup_memmap_size', {
        path: datPath,
        expectedBytes: memmap.bytes,
        actualBytes,
      });
    }
    return memmap;
  }

  /** Size of the file. */
  get bytes(): number {
    return this.planes * this.ny * this.nx * this.#bytesPerElement;
  }

  /** Bytes that the disk does not hold yet (the file is sparse until it is written). */
  async promisedBytes(): Promise<number> {
    const stats = await this.handle.stat();
    return Math.max(0, this.bytes - stats.blocks * 512);
  }

  /**
   * Reads a window, row-major `[height, width]`, into `into` (or a new array of the file's dtype). Elements never
   * written are 0. Throws `MemmapError` when the window or the array does not fit.
   */
  async readRegion<T extends MemmapArray = Float32Array>(region: MemmapRegion, into?: T): Promise<T> {
    const target = into ?? (new DTYPE_ARRAYS[this.sidecar.dtype](region.height * region.width) as T);
    const bytes = this.#check(region, target);
    await this.#eachRun(region, (position, start, length) => {
      for (let done = 0; done < length;) {
        const count = fs.readSync(this.handle.fd, bytes, start + done, length - done, position + done);
        if (count === 0) throw this.#truncated(position + done);
        done += count;
      }
    });
    if (!HOST_IS_LITTLE_ENDIAN) swapBytes(bytes.subarray(0, this.#sizeOf(region)), this.#bytesPerElement);
    return target;
  }

  /**
   * Writes the first `height * width` elements of `data`, row-major, to a window. Throws `MemmapError` when window
   * or array does not fit, `DiskSpaceError` when the disk fills.
   */
  async writeRegion(region: MemmapRegion, data: MemmapArray): Promise<void> {
    let bytes = this.#check(region, data);
    if (!HOST_IS_LITTLE_ENDIAN) {
      bytes = bytes.slice(0, this.#sizeOf(region));
      swapBytes(bytes, this.#bytesPerElement);
    }
    try {
      await this.#eachRun(region, (position, start, length) => {
        for (let done = 0; done < length;) {
          done += fs.writeSync(this.handle.fd, bytes, start + done, length - done, position + done);
        }
      });
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      const dir = path.dirname(this.path);
      // room for this window alone would bring the run to the next one
      const missing = Math.max(this.#sizeOf(region), await this.promisedBytes());
      throw diskSpaceError(dir, missing, await freeBytesOfFull(dir), error);
    }
  }

  /** Waits until what was written is on the disk. */
  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** Calls `transfer` for each contiguous piece of the window; lets the event loop run between bounded batches. */
  async #eachRun(
    region: MemmapRegion,
    transfer: (position: number, start: number, length: number) => void,
  ): Promise<void> {
    const whole = region.width === this.nx;
    const rows = whole ? 1 : region.height;
    const runBytes = (whole ? region.height * region.width : region.width) * this.#bytesPerElement;
    const first = ((region.plane ?? 0) * this.ny + region.y0) * this.nx + region.x0;
    for (let row = 0; row < rows; row++) {
      const position = (first + row * this.nx) * this.#bytesPerElement;
      for (let done = 0; done < runBytes; done += CALL_BYTES) {
        const length = Math.min(CALL_BYTES, runBytes - done);
        transfer(position + done, row * runBytes + done, length);
        this.#batch += length;
        if (this.#batch >= CALL_BYTES) {
          this.#batch = 0;
          await new Promise(setImmediate);
        }
      }
    }
  }

  #sizeOf(region: MemmapRegion): number {
    return region.height * region.width * this.#bytesPerElement;
  }

  #check(region: MemmapRegion, data: MemmapArray): Uint8Array {
    const { plane = 0, y0, x0, height, width } = region;
    const inside =
      [plane, y0, x0, height, width].every((n) => Number.isInteger(n) && n >= 0) &&
      plane < this.planes &&
      y0 + height <= this.ny &&
      x0 + width <= this.nx;
    const fits = data instanceof DTYPE_ARRAYS[this.sidecar.dtype] && data.length >= height * width;
    if (!inside || !fits) {
      throw new MemmapError('cleanup_memmap_region', {
        path: this.path,
        region: `[${plane}, ${y0}+${height}, ${x0}+${width}] ${data.constructor.name}(${data.length})`,
        shape: `${this.sidecar.dtype} [${this.sidecar.shape.join(', ')}]`,
      });
    }
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }

  #truncated(actualBytes: number): MemmapError {
    return new MemmapError('cleanup_memmap_size', {
      path: this.path,
      expectedBytes: this.bytes,
      actualBytes,
    });
  }
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
