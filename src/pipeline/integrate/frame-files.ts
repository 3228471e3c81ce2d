// Frames opened for reading windows, a bounded number at a time, so that ten thousand frames need few descriptors.
import type { FitsFile } from '../../fits/hdu.js';
import { openFits } from '../../fits/open-fits.js';

/** Files kept open at once; far below any system's limit (256 on macOS). */
const MAX_OPEN = 48;

/** Opens files by path and keeps the latest `MAX_OPEN` of them; a file is never closed while a `use` of it runs. */
export class FrameFiles {
  private readonly open = new Map<string, { file: Promise<FitsFile>; users: number }>();

  /** Runs `action` on the opened file; concurrent uses share it. */
  async use<T>(path: string, action: (file: FitsFile) => Promise<T>): Promise<T> {
    let entry = this.open.get(path);
    if (entry) this.open.delete(path);
    else entry = { file: openFits(path), users: 0 };
    this.open.set(path, entry);
    entry.users++;
    try {
      return await action(await entry.file);
    } catch (error) {
      // A file that failed is opened anew by the next use rather than remembered as broken.
      if (this.open.get(path) === entry) this.open.delete(path);
      throw error;
    } finally {
      entry.users--;
      await this.trim();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.open.values()];
    this.open.clear();
    await Promise.all(entries.map(async ({ file }) => (await file).close()));
  }

  private async trim(): Promise<void> {
    for (const [path, entry] of this.open) {
      if (this.open.size <= MAX_OPEN) return;
      if (entry.users > 0) continue;
      this.open.delete(path);
      await (await entry.file).close();
    }
  }
}
