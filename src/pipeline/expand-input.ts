// An input that is compressed as a whole gets an expanded copy among the run's temporary files: its pixels are read by windows.
import path from 'node:path';
import { orDiskFull } from '../cleanup/disk-space.js';
import type { Workspace } from '../cleanup/workspace.js';
import { decompressFile } from '../fits/decompress-file.js';
import type { FrameRecord } from '../frames/frame-record.js';
import { expandedInputBytes } from './planning/mosaic-plan.js';
import type { StageLedger } from './stage-ledger.js';

/** An expanded frame larger than this is a decompression bomb. */
const MAX_EXPANDED_BYTES = 4 * 2 ** 30;
/** Characters of a frame's name that the name of its copy repeats: 4 bytes each at most, of the 255 that file systems take. */
const NAME_LENGTH = 48;

/**
 * The file whose windows are read: the frame's own, or its expanded copy; `tag` tells copies of equal names apart.
 * @throws FitsError as `decompressFile`; DiskSpaceError `cleanup_disk_full`
 */
export async function readablePath(
  workspace: Workspace,
  ledger: StageLedger,
  record: FrameRecord,
  tag: string | number,
): Promise<string> {
  if (!record.wholeFileCompression) return record.path;
  const copy = await reserveCopy(workspace, record, tag);
  await ledger.time('decompress', 'host', async () => {
    const { bytes } = await decompressFile(record.path, copy, { maxBytes: MAX_EXPANDED_BYTES }).catch(
      async (error: unknown) => {
        throw await orDiskFull(error, copy, expandedInputBytes([record]));
      },
    );
    return { result: undefined, bytes };
  });
  return copy;
}

/** Where a copy of an input may be written; `tag` tells copies of equal names apart. */
export async function reserveCopy(
  workspace: Workspace,
  record: FrameRecord,
  tag: string | number,
): Promise<string> {
  const stem = path.basename(record.path).replace(/\.[^.]*$/, '');
  return workspace.reserveFile('decompressed_input', `zemosaic_input_${tag}_${stem.slice(0, NAME_LENGTH)}`, {
    dir: await workspace.mosaicFirstDir(),
  });
}
