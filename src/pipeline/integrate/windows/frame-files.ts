// Frames opened for reading windows, a bounded number at a time, so that ten thousand frames need few descriptors.
import { DiskPatience } from '../../../fits/disk-patience.js';
import { FitsError } from '../../../fits/fits-error.js';
import type { PixelFile, PixelHdu } from '../../../fits/hdu.js';
import { openFits, outlineOf, reopenFits, type FitsOutline } from '../../../fits/open-fits.js';
import { ReadBuffers, type ReadMemory } from '../../../fits/read/read-buffers.js';
import { bytesMoved, readRowsNow } from '../../../fits/read/read-rows-now.js';
import type { WindowRect } from './frame-window.js';

/** Files kept open at once; far below any system's limit (256 on macOS). */
const MAX_OPEN = 48;

/** Decoded tiles that each of them may keep: all together well within the memory that a run has beside its cells. */
const TILE_CACHE_BYTES = 2 * 2 ** 20;

/** What is read at once moves no more bytes than this: copying them takes as long as the way through the thread pool and back, 0.3 ms. */
const QUICK_BYTES = 2 ** 20;

interface Entry {
  readonly file: Promise<PixelFile>;
  users: number;
  /** Set aside after a failure: closed when its last user is done. */
  failed: boolean;
}

/** Opens a file, with what was found in it before where it was open before. */
export type OpenFile = (path: string, outline?: FitsOutline) => Promise<PixelFile>;

const openPixels: OpenFile = async (path, outline) => {
  const options = { tileCacheBytes: TILE_CACHE_BYTES };
  const known = outline && (await reopenFits(path, outline, options));
  return known ?? openFits(path, options);
};

/** Opens files by path and keeps the latest `MAX_OPEN` of them; a file is never closed while a `use` of it runs. */
export class FrameFiles {
  /** Memory for windows of these files, for those who can give it back. */
  readonly buffers = new ReadBuffers();
  private readonly open = new Map<string, Entry>();
  private closed = false;

  /** Of the files that were open: thousands take turns in a deep cell, and their headers took longer to read than their windows. */
  private readonly outlines = new Map<string, FitsOutline>();

  /** Once it is out the thread pool waits for the disk, ahead and for several windows at a time. */
  private readonly patience = new DiskPatience();

  constructor(private readonly openFile: OpenFile = openPixels) {}

  /** What is known of the image, where a window of it is to be read at once, by `rowsNow`. */
  quickHdu(path: string, hdu: number, rect: WindowRect): PixelHdu | undefined {
    const image = this.patience.isOut ? undefined : this.outlines.get(path)?.hdus[hdu];
    return image?.kind === 'image' && bytesMoved(image, rect) <= QUICK_BYTES ? image : undefined;
  }

  /**
   * The stored bytes of a small window, read by this thread while others work; undefined where the file was not open before, or is of another length now. Throws as `use`
   * rejects.
   */
  rowsNow(
    path: string,
    hdu: number,
    rect: WindowRect,
    memory: ReadMemory = this.buffers,
  ): Uint8Array | undefined {
    const outline = this.outlines.get(path);
    if (this.closed || !outline) return undefined;
    try {
      return this.patience.now(() =>
        readRowsNow(path, outline, outline.hdus[hdu], rect, memory, this.buffers),
      );
    } catch (error) {
      this.outlines.delete(path);
      throw error;
    }
  }

  /** Runs `action` on the opened file; concurrent uses share it. Rejects after `close`: nobody would close what was opened. */
  async use<T>(path: string, action: (file: PixelFile) => Promise<T>): Promise<T> {
    if (this.closed) throw new FitsError('fits_cannot_open', { file: path, reason: 'EBADF' });
    this.patience.rested();
    let entry = this.open.get(path);
    if (entry) this.open.delete(path);
    else entry = { file: this.openAgain(path), users: 0, failed: false };
    this.open.set(path, entry);
    entry.users++;
    try {
      return await action(await entry.file);
    } catch (error) {
      this.outlines.delete(path);
      // A file that failed is opened anew by the next use rather than remembered as broken.
      if (this.open.get(path) === entry) this.open.delete(path);
      entry.failed = true;
      throw error;
    } finally {
      entry.users--;
      if (entry.failed && entry.users === 0) await closeEntry(entry);
      await this.trim();
    }
  }

  /** Reads still under way, ahead of work that was given up, fail or end by themselves. */
  async close(): Promise<void> {
    this.closed = true;
    const entries = [...this.open.values()];
    this.open.clear();
    await Promise.all(entries.map(closeEntry));
  }

  private async openAgain(path: string): Promise<PixelFile> {
    const outline = this.outlines.get(path);
    const file = await this.openFile(path, outline);
    if (file.hdus !== outline?.hdus) this.outlines.set(path, outlineOf(file));
    return file;
  }

  private async trim(): Promise<void> {
    for (const [path, entry] of this.open) {
      if (this.open.size <= MAX_OPEN) return;
      if (entry.users > 0) continue;
      this.open.delete(path);
      await closeEntry(entry);
    }
  }
}

/** Closes what was opened; that it could not be opened its users have heard. */
async function closeEntry({ file }: Entry): Promise<void> {
  const opened = await file.catch(() => undefined);
  await opened?.close();
}
