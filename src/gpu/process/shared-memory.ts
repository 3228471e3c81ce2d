// Memory that the process of a run and that of its device both reach: a file of the machine's memory that has no name, so that nothing of it is left
// when both are gone, however they end. Samples and results are copied into it and out of it once each; a socket takes several copies.
import fs from 'node:fs';
import { promisify } from 'node:util';
import { SharedRegions, type Region } from './shared-regions.js';

const DIRECTORY = '/dev/shm';
/** Linux's O_TMPFILE, less the O_DIRECTORY that it contains: Node does not name it. */
const NAMELESS = 0o20000000;
/** Most that both ever put there; what does not fit goes over the socket. */
const MOST_BYTES = 2 ** 28;

type Bytes = Uint8Array<ArrayBuffer>;

const readAsync = promisify(fs.read);
const writeAsync = promisify(fs.write);

/** The side of the run, which says where things lie. */
export class SharedMemory {
  private readonly regions = new SharedRegions(MOST_BYTES);
  private readonly reading = new Set<Promise<unknown>>();

  /** Takes a file over; see `open`. */
  constructor(readonly fd: number) {}

  /** Undefined where the system has no such file: not Linux, or no /dev/shm. */
  static open(): SharedMemory | undefined {
    if (process.platform !== 'linux') return undefined;
    const { O_RDWR, O_DIRECTORY } = fs.constants;
    try {
      return new SharedMemory(fs.openSync(DIRECTORY, O_RDWR | O_DIRECTORY | NAMELESS, 0o600));
    } catch {
      return undefined;
    }
  }

  /** Room for so many bytes, until it is given back; undefined where there is none. */
  take(bytes: number): Region | undefined {
    return this.regions.take(bytes);
  }

  give(region: Region | undefined): void {
    if (region) this.regions.give(region);
  }

  /** Puts parts there one after the other, at once; undefined where there is no room. */
  put(parts: readonly Uint8Array[]): Region | undefined {
    const region = this.take(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    if (!region) return undefined;
    try {
      let { at } = region;
      for (const part of parts)
        for (let done = 0; done < part.byteLength;) {
          const written = fs.writeSync(this.fd, part, done, part.byteLength - done, at);
          done += written;
          at += written;
        }
      return region;
    } catch {
      // containers may have few MB of it, and will not have more later: what lies before has been written to
      this.regions.endAt(region.at);
      this.give(region);
      return undefined;
    }
  }

  /** Fills `into` with what stands in a region. */
  read({ at }: Region, into: Bytes): Promise<void> {
    const read = readWhole(this.fd, at, into);
    this.reading.add(read);
    const forget = () => this.reading.delete(read);
    read.then(forget, forget);
    return read;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.reading);
    fs.closeSync(this.fd);
  }
}

async function readWhole(fd: number, at: number, into: Bytes): Promise<void> {
  for (let done = 0; done < into.byteLength;) {
    const { bytesRead } = await readAsync(fd, into, done, into.byteLength - done, at + done);
    if (bytesRead === 0) throw new RangeError(`shared memory ends at ${at + done}`);
    done += bytesRead;
  }
}

/** The side of the device: what stands in a region, in memory that the next call overwrites. */
export class SharedUploads {
  private room = new Uint8Array(0);

  constructor(private readonly fd: number) {}

  read({ at, bytes }: Region): Uint8Array {
    if (this.room.byteLength < bytes) this.room = new Uint8Array(bytes);
    for (let done = 0; done < bytes;) done += fs.readSync(this.fd, this.room, done, bytes - done, at + done);
    return this.room.subarray(0, bytes);
  }
}

/** Puts parts into a region one after the other; false where the system has no room after all. */
export async function writeShared(
  fd: number,
  { at }: Region,
  parts: readonly Uint8Array[],
): Promise<boolean> {
  try {
    for (const part of parts) {
      for (let done = 0; done < part.byteLength;)
        done += (await writeAsync(fd, part, done, part.byteLength - done, at + done)).bytesWritten;
      at += part.byteLength;
    }
    return true;
  } catch {
    return false;
  }
}
