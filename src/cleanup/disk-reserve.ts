// Room for the last words of a run whose disk is full: journal, events and report are written when what took the room may have to stay for a resume.
import { randomBytes, randomFillSync } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** A report of some thousand frames, and all else. */
const RESERVE_BYTES = 2 ** 20;
/** Memory that it is made in. */
const PIECE_BYTES = 2 ** 16;

export class DiskReserve {
  private constructor(private handle: FileHandle | undefined) {}

  /** Takes the room on the disk of `dir`: a file without a name, which goes with the process. @throws the system's error, ENOSPC among them */
  static async take(dir: string): Promise<DiskReserve> {
    const file = path.join(dir, `.zemosaic-reserve-${randomBytes(6).toString('hex')}`);
    const handle = await open(file, 'wx', 0o600);
    const reserve = new DiskReserve(handle);
    try {
      await unlink(file);
      // Random, since some file systems give no room to what compresses to nothing.
      const bytes = Buffer.allocUnsafe(PIECE_BYTES);
      for (let written = 0; written < RESERVE_BYTES; written += PIECE_BYTES)
        await handle.appendFile(randomFillSync(bytes));
      await handle.datasync();
    } catch (error) {
      await reserve.release();
      throw error;
    }
    return reserve;
  }

  /** Gives the room back; once is enough. */
  async release(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }
}
