// A frame that could be read when it was measured and cannot any more: the run goes on without it, from its plan on.
import { CodedError } from '../../../errors.js';
import { FitsError } from '../../../fits/fits-error.js';
import type { FrameReason } from '../../../frames/frame-reason.js';

/** A frame cannot be used any more; code and values say why. */
export class LostFrameError extends CodedError {
  constructor(
    /** What was read: the frame, or the copy of it that is read in its place. */
    readonly path: string,
    { code, params }: FrameReason,
    options?: ErrorOptions,
  ) {
    super(code, params, options);
  }
}

/** What the system says of this process, not of the file. */
const NOT_OF_THE_FILE: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EBADF']);

/** The failure to read the frame at `path` as its loss; one that is not about the file as it is. */
export function asLoss(path: string, error: unknown): unknown {
  return isOfTheFile(error) ? new LostFrameError(path, error, { cause: error }) : error;
}

const isOfTheFile = (error: unknown): error is FitsError =>
  error instanceof FitsError &&
  error.code !== 'fits_cannot_write' &&
  !NOT_OF_THE_FILE.has(error.params.reason);

/** What a place on the network that has lost its connection gets before it is asked again. */
const PAUSE_MS = 500;

/**
 * What `read` gives of the frame at `path`. It is asked twice, with a pause: a handle on the network that has gone stale, or a connection that is made anew,
 * costs no frame.
 * @throws LostFrameError; what `read` throws that is not about the file.
 */
export async function readOfFrame<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isOfTheFile(error)) throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  try {
    return await read();
  } catch (error) {
    throw asLoss(path, error);
  }
}
