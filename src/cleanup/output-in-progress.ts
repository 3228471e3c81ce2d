// An output appears whole or not at all: its writer makes it under a temporary name beside its place, flushes and renames
// it; here that name is known to the journal from before it exists until the output stands.
import { orDiskFull } from './disk-space.js';

/** An output that is about to be written. */
export class OutputInProgress {
  constructor(
    /** Where the writer makes it: a name that is free. */
    readonly temporaryPath: string,
    /** Where the output will stand. */
    readonly finalPath: string,
    private readonly onCommitted: () => Promise<void>,
    private readonly onHandedOver: () => Promise<void>,
  ) {}

  /**
   * Lets `write` make it under its temporary name and bring it to its place. `neededBytes`: what the disk must take for the run to go on from here.
   * @throws DiskSpaceError `cleanup_disk_full` where the disk fills; whatever else `write` throws passes unchanged.
   */
  async written<T>(neededBytes: number, write: (temporaryPath: string) => Promise<T>): Promise<T> {
    try {
      return await write(this.temporaryPath);
    } catch (error) {
      throw await orDiskFull(error, this.finalPath, neededBytes);
    }
  }

  /** The writer has renamed its file to `finalPath`: it is a final output from now on. */
  committed(): Promise<void> {
    return this.onCommitted();
  }

  /** The writer has renamed its file to `finalPath`, which is an artefact that the journal knows: the temporary name is free again. */
  handedOver(): Promise<void> {
    return this.onHandedOver();
  }
}
