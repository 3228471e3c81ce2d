// What has become of a file since it was listed: a folder may be tidied, synchronised or unplugged while a run of hours reads it.
import { reasonOf } from '../fits/byte-source.js';
import { fileMark, type FileMark } from './file-mark.js';
import type { FrameReason } from './frame-reason.js';

/** Why the file is not the one that was listed any more; undefined where it is: there, of the same size, not written to since. */
export async function fileLoss({ path, bytes, modifiedMs }: FileMark): Promise<FrameReason | undefined> {
  let now: FileMark;
  try {
    now = await fileMark(path);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return { code: 'frames_reject_gone', params: {} };
    return { code: 'fits_cannot_open', params: { file: path, reason } };
  }
  if (now.bytes === bytes && now.modifiedMs === modifiedMs) return undefined;
  return { code: 'frames_reject_changed', params: {} };
}
