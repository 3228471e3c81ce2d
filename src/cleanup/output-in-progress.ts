// An output appears whole or not at all: it is written under a temporary name beside its place and renamed at the end.
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from './journal.js';

/** An output that is being written. */
export class OutputInProgress {
  constructor(
    /** Where to write: an empty file that exists. */
    readonly path: string,
    /** Where the output will stand. */
    readonly finalPath: string,
    private readonly onCommitted: (output: OutputInProgress) => Promise<void>,
  ) {}

  /** Makes the content durable and gives it its name; an earlier file of that name is replaced. */
  async commit(): Promise<void> {
    const handle = await open(this.path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(this.path, this.finalPath);
    await syncDirectory(path.dirname(this.finalPath));
    await this.onCommitted(this);
  }
}
